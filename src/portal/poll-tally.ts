import type { MatrixPoll } from '../events.ts';
import type { MatrixUserId } from '../ids.ts';
import type { PollChange } from './ports.ts';

/** What was voted. */
export interface Tally {
  /** Votes of each answer, in the poll's order. */
  readonly counts: readonly number[];
  /** People whose vote counts. */
  readonly voters: number;
  readonly ended: boolean;
}

/**
 * Counts a poll's votes: each person's last one that was sent before the poll's end, by the times that clients go by, too. A
 * vote chooses as many answers as the poll allows, the rest doesn't count; with none, or one that the poll doesn't have, it
 * counts for nothing.
 *
 * @param mayEnd whether somebody's end of the poll counts.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/3381
 */
export function tallyOf(
  poll: MatrixPoll,
  changes: readonly PollChange[],
  mayEnd: (sender: MatrixUserId) => boolean,
): Tally {
  const ends = changes.filter((change) => change.kind === 'end' && mayEnd(change.sender));
  const endedAt = Math.min(...ends.map(({ at }) => at)); // without any: never
  const last = new Map<MatrixUserId, PollChange>();
  for (const change of changes) {
    if (change.kind !== 'vote' || change.at > endedAt) continue;
    const before = last.get(change.sender);
    if (!before || isLater(change, before)) last.set(change.sender, change);
  }
  const votes = [...last.values()].map((vote) => chosen(poll, vote)).filter((ids) => ids.size > 0);
  return {
    counts: poll.answers.map(({ id }) => votes.filter((ids) => ids.has(id)).length),
    voters: votes.length,
    ended: ends.length > 0,
  };
}

function isLater(a: PollChange, b: PollChange): boolean {
  return a.at === b.at ? a.event > b.event : a.at > b.at;
}

function chosen(poll: MatrixPoll, { choices }: PollChange): ReadonlySet<string> {
  const counted = choices.slice(0, poll.mostChoices);
  const known = new Set(poll.answers.map(({ id }) => id));
  return new Set(counted.every((id) => known.has(id)) ? counted : []);
}
