import { z } from 'zod';
import type { SlackSandbox } from '../../../sandbox/slack/server.ts';

/** How Slack delivered what people wrote there. */
export interface Deliveries {
  /**
   * The messages, by channel and ts with a space between, that Slack held back, or that the bridge didn't acknowledge when
   * Slack told them first, but at a later try or never: its order on the other side isn't theirs.
   */
  late(): ReadonlySet<string>;
  stop(): void;
}

const written = z.object({
  event: z.object({ type: z.literal('message'), channel: z.string(), ts: z.string() }),
});

/** Listens from now on: the sandbox's own log keeps only the youngest entries. */
export function followDeliveries({ onLog }: Pick<SlackSandbox, 'onLog'>): Deliveries {
  /** Ids of events that a fault of Slack's drops, delays or sends in another order. */
  const heldBack = new Set<unknown>();
  const first = new Set<string>();
  const failed = new Set<string>();
  const stop = onLog(({ kind, name, outcome, details }) => {
    const { eventId, subtype, body, retry } = details;
    if (kind === 'fault' && outcome !== 'duplicate') heldBack.add(eventId);
    if (kind !== 'event' || name !== 'message' || subtype !== undefined) return;
    const message = messageIn(body);
    if (message === undefined) return;
    if (outcome === 'ok' && retry === undefined && !heldBack.has(eventId)) first.add(message);
    else failed.add(message);
  });
  return { late: () => new Set([...failed].filter((message) => !first.has(message))), stop };
}

function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'string') return undefined;
  const { data } = written.safeParse(JSON.parse(body));
  return data && `${data.event.channel} ${data.event.ts}`;
}
