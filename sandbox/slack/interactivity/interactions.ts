import type { Interaction, Outcome } from '../delivery/attempt.ts';
import type { Log } from '../log.ts';
import type { App } from '../model.ts';
import type { World } from '../world.ts';

/** What came of something that somebody did: whether the app acknowledged it in time, and with what. */
export interface Answered {
  readonly acknowledged: boolean;
  /** What the app acknowledged with; absent: nothing. */
  readonly answer?: unknown;
  /** Why it wasn't: `timeout`, `no_connection`, `http_error`, … */
  readonly reason?: string;
  /** How long that took. */
  readonly ms: number;
}

/** Takes what people do to the app that it is for, over its transport: once, and not again. */
export type Interact = (interaction: Interaction) => Promise<Answered>;

export function createInteract(
  { world, log }: { readonly world: World; readonly log: Log },
  transports: Readonly<Record<Exclude<App['transport'], 'none'>, (told: Interaction) => Promise<Outcome>>>,
): Interact {
  return async (interaction) => {
    const { app, payload } = interaction;
    const from = world.clock.now();
    const outcome = await tell(interaction);
    const ms = world.clock.now() - from;
    const name = String(payload['type'] ?? payload['command']);
    const { transport } = app;
    const answer = outcome.ok ? outcome.answer : undefined;
    const result = outcome.ok ? 'ok' : outcome.reason;
    log.add('interaction', name, result, { app: app.id, transport, ms, body: payload, answer });
    return outcome.ok
      ? { acknowledged: true, ms, ...(answer !== undefined && { answer }) }
      : { acknowledged: false, ms, reason: outcome.reason };
  };

  function tell(interaction: Interaction): Promise<Outcome> {
    const { transport } = interaction.app;
    if (transport === 'none') return Promise.resolve({ ok: false, reason: 'no_connection', noRetry: true });
    return transports[transport](interaction);
  }
}
