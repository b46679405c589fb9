import type { z } from 'zod';

import type { Deliveries } from '../delivery/deliveries.ts';
import type { HttpTransport } from '../delivery/http.ts';
import type { Sockets } from '../delivery/sockets.ts';
import type { Faults } from '../faults.ts';
import type { Interact } from '../interactivity/interactions.ts';
import type { Log } from '../log.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';

/** What the control API works on. */
export interface ControlParts {
  readonly world: World;
  readonly log: Log;
  readonly faults: Faults;
  readonly settings: Settings;
  readonly sockets: Sockets;
  readonly deliveries: Deliveries;
  readonly limits: RateLimits;
  readonly http: HttpTransport;
  /** Tells an app what somebody did. */
  readonly interact: Interact;
}

/** A wrong request to the control API; the message says what to do. */
export class ControlError extends Error {}

/** One entry of the control API: what it takes, checked, and what it does. */
export interface Action<Schema extends z.ZodType, Result> {
  readonly input: Schema;
  readonly run: (parts: ControlParts, input: z.output<Schema>) => Result;
}

export function action<Schema extends z.ZodType, Result>(
  input: Schema,
  run: Action<Schema, Result>['run'],
): Action<Schema, Result> {
  return { input, run };
}
