import type { Ts } from '../ids.ts';

/** An edit of a Slack message. */
export interface Edited {
  /** When it was made: to the second, or where an event told it, as exactly as that said. */
  readonly editTs: Ts;
  /** Of what the message said then; Slack's edit mark is the same for all edits within a second. */
  readonly editHash?: string;
}

/** An edit that was bridged, as a link keeps it: `<ts>` or `<ts> <hash>`. The stored form is a promise. */
export function editMarkOf({ editTs, editHash }: Edited): string {
  return editHash === undefined ? editTs : `${editTs} ${editHash}`;
}

/**
 * Whether an edit is bridged already, or a newer one is. `known` are the marks of the message's parts, empty texts where there
 * was no edit. `isLast`: no other edit was made in its second after it.
 */
export function isKnownEdit(told: Edited, known: readonly string[], isLast = false): boolean {
  const marks = known.map(readMark);
  if (isLast && marks.every((mark) => differs(mark, told) && secondOf(mark.at) === secondOf(told.editTs)))
    return false;
  const same = marks.every((mark) => mark.at === told.editTs && !differs(mark, told));
  return same || marks.some(({ at }) => at > told.editTs);
}

/** The time of the newest edit of a message. */
export function newestEdit(told: Ts, known: readonly string[]): Ts {
  const newest = known.map((mark) => readMark(mark).at as Ts | ''); // that is what marks are made of
  return newest.reduce<Ts>((last, at) => (at !== '' && at > last ? at : last), told);
}

interface Mark {
  readonly at: string;
  readonly hash: string | undefined;
}

function readMark(mark: string): Mark {
  const [at = '', hash] = mark.split(' ');
  return { at, hash };
}

/** Of two that aren't both known nothing is said. */
function differs({ hash }: Mark, { editHash }: Edited): boolean {
  return hash !== undefined && editHash !== undefined && hash !== editHash;
}

function secondOf(at: string): string {
  return at.split('.')[0] ?? '';
}
