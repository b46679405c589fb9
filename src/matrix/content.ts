import { renderHtml } from '../format/html.ts';
import type { MatrixReaction } from '../events.ts';
import type { EventId } from '../ids.ts';
import type { OutgoingEvent, Speaker } from '../portal/ports.ts';
import type { JsonObject } from './json.ts';
import { captionOf, mediaContent } from './media-content.ts';
import { shortcodeKeys } from './reaction.ts';
import { profileKey } from './message-profile.ts';
import { fileKey, transactionKey } from './transaction-id.ts';

/**
 * A whole event may have 65,536 bytes; the homeserver's own fields (ids, hashes, signatures, the numbers of up to 20
 * events before it) take what is left here.
 */
export const mostBytes = 58_000;
/** The same of what is encrypted: its ciphertext is longer by a third, and keys and ids stand beside it. */
export const mostBytesInside = 42_000;
/** What of a text stands in an edit's fallback, which only clients without edits show. */
const fallbackBytes = 2000;

/** What is said, in Matrix's terms. */
interface Said {
  readonly msgtype: string;
  readonly body: string;
  readonly formattedBody?: string;
  readonly mentions: JsonObject;
  readonly speaker?: Speaker;
  /** What makes it a file. */
  readonly media?: JsonObject;
}

const msgtypes = { text: 'm.text', emote: 'm.emote', notice: 'm.notice' } as const;

/**
 * The content of an `m.room.message`. `m.mentions` is always there, else clients would look for names in the text. A
 * text that doesn't fit an event loses its formatting, then its end.
 * @see https://spec.matrix.org/latest/client-server-api/#mroommessage
 */
export function messageContent(
  message: OutgoingEvent,
  transaction: string,
  most: number = mostBytes,
): JsonObject {
  const relation = relationOf(message);
  return fitted(said(message), most, (fit) => ({
    ...plainContent(fit),
    ...(relation && { 'm.relates_to': relation }),
    ...addressOf(message),
    ...(message.slackFile !== undefined && { [fileKey]: message.slackFile }),
    [transactionKey]: transaction,
  }));
}

/**
 * The content that replaces a message's. Its own `m.mentions` names nobody: an edit in Slack rings for nobody.
 * @see https://spec.matrix.org/latest/client-server-api/#event-replacements
 */
export function editContent(
  message: OutgoingEvent,
  target: EventId,
  transaction: string,
  most: number = mostBytes,
): JsonObject {
  return fitted(said(message), most, (fit) => ({
    msgtype: fit.msgtype,
    body: `* ${cutBytes(fit.body, fallbackBytes)}`,
    ...fit.media,
    'm.mentions': {},
    'm.new_content': { ...plainContent(fit), ...addressOf(message) },
    ...profileOf(fit),
    'm.relates_to': { rel_type: 'm.replace', event_id: target },
    ...addressOf(message),
    [transactionKey]: transaction,
  }));
}

/**
 * A reaction with a picture says its name as well.
 * @see https://spec.matrix.org/latest/client-server-api/#event-annotations-and-reactions
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4027
 */
export function reactionContent(
  target: EventId,
  { key, shortcode }: MatrixReaction,
  transaction: string,
): JsonObject {
  return {
    'm.relates_to': { rel_type: 'm.annotation', event_id: target, key },
    ...(shortcode !== undefined && Object.fromEntries(shortcodeKeys.map((name) => [name, `:${shortcode}:`]))),
    [transactionKey]: transaction,
  };
}

function said(message: OutgoingEvent): Said {
  const { file, speaker } = message;
  const { body, formattedBody, mentions } = renderHtml(file ? captionOf(message, file) : message.text, {
    room: true, // the portal decided
    ...(speaker && { speaker: speaker.name }),
  });
  const { msgtype, ...media } = file ? mediaContent(file) : { msgtype: msgtypes[message.kind] };
  return {
    msgtype,
    body,
    ...(formattedBody !== undefined && { formattedBody }),
    mentions: {
      ...(mentions.userIds.length > 0 && { user_ids: mentions.userIds }),
      ...(mentions.room && { room: true }),
    },
    ...(speaker && { speaker }),
    ...(file && { media }),
  };
}

function plainContent(fit: Said): JsonObject {
  return {
    msgtype: fit.msgtype,
    body: fit.body,
    ...fit.media,
    ...(fit.formattedBody !== undefined && {
      format: 'org.matrix.custom.html',
      formatted_body: fit.formattedBody,
    }),
    'm.mentions': fit.mentions,
    ...profileOf(fit),
  };
}

/**
 * The message's own profile; its name stands in the text, too.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4144
 */
function profileOf({ speaker }: Said): JsonObject {
  if (!speaker) return {};
  const { id, name, picture } = speaker;
  const profile = { id, displayname: name, ...(picture !== undefined && { avatar_url: picture }) };
  return { [profileKey]: { ...profile, has_fallback: true } };
}

function addressOf(message: OutgoingEvent): JsonObject {
  return message.externalUrl === undefined ? {} : { external_url: message.externalUrl };
}

/** A reply inside a thread is a real one; otherwise the thread's newest message stands in for clients without threads. */
function relationOf(message: OutgoingEvent): JsonObject | undefined {
  const { thread, replyTo } = message;
  if (thread) {
    return {
      rel_type: 'm.thread',
      event_id: thread.root,
      is_falling_back: replyTo === undefined,
      'm.in_reply_to': { event_id: replyTo ?? thread.latest },
    };
  }
  return replyTo && { 'm.in_reply_to': { event_id: replyTo } };
}

/** The content of `whole`, else without formatting, else of as much of the text as fits. */
function fitted(whole: Said, most: number, content: (fit: Said) => JsonObject): JsonObject {
  const first = content(whole);
  if (surelyFits(whole, most) || bytesOf(first) <= most) return first;
  const { formattedBody: _, ...plain } = whole;
  const second = content(plain);
  const excess = bytesOf(second) - most;
  if (excess <= 0) return second;
  // JSON escapes make a text longer, never shorter: what is cut from the escaped form is enough.
  const room = Math.max(0, bytesOf(whole.body) - excess - 8);
  return content({ ...plain, body: cutEscaped(whole.body, room) });
}

/** Eight people, the ids of a relation and an address, of 255 bytes and six times as long in JSON at the very worst. */
const bytesBeside = 24_000;
const fewPeople = 8;

/** Short enough even if each character were written as `\u0000`: mostly, and then nothing is written only to be measured. */
function surelyFits({ body, formattedBody = '', mentions }: Said, most: number): boolean {
  const people = mentions['user_ids'];
  const few = people === undefined || (Array.isArray(people) && people.length <= fewPeople);
  return few && (body.length + formattedBody.length) * 6 < most - bytesBeside;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The longest beginning of the text whose UTF-8 has at most `most` bytes, with `…` where something is missing. */
function cutBytes(text: string, most: number): string {
  return Buffer.byteLength(text) <= most
    ? text
    : `${beginning(text, most, (part) => Buffer.byteLength(part))}…`;
}

/** The same for its JSON form. */
function cutEscaped(text: string, most: number): string {
  return `${beginning(text, most, (part) => bytesOf(part) - 2)}…`;
}

function beginning(text: string, most: number, measure: (part: string) => number): string {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += measure(character);
    if (used > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}
