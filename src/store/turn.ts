import type { Attempt, Ending, Lease, ReadyItem, Verdict, Work } from '../queue/ports.ts';
import type { Change } from '../portal/ports.ts';
import type { LinkAnswer } from './link-cache.ts';
import { reactionKey, subjectKey } from './link-rows.ts';

/** An inbox row on its way in. */
export interface IntakeRow {
  /** Keys of `seen`. */
  readonly delivery: string;
  readonly fact?: string;
  /** Absent: only the delivery's key is kept. */
  readonly lane?: string;
  readonly network: 'slack' | 'matrix';
  readonly srcTs: string;
  readonly subject?: string;
  readonly about: readonly string[];
  readonly sealed: Buffer;
  /** What is sealed, and when it came: so that the worker needn't read what was just written. */
  readonly payload: Buffer;
  readonly receivedAt: Date;
  readonly malformed?: string;
}

export type ChangeOf<Type extends Change['type']> = Extract<Change, { readonly type: Type }>;

/** One turn of the writer: what one statement, or one transaction of few, carries. */
export interface Turn {
  readonly intake: readonly IntakeRow[];
  readonly work: readonly Work<Change>[];
  /** Lanes of the intake to lease for `owner`, or just to note. */
  readonly lanes: readonly WantedLane[];
  /** Lanes of the intake that `owner` has, with all their items in memory. */
  readonly complete: readonly string[];
  readonly owner: string;
}

export interface WantedLane {
  readonly lane: string;
  readonly lease: boolean;
}

export interface TurnResult {
  /** Row numbers of what was new, by delivery key. */
  readonly stored: ReadonlyMap<string, number>;
  readonly leased: readonly Lease[];
  readonly verdicts: readonly Verdict[];
  /** Lanes in which parked items were woken. */
  readonly woken: readonly string[];
  /** What other processes stored in the turn's complete lanes before it: handled or not yet, known or not yet. */
  readonly elsewhere: readonly ReadyItem[];
  /** Messages of which more is known now than what was asked before: what would have been waited for, or was given up. */
  readonly outdated: readonly string[];
  readonly answer: LinkAnswer;
}

/** 0: messages; 1: members and profiles. */
export function priorityOf(lane: string): number {
  return /^(?:user|team):|^portal:\d+:members$/.test(lane) ? 1 : 0;
}

/** The parked items that a piece of work wakes: those waiting for a message that it links. */
export function wakes(work: Work<Change>): readonly string[] {
  return work.changes.flatMap((change) => {
    if (change.type !== 'link') return [];
    const { portal, ts, event } = change.link;
    return event === undefined ? [subjectKey(portal, ts)] : [subjectKey(portal, ts), `event:${event}`];
  });
}

/**
 * What a piece of work writes, as names of rows. Two that write the same row don't go into one turn: within a turn all
 * changes of one kind are one statement, whatever their order was.
 */
export function touches(work: Work<Change>): readonly string[] {
  const rows = work.changes.map(touchedRow).filter((row) => row !== undefined);
  return work.ending && work.ending.type !== 'done' ? [...rows, `item:${work.seq}`] : rows;
}

function touchedRow(change: Change): string | undefined {
  switch (change.type) {
    case 'link':
      return `message:${subjectKey(change.link.portal, change.link.ts)}`;
    case 'edited':
    case 'deleted':
    case 'grave':
      return `message:${subjectKey(change.portal, change.ts)}`;
    case 'reaction':
      return `reaction:${change.reaction.event}`;
    case 'reaction-removed':
      return `reaction:${change.event}`;
    case 'reaction-changed':
      return `reaction of ${reactionKey(change)}`;
    case 'attempt-settled':
      return `attempt:${change.seq}:${change.piece}`;
    case 'reaction-note':
      return `reaction-note:${subjectKey(change.portal, change.ts)}`;
    case 'related':
      return `related:${change.related.event}`;
    default: // an attempt's link is in the attempt's own row
      return undefined;
  }
}

export function changesOf<Type extends Change['type']>(
  work: Work<Change>,
  type: Type,
): readonly ChangeOf<Type>[] {
  return work.changes.filter((change): change is ChangeOf<Type> => change.type === type);
}

/** What an attempt would link: the newest said for its piece. */
export function linkOfAttempt(
  work: Work<Change>,
  attempt: Attempt,
): ChangeOf<'attempt-link'>['link'] | undefined {
  return changesOf(work, 'attempt-link').findLast(({ piece }) => piece === attempt.piece)?.link;
}

export type RareEnding = Exclude<Ending, { readonly type: 'done' }>;

/** Text that PostgreSQL takes: no NUL, whole characters, not longer than `limit`. */
export function storableText(text: string, limit: number): string {
  const clean = text.replaceAll('\u0000', '').toWellFormed();
  return clean.length <= limit ? clean : clean.slice(0, limit).toWellFormed();
}
