import { CannotBridge, TryLater } from '../../errors.ts';
import type { SlackPlace } from '../../events.ts';
import type { Ts } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';
import { accountIn } from '../own-account.ts';

/** A post whose fate is asked: where it went, its key, and what it would link. */
export interface Posted {
  readonly place: SlackPlace;
  readonly threadTs?: Ts;
  readonly piece: number;
  readonly opKey: string;
  readonly link: Omit<MessageLink, 'ts'>;
}

/** When a post whose answer is unknown is looked for again, after the first look. */
const looks = [5_000, 35_000] as const;
/** How long one look waits for the echo, which is mostly under way. */
const echoWaits = [100, 300, 600] as const;
/** How long before its deadline a call began, with room for a clock that differs from Slack's. */
const searchBefore = 120_000;
/** How long after its deadline Slack may still have made a post of it. */
const searchAfter = 120_000;

/**
 * Finds out whether a post is there: by its echo, then in history; again after 5 s and 30 s more. The lane waits
 * meanwhile (`TryLater`), so that order holds. `undefined`: it isn't there, it may be posted again.
 *
 * `deadline` is when the call surely was over; what is known in memory of the moment when it went wrong is better.
 */
export async function settle(work: Work, posted: Posted, deadline: number): Promise<Ts | undefined> {
  const { context, memory, turn } = work;
  const found = await findPost(work, posted, deadline);
  if (found === undefined) {
    const waited = context.clock.now() - (memory.uncertainSince.get(posted.opKey) ?? deadline);
    const next = looks.find((look) => waited < look);
    if (next !== undefined) {
      throw new TryLater('it is not known whether Slack took the message', {
        after: next - waited,
        target: `slack:${posted.place.team}:${posted.place.channel}`,
      });
    }
  }
  memory.uncertainSince.delete(posted.opKey);
  const { piece } = posted;
  turn.remember({ type: 'attempt-settled', seq: turn.item.seq, piece, applied: found !== undefined });
  context.metrics.uncertainPost(found === undefined ? 'posted_again' : 'found');
  if (found === undefined) await turn.flush();
  return found;
}

/** One look for a post: its echo, which is waited for a moment, or history. */
export async function findPost(work: Work, posted: Posted, deadline: number): Promise<Ts | undefined> {
  return (await findEcho(work, posted)) ?? findInHistory(work, posted, deadline);
}

/** Its attempt is committed, but the call was never made: one look is enough before it is posted. */
export function neverSent({ context, memory }: Work, opKey: string): void {
  memory.uncertainSince.set(opKey, context.clock.now() - Math.max(...looks));
}

async function findEcho({ context }: Work, { link }: Posted): Promise<Ts | undefined> {
  for (const wait of [0, ...echoWaits]) {
    if (wait > 0) await context.clock.sleep(wait);
    const links = link.event === undefined ? [] : await context.links.byEvent(link.event);
    const echoed = links.find((known) => known.piece === link.piece && known.portal === link.portal);
    if (echoed) return echoed.ts;
  }
  return undefined;
}

/** Two with one key: the younger goes, the older is the one that people saw first. */
async function findInHistory(
  { context, turn }: Work,
  { place, opKey, threadTs, link: { postedAs } }: Posted,
  deadline: number,
): Promise<Ts | undefined> {
  const made = { since: deadline - searchBefore, until: deadline + searchAfter };
  const [first, ...more] = await context.slack.findByOpKey(place, opKey, made, threadTs);
  for (const ts of more) await removeDouble({ context, turn }, place, { ts, postedAs });
  return first;
}

/** A second post of the same: by whose account it was made, by that it goes; that of the bot, if it isn't theirs. */
export async function removeDouble(
  { context, turn }: Pick<Work, 'context' | 'turn'>,
  place: SlackPlace,
  { ts, postedAs }: Pick<MessageLink, 'ts' | 'postedAs'>,
): Promise<void> {
  const by = accountIn(postedAs);
  turn.mayWrite();
  try {
    await context.slack.remove(place, ts, by === undefined ? {} : { by });
  } catch (error) {
    if (by === undefined || !(error instanceof CannotBridge)) throw error;
    await context.slack.remove(place, ts);
  }
  context.metrics.uncertainPost('doubled');
}
