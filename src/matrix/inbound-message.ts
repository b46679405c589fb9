import { isEmpty, plainText, textDoc } from '../format/doc.ts';
import type { Doc } from '../format/doc.ts';
import { parseHtml } from '../format/html.ts';
import type {
  MatrixEvent,
  MatrixMessage,
  MatrixMessageKind,
  MatrixPlace,
  MatrixRelation,
} from '../events.ts';
import { eventId, InvalidId } from '../ids.ts';
import type { EventId } from '../ids.ts';
import { filesOf, hasCaption, isGallery } from './inbound-file.ts';
import { isObject, objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { locationDoc } from './location.ts';
import { spokenBy, withProfileOf } from './message-profile.ts';
import { isPollStart, pollOf } from './poll.ts';

/** Messages between clients, which aren't for people. */
const silentMsgtypes: ReadonlySet<string> = new Set(['m.key.verification.request']);

/** The content of a message-like event as message or edit; ignored when there is nothing in it to show. */
export function messageOf(place: MatrixPlace, type: string, content: JsonObject): MatrixEvent {
  const relation = objectAt(content, 'm.relates_to');
  if (relation['rel_type'] === 'm.replace') {
    const target = idIn(relation['event_id']);
    if (target === undefined) return { type: 'ignored', reason: 'edit without a target' };
    const message = readMessage(place, type, newContent(content), {});
    return message ? { type: 'edit', ...place, target, message } : nothing(type);
  }
  const message = readMessage(place, type, content, relationOf(relation));
  return message ? { type: 'message', ...message } : nothing(type);
}

function nothing(type: string): MatrixEvent {
  const known = type === 'm.room.message' || type === 'm.sticker';
  return { type: 'ignored', reason: known ? 'message without a text' : `unknown:${type.slice(0, 100)}` };
}

/** What the message is to be from now on; without it, the fallback for clients that don't know edits. */
function newContent(content: JsonObject): JsonObject {
  if (isObject(content['m.new_content'])) return withProfileOf(content, content['m.new_content']);
  const { formatted_body: _, ...rest } = content;
  return { ...rest, body: textAt(content, 'body')?.replace(/^ ?\* /, '') };
}

/** What an event changes, or belongs to as a vote belongs to a poll. */
export function targetOf(relation: JsonObject): EventId | undefined {
  const isOfOther = relation['rel_type'] === 'm.replace' || relation['rel_type'] === 'm.reference';
  return isOfOther ? idIn(relation['event_id']) : undefined;
}

/** The target of a reply; in a thread only where a client says that it isn't just there for clients without threads. */
export function relationOf(relation: JsonObject): MatrixRelation {
  const replyTo = idIn(objectAt(relation, 'm.in_reply_to')['event_id']);
  if (relation['rel_type'] !== 'm.thread') return replyTo === undefined ? {} : { replyTo };
  const thread = idIn(relation['event_id']);
  return {
    ...(thread !== undefined && { thread }),
    ...(replyTo !== undefined && relation['is_falling_back'] !== true && { replyTo }),
  };
}

function readMessage(
  place: MatrixPlace,
  type: string,
  written: JsonObject,
  relation: MatrixRelation,
): MatrixMessage | undefined {
  const { content, speaker } = spokenBy(written);
  const msgtype = textAt(content, 'msgtype') ?? '';
  if (silentMsgtypes.has(msgtype)) return undefined;
  const files = filesOf(type, content);
  const location = msgtype === 'm.location' ? locationDoc(content) : undefined;
  const poll = isPollStart(type) ? pollOf(content) : undefined;
  const hasFiles = files.length > 0;
  const text = hasFiles ? captionOf(type, msgtype, content) : (location ?? textOf(content, relation));
  if (!hasFiles && !poll && isEmpty(text)) return undefined;
  return {
    ...place,
    kind: hasFiles ? 'file' : kindOf(msgtype),
    ...(speaker && { speaker }),
    text,
    ...(hasFiles && { files }),
    ...(poll && { poll }),
    relation,
    mentionsRoom: objectAt(content, 'm.mentions')['room'] === true,
    plain: plainText(text),
  };
}

function kindOf(msgtype: string): MatrixMessageKind {
  if (msgtype === 'm.emote') return 'emote';
  return msgtype === 'm.notice' ? 'notice' : 'text';
}

/** The formatted text, else the plain one, else what newer kinds of events carry for clients that don't know them. */
function textOf(content: JsonObject, relation: MatrixRelation): Doc {
  const html = textAt(content, 'formatted_body');
  if (html !== undefined && content['format'] === 'org.matrix.custom.html') {
    const doc = parseHtml(html);
    if (!isEmpty(doc)) return doc;
  }
  const body = textAt(content, 'body') ?? textAt(content, 'org.matrix.msc1767.text');
  if (body === undefined) return extensibleText(content);
  return textDoc(relation.replyTo === undefined ? body : withoutQuote(body));
}

/**
 * The forms of one text, best first.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/1767
 */
function extensibleText(content: JsonObject): Doc {
  for (const form of objectsAt(content, 'm.text')) {
    const body = textAt(form, 'body') ?? '';
    const mimetype = textAt(form, 'mimetype') ?? 'text/plain';
    if (mimetype === 'text/html') return parseHtml(body);
    if (mimetype === 'text/plain') return textDoc(body);
  }
  return textDoc('');
}

/**
 * Without the lines that old clients put before a reply, quoting what is answered: `> <@user:server> …` and more lines
 * with `> `, then an empty line. A quote that the writer began themselves has no sender in it and stays.
 */
function withoutQuote(body: string): string {
  if (!/^> (?:\* )?<@/.test(body)) return body;
  const lines = body.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('>'));
  if (end === -1) return body;
  return lines.slice(lines[end]?.trim() === '' ? end + 1 : end).join('\n');
}

/** Of one file, or of a gallery as a whole; the text of a sticker says what is to be seen. */
function captionOf(type: string, msgtype: string, content: JsonObject): Doc {
  const isCaption = type !== 'm.sticker' && (isGallery(msgtype) || hasCaption(content));
  return isCaption ? textOf(content, {}) : textDoc('');
}

function idIn(value: unknown): EventId | undefined {
  return orNothing(() => eventId(value));
}

/** People's clients put all kinds of things there: what is no id is as if it weren't there. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
