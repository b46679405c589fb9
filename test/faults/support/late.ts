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
  const told = deliveries.late();
  return {
    fromMatrix: (messages) => lateAmong(messages, fromMatrix),
    fromSlack: (messages) => lateFromSlack(messages, fromSlack, new Set([...told, ...found])),
  };
}

/**
 * Those that were stored after a younger one *and* that Slack itself told later, or never. What Slack told in time and the
 * bridge stored later was swapped in its own intake: that isn't late but out of order. A reply that was told before its
 * root waits for it, and is as late as that.
 *
 * @param toldLate by Slack's own account, or found in history.
 */
export function lateFromSlack(
  messages: readonly string[],
  arrivals: Arrivals,
  toldLate: ReadonlySet<string>,
): readonly string[] {
  return lateAmong(messages, arrivals).filter((message) =>
    toldLate.has(arrivals.get(message)?.of ?? message),
  );
}
