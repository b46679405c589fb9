import { z } from 'zod';
import type { SlackSandbox } from '../../../sandbox/slack/server.ts';

/** How Slack delivered what people wrote there. */
export interface Deliveries {
  /**
   * The messages, by channel and ts with a space between, that the bridge acknowledged when Slack told them first. What Slack
   * dropped or held back, or what the bridge acknowledged at a later try or never, has no place in the order.
   */
  inTime(): ReadonlySet<string>;
  stop(): void;
}

const written = z.object({
  event: z.object({ type: z.literal('message'), channel: z.string(), ts: z.string() }),
});

/**
 * Listens from now on: the sandbox's own log keeps only the youngest entries.
 *
 * @param within an acknowledgement that takes longer, in milliseconds, is none: where one of several processes stands still
 *   while Slack tells the others of younger messages, nobody can know of the older one.
 */
export function followDeliveries(
  { onLog }: Pick<SlackSandbox, 'onLog'>,
  within: number = Infinity,
): Deliveries {
  /** Ids of events that a fault of Slack's drops, delays or sends in another order. */
  const heldBack = new Set<unknown>();
  const first = new Set<string>();
  const stop = onLog(({ kind, name, outcome, details }) => {
    const { eventId, subtype, body, retry, ms } = details;
    if (kind === 'fault' && outcome !== 'duplicate') heldBack.add(eventId);
    if (kind !== 'event' || name !== 'message' || subtype !== undefined) return;
    const message = messageIn(body);
    if (message === undefined) return;
    if (outcome !== 'ok' || retry !== undefined || heldBack.has(eventId)) return;
    if (Number(ms) <= within) first.add(message);
  });
  return { inTime: () => new Set(first), stop };
}

function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'string') return undefined;
  const { data } = written.safeParse(JSON.parse(body));
  return data && `${data.event.channel} ${data.event.ts}`;
}
