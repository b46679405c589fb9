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
 * was no edit. `isLast`: no other edit was made in its second after it, whatever moments of that second the marks name.
 */
export function isKnownEdit(told: Edited, known: readonly string[], isLast = false): boolean {
  const marks = known.map(readMark);
  if (!isLast) {
    const same = marks.every((mark) => mark.at === told.editTs && !differs(mark, told));
    return same || marks.some(({ at }) => at > told.editTs);
  }
  const second = secondOf(told.editTs);
  const same = marks.every((mark) => secondOf(mark.at) === second && !differs(mark, told));
  return same || marks.some(({ at }) => secondOf(at) > second);
}

/** Whether it is the last edit of its second if that is over, and isn't bridged, although a mark of that second is there. */
export function mayBeLast(told: Edited, known: readonly string[]): boolean {
  return isKnownEdit(told, known) && !isKnownEdit(told, known, true);
}

/** Whether a mark is of an edit within the same second. */
export function isOfSecond(mark: string, at: Ts): boolean {
  return secondOf(readMark(mark).at) === secondOf(at);
}

/** After the last edit of a second nothing that is told of that second is newer. */
export function endOfSecond(at: Ts): Ts {
  return `${secondOf(at)}.999999` as Ts; // a ts with other digits behind the point
}

interface Mark {
  readonly at: string;
  readonly hash: string | undefined;
}

function readMark(mark: string): Mark {
  const [at = '', hash] = readNote(mark).mark.split(' ');
  return { at, hash };
}

/** Of two that aren't both known nothing is said. */
function differs({ hash }: Mark, { editHash }: Edited): boolean {
  return hash !== undefined && editHash !== undefined && hash !== editHash;
}

function secondOf(at: string): string {
  return at.split('.')[0] ?? '';
}

/** What a message said at some time, on both sides. */
export interface ShownText {
  readonly key: string;
  /** It was changed in Matrix, and Slack hasn't taken it yet. */
  readonly onItsWay?: true;
}

export interface EditNote {
  /** Of the newest edit that was bridged; empty where none was. */
  readonly mark: string;
  /** What a message that its author may change on both sides said lately, newest last. */
  readonly texts: readonly ShownText[];
}

/** A mark with these behind it: `<mark> ~<key> ~<key>?`. The stored form is a promise. */
export function noteOf({ mark, texts }: EditNote): string {
  return [mark, ...texts.map(({ key, onItsWay }) => `~${key}${onItsWay ? '?' : ''}`)].join(' ');
}

export function readNote(note = ''): EditNote {
  const fields = note.split(' ');
  const texts = fields.flatMap((field) => (field.startsWith('~') ? [readText(field.slice(1))] : []));
  return { mark: fields.filter((field) => !field.startsWith('~')).join(' '), texts };
}

function readText(text: string): ShownText {
  return text.endsWith('?') ? { key: text.slice(0, -1), onItsWay: true } : { key: text };
}
