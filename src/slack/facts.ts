import { createHash } from 'node:crypto';
import type { Fields } from './fields.ts';
import { fieldsOf, objectsOf, textOf } from './fields.ts';
import { huddleOf } from './huddle.ts';

/**
 * What happened in a channel, as a key: the same fact has the same key, by whatever transport, workspace or history it
 * comes. The stored form is a promise.
 *
 * | fact                                     | key                                             |
 * | ---------------------------------------- | ----------------------------------------------- |
 * | a message was posted                     | `message:<ts>`                                  |
 * | its author changed it                    | `edit:<ts>:<edit ts>:<hash of its words>`       |
 * | that was the last one of its second      | `edit:<ts>:<edit ts>:<hash of its words>:last`  |
 * | files of it came or went                 | `files:<ts>:<hash of their ids>`                |
 * | it changed in another way (an unfurl)    | `change:<ts>:<edit ts>:<hash of its content>`   |
 * | it was deleted                           | `delete:<ts>`                                   |
 * | a reaction was given or taken back       | `reaction:added:<ts>:<user>:<name>:<event ts>`  |
 * | something happened to the channel        | `channel:<event type>:<who>:<event ts>`         |
 */
export const facts = {
  message: (ts: string) => `message:${ts}`,
  edit: (ts: string, message: Fields) => `edit:${ts}:${editTsOf(message) ?? ''}:${editHashOf(message)}`,
  lastEdit: (ts: string, message: Fields) => `${facts.edit(ts, message)}:last`,
  change: (ts: string, message: Fields) => `change:${ts}:${editTsOf(message) ?? ''}:${contentHash(message)}`,
  files: (ts: string, message: Fields) => `files:${ts}:${hashOf(fileIds(message))}`,
  delete: (ts: string) => `delete:${ts}`,
  reaction: (change: 'added' | 'removed', ts: string, user: string, name: string, eventTs: string) =>
    `reaction:${change}:${ts}:${user}:${name}:${eventTs}`,
  channel: (type: string, who: string, eventTs: string) => `channel:${type}:${who}:${eventTs}`,
} as const;

/** When the message was last edited by its author, where the message says so. */
export function editTsOf(message: Fields): string | undefined {
  return textOf(fieldsOf(message['edited'])['ts']);
}

/** Of what a message says: tells edits within one second apart. */
export function editHashOf(message: Fields): string {
  return hashOf(words(message));
}

export type ChangeKind = 'edit' | 'delete' | 'files' | 'other';

/**
 * What a `message_changed` is: an edit has a new edit ts, a delete leaves a tombstone, and so does a file that was deleted;
 * the rest is Slack's own doing.
 */
export function changeKind(message: Fields, previous: Fields): ChangeKind {
  if (message['subtype'] === 'tombstone') return 'delete';
  const editTs = editTsOf(message);
  if (editTs !== undefined && editTs !== editTsOf(previous)) return 'edit';
  return isOfFiles(message, previous) ? 'files' : 'other';
}

/** Slack may show the file's tombstone in both forms of the message: what it is now is true of all of them. */
function isOfFiles(message: Fields, previous: Fields): boolean {
  const lost = objectsOf(message['files']).some(isGone);
  if (previous['ts'] === undefined) return lost;
  if (isInChannel(message) !== isInChannel(previous) || !sameJson(words(message), words(previous)))
    return false;
  return lost || !sameJson(fileIds(message), fileIds(previous));
}

/** Whether two forms of a message say the same, whatever is unfurled below. */
export function sameContent(a: Fields, b: Fields): boolean {
  return sameJson(ownContent(a), ownContent(b));
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function ownContent(message: Fields): readonly unknown[] {
  const [text, blocks, ...huddle] = words(message);
  return [text, blocks, fileIds(message), ...huddle];
}

function words(message: Fields): readonly unknown[] {
  const huddle = message['subtype'] === 'huddle_thread' ? [huddleOf(message)?.ended === true] : [];
  return [message['text'] ?? '', message['blocks'] ?? [], ...huddle];
}

/** Of the files that are there. */
function fileIds(message: Fields): readonly unknown[] {
  return objectsOf(message['files'])
    .filter((file) => !isGone(file))
    .map((file) => file['id']);
}

/** Whether a file was deleted. */
export function isGone(file: Fields): boolean {
  return file['mode'] === 'tombstone';
}

function isInChannel(message: Fields): boolean {
  return message['subtype'] === 'thread_broadcast';
}

function contentHash(message: Fields): string {
  const inChannel = isInChannel(message) ? ['thread_broadcast'] : [];
  return hashOf([...ownContent(message), message['attachments'] ?? [], ...inChannel]);
}

function hashOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);
}
