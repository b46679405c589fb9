import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { MatrixApi } from './api.ts';
import { matrixEvent } from './event.ts';
import type { MatrixEvent } from './event.ts';
import { roomRecord } from './room.ts';
import type { RoomRecord, SeenRoom } from './room.ts';

/** An invitation that was neither accepted nor refused yet. */
export interface Invitation {
  readonly roomId: string;
  readonly from: string;
  /** The room's name, when the invitation tells it. */
  readonly name: string | undefined;
}

/** What one account's /sync has told so far. */
export interface SyncRecord {
  readonly rooms: ReadonlyMap<string, SeenRoom>;
  readonly invitations: ReadonlyMap<string, Invitation>;
  /** Calls `listener` after each answer; returns how to end that. */
  onUpdate(listener: () => void): () => void;
}

/** An account's /sync as it goes on. */
export interface Sync extends SyncRecord {
  /** Ends the loop and the request under way. */
  stop(): Promise<void>;
}

const events = z.object({ events: z.array(matrixEvent).default([]) }).default({ events: [] });
const joinedRoom = z.object({
  state: events,
  timeline: z
    .object({
      events: z.array(matrixEvent).default([]),
      limited: z.boolean().default(false),
      prev_batch: z.string().optional(),
    })
    .default({ events: [], limited: false }),
});
const invitedRoom = z.object({ invite_state: events });
const syncAnswer = z.object({
  next_batch: z.string(),
  rooms: z
    .object({
      join: z.record(z.string(), joinedRoom).default({}),
      invite: z.record(z.string(), invitedRoom).default({}),
      leave: z.record(z.string(), joinedRoom).default({}),
    })
    .default({ join: {}, invite: {}, leave: {} }),
});
const messagesAnswer = z.object({ chunk: z.array(matrixEvent), end: z.string().optional() });

type JoinedRoom = z.infer<typeof joinedRoom>;

const filter = JSON.stringify({
  presence: { types: [] },
  room: { timeline: { limit: 100 }, ephemeral: { types: [] } },
});

/** What /sync tells, by whomever it was asked. */
export interface SyncAnswers extends SyncRecord {
  readonly rooms: ReadonlyMap<string, RoomRecord>;
  /** Takes in an answer of /sync, which follows those before; returns where the next one begins. */
  apply(answer: unknown): Promise<string>;
  /** Tells the listeners that a room isn't as it was. */
  changed(): void;
}

/** Nothing is known yet. */
export function syncAnswers(api: MatrixApi, userId: string): SyncAnswers {
  const rooms = new Map<string, RoomRecord>();
  const invitations = new Map<string, Invitation>();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  async function apply(given: unknown): Promise<string> {
    const answer = syncAnswer.parse(given);
    for (const [roomId, update] of Object.entries({ ...answer.rooms.leave, ...answer.rooms.join })) {
      const room = rooms.get(roomId) ?? roomRecord(roomId);
      rooms.set(roomId, room);
      invitations.delete(roomId);
      await takeIn(api, room, update);
    }
    for (const [roomId, { invite_state }] of Object.entries(answer.rooms.invite)) {
      invitations.set(roomId, invitationOf(roomId, userId, invite_state.events));
    }
    changed();
    return answer.next_batch;
  }

  return {
    rooms,
    invitations,
    apply,
    changed,
    onUpdate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Starts the loop: long polls, at once again after an answer, after 200 ms when the homeserver can't be reached. */
export function startSync(api: MatrixApi, userId: string): Sync {
  const record = syncAnswers(api, userId);
  const ended = new AbortController();

  async function loop(): Promise<void> {
    let since: string | undefined;
    while (!ended.signal.aborted) {
      try {
        const query = { since, timeout: since === undefined ? 0 : 20_000, filter };
        since = await record.apply(await api.call('GET', '/sync', { query, signal: ended.signal }));
      } catch (error) {
        if (error instanceof z.ZodError) throw error;
        await sleep(200); // the homeserver restarts, or we were stopped
      }
    }
  }

  const running = loop();
  return {
    rooms: record.rooms,
    invitations: record.invitations,
    onUpdate: (listener) => record.onUpdate(listener),
    async stop() {
      ended.abort();
      await running;
    },
  };
}

/** Takes in one room's news; where the homeserver left events out, they are fetched first. */
async function takeIn(api: MatrixApi, room: RoomRecord, update: JoinedRoom): Promise<void> {
  const { timeline, state } = update;
  const isNew = room.isEmpty();
  const missing =
    timeline.limited && timeline.prev_batch !== undefined
      ? await olderEvents(api, room, timeline.prev_batch)
      : [];
  if (isNew) {
    room.apply({ state: state.events, timeline: timeline.events });
    room.prepend(missing);
  } else {
    room.apply({ state: state.events, timeline: [...missing, ...timeline.events] });
  }
}

/** The events before `from` back to the first one known, or to the beginning of what we may see; oldest first. */
async function olderEvents(api: MatrixApi, room: RoomRecord, from: string): Promise<readonly MatrixEvent[]> {
  const older: MatrixEvent[] = [];
  let token: string | undefined = from;
  while (token !== undefined) {
    const path = `/rooms/${encodeURIComponent(room.roomId)}/messages`;
    const page = messagesAnswer.parse(
      await api.call('GET', path, { query: { dir: 'b', limit: 200, from: token } }),
    );
    const known = page.chunk.findIndex((event) => room.has(event.event_id));
    older.push(...(known === -1 ? page.chunk : page.chunk.slice(0, known)));
    token = known === -1 && page.chunk.length > 0 ? page.end : undefined;
  }
  return older.toReversed();
}

function invitationOf(roomId: string, userId: string, state: readonly MatrixEvent[]): Invitation {
  const ours = state.find((event) => event.type === 'm.room.member' && event.state_key === userId);
  const name = state.find((event) => event.type === 'm.room.name')?.content['name'];
  return { roomId, from: ours?.sender ?? '', name: typeof name === 'string' ? name : undefined };
}
