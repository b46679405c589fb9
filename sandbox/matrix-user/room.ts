import { textIn } from './event.ts';
import type { Content, MatrixEvent } from './event.ts';
import { messagesOf } from './messages.ts';
import type { Member, SeenMessage } from './messages.ts';

/** A joined room as its member knows it. */
export interface SeenRoom {
  readonly roomId: string;
  /** Every event of the timeline, oldest first, as the homeserver gave it. */
  readonly events: () => readonly MatrixEvent[];
  /** The messages that are there to read, oldest first. */
  readonly messages: () => readonly SeenMessage[];
  /** The messages of one thread, without its root. */
  readonly thread: (rootId: string) => readonly SeenMessage[];
  /** The content of a state event; absent when it was never set. */
  readonly state: (type: string, key?: string) => Content | undefined;
  /** Who is or was in the room, by user id. */
  readonly members: () => ReadonlyMap<string, Member>;
  /** The messages as lines of text, for error messages. */
  readonly transcript: () => string;
}

/** What `/sync` says of a room that we are in. */
export interface RoomUpdate {
  readonly state: readonly MatrixEvent[];
  /** Oldest first. */
  readonly timeline: readonly MatrixEvent[];
}

/** A room that takes in events as they come. */
export interface RoomRecord extends SeenRoom {
  has(eventId: string): boolean;
  isEmpty(): boolean;
  apply(update: RoomUpdate): void;
  /** Puts an event in the place of the one with its id: as it reads once it is decrypted. */
  replace(event: MatrixEvent): void;
  /** Puts older events, oldest first, before those known. Their senders are shown as they are now. */
  prepend(older: readonly MatrixEvent[]): void;
}

/** A room of which nothing is known yet. */
export function roomRecord(roomId: string): RoomRecord {
  const events: MatrixEvent[] = [];
  const ids = new Set<string>();
  const state = new Map<string, MatrixEvent>();
  const members = new Map<string, Member>();
  /** Who each event's sender was when it came: names change. */
  const senders = new Map<string, Member>();

  function setState(event: MatrixEvent): void {
    if (event.state_key === undefined) return;
    state.set(stateKey(event), event);
    if (event.type === 'm.room.member') members.set(event.state_key, memberOf(event.content));
  }

  function messages(): readonly SeenMessage[] {
    return messagesOf(events, (event) => senders.get(event.event_id) ?? members.get(event.sender));
  }

  return {
    roomId,
    has: (eventId) => ids.has(eventId),
    isEmpty: () => events.length === 0,
    apply(update) {
      for (const event of update.state) setState(event);
      for (const event of update.timeline) {
        if (ids.has(event.event_id)) continue;
        ids.add(event.event_id);
        setState(event);
        events.push(event);
        const sender = members.get(event.sender);
        if (sender) senders.set(event.event_id, sender);
      }
    },
    replace(event) {
      const index = events.findIndex((known) => known.event_id === event.event_id);
      if (index >= 0) events[index] = event;
    },
    prepend(older) {
      const fresh = older.filter((event) => !ids.has(event.event_id));
      for (const event of fresh) {
        ids.add(event.event_id);
        if (!state.has(stateKey(event))) setState(event);
      }
      events.unshift(...fresh);
    },
    events: () => events,
    messages,
    thread: (rootId) => messages().filter((message) => message.thread === rootId),
    state: (type, key = '') => state.get(`${type}\0${key}`)?.content,
    members: () => members,
    transcript: () => transcriptOf(messages()),
  };
}

function transcriptOf(messages: readonly SeenMessage[]): string {
  const lines = messages.map((message) => {
    const marks = [message.thread && 'in thread', message.edited && 'edited'].filter(Boolean).join(', ');
    const reactions = [...message.reactions].map(([key, senders]) => ` ${key}×${senders.length}`).join('');
    return `  ${message.senderName ?? message.sender}${marks && ` (${marks})`}: ${message.body}${reactions}`;
  });
  return lines.length === 0 ? '  (no messages)' : lines.join('\n');
}

function stateKey(event: MatrixEvent): string {
  return `${event.type}\0${event.state_key ?? ''}`;
}

function memberOf(content: Content): Member {
  return {
    membership: textIn(content, 'membership') ?? 'leave',
    name: textIn(content, 'displayname'),
    avatar: textIn(content, 'avatar_url'),
  };
}
