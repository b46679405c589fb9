import type { Change, MessageLink, SlackReaction } from '../portal/ports.ts';
import type { PortalId, Ts } from '../ids.ts';

/** A row of `message`: deleted ones stay. */
export interface LinkRow {
  readonly link: MessageLink;
  readonly deleted: boolean;
}

/** All that is known of one Slack message. */
export interface Subject {
  readonly portal: PortalId;
  readonly ts: Ts;
  readonly links: readonly LinkRow[];
  readonly grave: boolean;
  /** The newest message that stands in its thread, when it is a root with replies. */
  readonly latest?: MessageLink;
}

/** `ts:<portal>:<ts>`, as parked items name it. */
export function subjectKey(portal: PortalId, ts: Ts): string {
  return `ts:${portal}:${ts}`;
}

/** What one person gives to one message. */
export function reactionKey({ portal, ts, sender, name }: SlackReaction): string {
  return JSON.stringify([portal, ts, sender, name]);
}

function rowKey({ portal, ts, part }: MessageLink): string {
  return `${portal}:${ts}:${part}`;
}

/** The rows as they will be when the changes are committed, in that order. Changes of other messages may add rows. */
export function applyToRows(rows: readonly LinkRow[], changes: Iterable<Change>): readonly LinkRow[] {
  const result = new Map(rows.map((row) => [rowKey(row.link), row]));
  for (const change of changes) {
    if (change.type === 'link') {
      const key = rowKey(change.link);
      result.set(key, takeOver(result.get(key), change.link));
    } else if (change.type === 'edited' || change.type === 'deleted') {
      for (const [key, row] of result) result.set(key, changed(row, change));
    }
  }
  return [...result.values()];
}

type EditOrDelete = Extract<Change, { readonly type: 'edited' | 'deleted' }>;

function changed(row: LinkRow, change: EditOrDelete): LinkRow {
  if (!sameMessage(row.link, change)) return row;
  if (change.type === 'edited') return { ...row, link: { ...row.link, lastEdit: change.edit } };
  const hit = change.part === undefined || change.part === row.link.part;
  return hit ? { ...row, deleted: true } : row;
}

/** The same rule as the upsert of `message`: the same event doesn't come back to life, another one takes the row over. */
function takeOver(before: LinkRow | undefined, link: MessageLink): LinkRow {
  const lastEdit = link.lastEdit ?? before?.link.lastEdit;
  const deleted = before !== undefined && before.deleted && before.link.event === link.event;
  return { link: { ...link, ...(lastEdit !== undefined && { lastEdit }) }, deleted };
}

interface MessageName {
  readonly portal: PortalId;
  readonly ts: Ts;
}

function sameMessage(a: MessageName, b: MessageName): boolean {
  return a.ts === b.ts && a.portal === b.portal;
}

/** The subject after the changes. */
export function applyToSubject(subject: Subject, changes: readonly Change[]): Subject {
  if (!changes.some((change) => isAbout(change, subject))) return subject;
  let { grave, latest } = subject;
  for (const change of changes) {
    if (change.type === 'grave' && sameMessage(change, subject)) grave = true;
    if (change.type === 'link' && inThread(change.link, subject) && !(latest && latest.ts > change.link.ts))
      latest = change.link;
  }
  const links = applyToRows(subject.links, changes).filter(({ link }) => sameMessage(link, subject));
  return { portal: subject.portal, ts: subject.ts, links, grave, ...(latest && { latest }) };
}

function isAbout(change: Change, subject: MessageName): boolean {
  if (change.type === 'link') return sameMessage(change.link, subject) || inThread(change.link, subject);
  const { type } = change;
  return (type === 'edited' || type === 'deleted' || type === 'grave') && sameMessage(change, subject);
}

function inThread(link: MessageLink, root: MessageName): boolean {
  return link.threadTs === root.ts && link.portal === root.portal && link.event !== undefined;
}

/** The links that stand. */
export function standing(rows: readonly LinkRow[]): readonly MessageLink[] {
  return rows.filter(({ deleted }) => !deleted).map(({ link }) => link);
}
