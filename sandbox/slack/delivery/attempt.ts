import type { App } from '../model.ts';
import type { Delivery } from './envelope.ts';

/** One try to bring an event to an app. `retry` is absent on the first. */
export interface Attempt {
  readonly delivery: Delivery;
  readonly retry: { readonly number: number; readonly reason: string } | undefined;
}

/** What somebody did besides writing, for an app that may answer at once. It is told once. */
export interface Interaction {
  readonly app: App;
  /** `slash_commands` are forms of their own, all else is JSON. */
  readonly type: 'interactive' | 'slash_commands';
  readonly payload: Readonly<Record<string, unknown>>;
}

/** `answer`: what the app acknowledged with. `reason`: Slack's word for why it tries again. `noRetry`: the app asked for no more tries. */
export type Outcome =
  | { readonly ok: true; readonly answer?: unknown }
  | { readonly ok: false; readonly reason: string; readonly noRetry: boolean };
