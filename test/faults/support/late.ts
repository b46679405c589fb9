import {
  arrivalsFromMatrix,
  arrivalsFromSlack,
  foundInHistory,
  lateAmong,
} from '../../support/bridge/late.ts';
import type { Arrivals } from '../../support/bridge/late.ts';
import type { Deliveries } from './deliveries.ts';

/** Of messages in the order in which they were written, those that came late. */
export type LateAmong = (messages: readonly string[]) => readonly string[];

/** Which messages came to the bridge after younger ones without the bridge having to do with it. */
export interface Late {
  /** By event id: the homeserver tells one transaction after the other, so what was stored later was told later. */
  readonly fromMatrix: LateAmong;
  /** By channel and ts with a space between. */
  readonly fromSlack: LateAmong;
}

export async function readLate(databaseUrl: string, deliveries: Deliveries): Promise<Late> {
  const [fromMatrix, fromSlack, found] = await Promise.all([
    arrivalsFromMatrix(databaseUrl),
    arrivalsFromSlack(databaseUrl),
    foundInHistory(databaseUrl),
  ]);
  const inTime = new Set([...deliveries.inTime()].filter((message) => !found.has(message)));
  return {
    fromMatrix: (messages) => lateAmong(messages, fromMatrix),
    fromSlack: (messages) => lateFromSlack(messages, fromSlack, inTime),
  };
}

/**
 * Those that were stored after a younger one *and* that Slack itself told later, or never. What Slack told in time and the
 * bridge stored later was swapped in its own intake: that isn't late but out of order. A reply that was told before its
 * root waits for it, and is as late as that. What isn't in the inbox was never told: it was fetched for the sake of a reply.
 *
 * @param inTime by Slack's own account, and not found in history.
 */
export function lateFromSlack(
  messages: readonly string[],
  arrivals: Arrivals,
  inTime: ReadonlySet<string>,
): readonly string[] {
  const told = lateAmong(messages, arrivals).filter(
    (message) => !inTime.has(arrivals.get(message)?.of ?? message),
  );
  const fetched = new Set(messages.filter((message) => !arrivals.has(message) && !inTime.has(message)));
  const replies = messages.filter((message) => fetched.has(arrivals.get(message)?.root ?? ''));
  return [...new Set([...told, ...fetched, ...replies])];
}
