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
 * | its author changed it                    | `edit:<ts>:<edit ts>`                           |
 * | it changed in another way (an unfurl)    | `change:<ts>:<edit ts>:<hash of its content>`   |
 * | it was deleted                           | `delete:<ts>`                                   |
 * | a reaction was given or taken back       | `reaction:added:<ts>:<user>:<name>:<event ts>`  |
 * | something happened to the channel        | `channel:<event type>:<who>:<event ts>`         |
 */
export const facts = {
  message: (ts: string) => `message:${ts}`,
  edit: (ts: string, editTs: string) => `edit:${ts}:${editTs}`,
  change: (ts: string, message: Fields) => `change:${ts}:${editTsOf(message) ?? ''}:${contentHash(message)}`,
  delete: (ts: string) => `delete:${ts}`,
  reaction: (change: 'added' | 'removed', ts: string, user: string, name: string, eventTs: string) =>
    `reaction:${change}:${ts}:${user}:${name}:${eventTs}`,
  channel: (type: string, who: string, eventTs: string) => `channel:${type}:${who}:${eventTs}`,
} as const;

/** When the message was last edited by its author, where the message says so. */
export function editTsOf(message: Fields): string | undefined {
  return textOf(fieldsOf(message['edited'])['ts']);
}

export type ChangeKind = 'edit' | 'delete' | 'other';

/** What a `message_changed` is: an edit has a new edit ts, a delete leaves a tombstone, the rest is Slack's own doing. */
export function changeKind(message: Fields, previous: Fields): ChangeKind {
  if (message['subtype'] === 'tombstone') return 'delete';
  const editTs = editTsOf(message);
  return editTs !== undefined && editTs !== editTsOf(previous) ? 'edit' : 'other';
}

/** Whether two forms of a message say the same, whatever is unfurled below. */
export function sameContent(a: Fields, b: Fields): boolean {
  return JSON.stringify(ownContent(a)) === JSON.stringify(ownContent(b));
}

function ownContent(message: Fields): readonly unknown[] {
  const files = objectsOf(message['files'])
    .filter((file) => file['mode'] !== 'tombstone')
    .map((file) => file['id']);
  const huddle = message['subtype'] === 'huddle_thread' ? [huddleOf(message)?.ended === true] : [];
  return [message['text'] ?? '', message['blocks'] ?? [], files, ...huddle];
}

function contentHash(message: Fields): string {
  const inChannel = message['subtype'] === 'thread_broadcast' ? ['thread_broadcast'] : [];
  const content = JSON.stringify([...ownContent(message), message['attachments'] ?? [], ...inChannel]);
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}
