import { isEmpty, plainText, textDoc } from '../format/doc.ts';
import type { Doc } from '../format/doc.ts';
import { parseHtml } from '../format/html.ts';
import type {
  MatrixEvent,
  MatrixFile,
  MatrixMessage,
  MatrixMessageKind,
  MatrixPlace,
  MatrixRelation,
} from '../events.ts';
import { eventId, InvalidId, mxcUri } from '../ids.ts';
import type { EventId, MxcUri } from '../ids.ts';
import { countAt, isObject, objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { locationDoc } from './location.ts';
import { spokenBy, withProfileOf } from './message-profile.ts';
import { isPollStart, pollOf } from './poll.ts';

const fileKinds = {
  'm.image': 'image',
  'm.video': 'video',
  'm.audio': 'audio',
  'm.file': 'file',
} as const;

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

/** The target of a reply; in a thread only where a client says that it isn't just there for clients without threads. */
function relationOf(relation: JsonObject): MatrixRelation {
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
  const file = fileOf(type, msgtype, content);
  const location = msgtype === 'm.location' ? locationDoc(content) : undefined;
  const poll = isPollStart(type) ? pollOf(content) : undefined;
  const text = file ? captionOf(content, file) : (location ?? textOf(content, relation));
  if (!file && !poll && isEmpty(text)) return undefined;
  return {
    ...place,
    kind: file ? 'file' : kindOf(msgtype),
    ...(speaker && { speaker }),
    text,
    ...(file && { file }),
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

function fileOf(type: string, msgtype: string, content: JsonObject): MatrixFile | undefined {
  const kind = type === 'm.sticker' ? 'sticker' : fileKind(msgtype);
  if (kind === undefined) return undefined;
  const info = objectAt(content, 'info');
  const url = addressIn(content['url']);
  const size = countAt(info, 'size');
  const mimetype = textAt(info, 'mimetype');
  return {
    kind,
    name: textAt(content, 'filename') || textAt(content, 'body') || kind,
    ...(url !== undefined && { url }),
    ...(size !== undefined && { size }),
    ...(mimetype !== undefined && { mimetype }),
  };
}

function fileKind(msgtype: string): MatrixFile['kind'] | undefined {
  switch (msgtype) {
    case 'm.image':
    case 'm.video':
    case 'm.audio':
    case 'm.file':
      return fileKinds[msgtype];
    default:
      return undefined;
  }
}

/** Where a file has a name of its own, a body that differs from it is its caption. */
function captionOf(content: JsonObject, file: MatrixFile): Doc {
  const filename = textAt(content, 'filename');
  const body = textAt(content, 'body') ?? '';
  return filename === undefined || body === file.name ? textDoc('') : textOf(content, {});
}

function idIn(value: unknown): EventId | undefined {
  return orNothing(() => eventId(value));
}

function addressIn(value: unknown): MxcUri | undefined {
  return orNothing(() => mxcUri(value));
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
