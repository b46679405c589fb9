import { objectIn, textIn } from './event.ts';
import type { Content, MatrixEvent } from './event.ts';

/** A message as a person sees it in the room: edits and redactions applied, reactions grouped. */
export interface SeenMessage {
  readonly eventId: string;
  readonly sender: string;
  /** The sender's name and picture in this room when the message came. */
  readonly senderName: string | undefined;
  readonly senderAvatar: string | undefined;
  /** As in `m.text`, `m.emote`, `m.notice`, `m.image`, `m.file`; `m.sticker` for stickers. */
  readonly kind: string;
  readonly body: string;
  readonly html: string | undefined;
  /** The content after the last edit. */
  readonly content: Content;
  /** When it was sent, in milliseconds since 1970. */
  readonly sentAt: number;
  readonly edited: boolean;
  /** The root of the thread that it stands in. */
  readonly thread: string | undefined;
  /** The message it answers with a quote; absent for what threads add for old clients. */
  readonly replyTo: string | undefined;
  /** Who reacted, by key. */
  readonly reactions: ReadonlyMap<string, readonly string[]>;
}

export interface Member {
  readonly membership: string;
  readonly name: string | undefined;
  readonly avatar: string | undefined;
}

/** @param memberAt the sender's membership in force at the event. */
export function messagesOf(
  events: readonly MatrixEvent[],
  memberAt: (event: MatrixEvent) => Member | undefined,
): readonly SeenMessage[] {
  const gone = redactedIds(events);
  const standing = events.filter(
    (event) => !gone.has(event.event_id) && !('redacted_because' in event.unsigned),
  );
  const edits = lastEdits(standing);
  const reactions = reactionsByTarget(standing);
  return standing
    .filter((event) => isMessage(event) && relationOf(event).type !== 'm.replace')
    .map((event) => seen(event, memberAt(event), edits.get(event.event_id), reactions.get(event.event_id)));
}

function isMessage(event: MatrixEvent): boolean {
  return event.state_key === undefined && (event.type === 'm.room.message' || event.type === 'm.sticker');
}

function seen(
  event: MatrixEvent,
  member: Member | undefined,
  edit: MatrixEvent | undefined,
  reactions: ReadonlyMap<string, readonly string[]> = new Map(),
): SeenMessage {
  const content = edit ? objectIn(edit.content, 'm.new_content') : event.content;
  const relation = relationOf(event);
  return {
    eventId: event.event_id,
    sender: event.sender,
    senderName: member?.name,
    senderAvatar: member?.avatar,
    kind: event.type === 'm.sticker' ? event.type : (textIn(content, 'msgtype') ?? ''),
    body: textIn(content, 'body') ?? '',
    html: textIn(content, 'formatted_body'),
    content,
    sentAt: event.origin_server_ts,
    edited: edit !== undefined,
    thread: relation.type === 'm.thread' ? relation.target : undefined,
    replyTo: relation.fallback ? undefined : relation.replyTo,
    reactions,
  };
}

interface Relation {
  readonly type: string | undefined;
  readonly target: string | undefined;
  readonly key: string | undefined;
  readonly replyTo: string | undefined;
  /** The reply is there only for clients that don't know threads. */
  readonly fallback: boolean;
}

/** @see https://spec.matrix.org/latest/client-server-api/#forwarding-relationships-between-events */
function relationOf(event: MatrixEvent): Relation {
  const relatesTo = objectIn(event.content, 'm.relates_to');
  return {
    type: textIn(relatesTo, 'rel_type'),
    target: textIn(relatesTo, 'event_id'),
    key: textIn(relatesTo, 'key'),
    replyTo: textIn(objectIn(relatesTo, 'm.in_reply_to'), 'event_id'),
    fallback: relatesTo['is_falling_back'] === true,
  };
}

/** The event that a redaction names: in its content from room version 11 on, beside it before. */
function redactedIds(events: readonly MatrixEvent[]): ReadonlySet<string> {
  const redactions = events.filter((event) => event.type === 'm.room.redaction');
  return new Set(redactions.map((event) => textIn(event.content, 'redacts') ?? event.redacts ?? ''));
}

/** The newest edit of each message, counted only from the message's own sender. */
function lastEdits(events: readonly MatrixEvent[]): ReadonlyMap<string, MatrixEvent> {
  const senders = new Map(events.map((event) => [event.event_id, event.sender]));
  const last = new Map<string, MatrixEvent>();
  for (const event of events) {
    const { type, target } = relationOf(event);
    // one that can't be read yet stands there without its text
    if (!isMessage(event)) continue;
    if (type !== 'm.replace' || target === undefined || senders.get(target) !== event.sender) continue;
    const known = last.get(target);
    if (!known || known.origin_server_ts <= event.origin_server_ts) last.set(target, event);
  }
  return last;
}

function reactionsByTarget(
  events: readonly MatrixEvent[],
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const targets = new Map<string, Map<string, string[]>>();
  for (const event of events) {
    const { type, target, key } = relationOf(event);
    if (event.type !== 'm.reaction' || type !== 'm.annotation' || target === undefined || key === undefined)
      continue;
    const keys = targets.get(target) ?? new Map<string, string[]>();
    targets.set(target, keys.set(key, [...(keys.get(key) ?? []), event.sender]));
  }
  return targets;
}
