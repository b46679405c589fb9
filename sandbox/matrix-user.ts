import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { matrixApi } from './matrix-user/api.ts';
import type { Media, MatrixApi } from './matrix-user/api.ts';
import { editOf, inThread, reactionTo, replyTo, textMessage } from './matrix-user/compose.ts';
import type { Written } from './matrix-user/compose.ts';
import type { Content } from './matrix-user/event.ts';
import { roomRecord } from './matrix-user/room.ts';
import type { SeenRoom } from './matrix-user/room.ts';
import { startSync } from './matrix-user/sync.ts';
import type { Invitation, Sync } from './matrix-user/sync.ts';

export type { Content } from './matrix-user/event.ts';
export type { SeenMessage } from './matrix-user/messages.ts';

/** A session of a person: from a login, or from a registration. */
export interface Session {
  /** The homeserver's address without a slash at the end. */
  readonly url: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly deviceId: string;
}

export interface NewRoom {
  readonly name?: string;
  readonly topic?: string;
  readonly invite?: readonly string[];
  readonly public?: boolean;
  /** The local part of its alias. */
  readonly alias?: string;
  readonly version?: string;
  readonly direct?: boolean;
  readonly state?: readonly {
    readonly type: string;
    readonly state_key?: string;
    readonly content: Content;
  }[];
}

export interface Profile {
  readonly name: string | undefined;
  readonly avatar: string | undefined;
}

/** How a client gets events and sends its own. */
export interface Wire {
  readonly sync: Sync;
  /** Sends an event to a room that the client is in; returns its id. */
  send(roomId: string, content: Content, type: string): Promise<string>;
}

/** How long `waitFor…` waits unless told otherwise, in milliseconds. */
const patience = 15_000;

/**
 * A person at a Matrix client of their own: writes to rooms and sees what is in them, over the client-server API only.
 * Knows nothing of the bridge.
 *
 * @param session is used as it is; the client starts to sync at once and goes on until `stop()`.
 * @param wire of a client that encrypts; absent: everything goes in clear.
 */
export function matrixUser(session: Session, wire?: Wire) {
  const api = matrixApi(session.url, session.accessToken);
  const { sync, ...sending } = wire ?? wireInClear(session, api);
  return {
    ...session,
    api,
    ...reading(session, api, sync),
    ...writing(api, sending),
    ...rooms(api),
    ...profiles(session, api),
    /** Ends the client. The session stays valid. */
    stop: () => sync.stop(),
  };
}

export type MatrixUser = ReturnType<typeof matrixUser>;

const loginAnswer = z.object({ user_id: z.string(), access_token: z.string(), device_id: z.string() });

/** Logs a person in by password. */
export async function logIn(url: string, name: string, password: string): Promise<Session> {
  const identifier = { type: 'm.id.user', user: name };
  const answer = await matrixApi(url).call('POST', '/login', {
    body: { type: 'm.login.password', identifier, password },
  });
  const session = loginAnswer.parse(answer);
  return { url, userId: session.user_id, accessToken: session.access_token, deviceId: session.device_id };
}

/** Path parts are escaped: room ids and event ids hold characters that paths give a meaning to. */
function path(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}

function reading(session: Session, api: MatrixApi, sync: Sync) {
  const room = (roomId: string): SeenRoom => sync.rooms.get(roomId) ?? roomRecord(roomId);

  /** Waits until `look` finds something; `describe` is what the person saw instead, for the error. */
  async function until<Found>(
    look: () => Found | undefined,
    timeout: number,
    describe: () => string,
  ): Promise<Found> {
    const now = look();
    if (now !== undefined) return now;
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        end();
      };
      const end = sync.onUpdate(() => {
        const found = look();
        if (found === undefined) return;
        finish();
        resolve(found);
      });
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`${session.userId} waited ${timeout} ms in vain. ${describe()}`));
      }, timeout);
    });
  }

  return {
    /** The room as seen now; empty when this person isn't in it. */
    room,
    /** Waits until `look` finds what it wants in the room, and returns that; fails with what was to be read there. */
    waitFor: async <Found>(roomId: string, look: (room: SeenRoom) => Found | undefined, timeout = patience) =>
      until(
        () => look(room(roomId)),
        timeout,
        () => `In the room was:\n${room(roomId).transcript()}`,
      ),
    /** Waits for a message whose text is, or matches, `wanted`. */
    waitForText: async (roomId: string, wanted: string | RegExp, timeout = patience) =>
      until(
        () =>
          room(roomId)
            .messages()
            .find(({ body }) => (typeof wanted === 'string' ? body === wanted : wanted.test(body))),
        timeout,
        () => `It should be: ${String(wanted)}\nIn the room was:\n${room(roomId).transcript()}`,
      ),
    /** Waits for an invitation that `wanted` accepts; absent: any. */
    waitForInvitation: async (wanted: (invitation: Invitation) => boolean = () => true, timeout = patience) =>
      until(
        () => [...sync.invitations.values()].find((invitation) => wanted(invitation)),
        timeout,
        () => `Invitations: ${JSON.stringify([...sync.invitations.values()])}`,
      ),
    download: async (uri: string): Promise<Media> => api.download(uri),
  };
}

const sent = z.object({ event_id: z.string() });

function wireInClear({ userId }: Session, api: MatrixApi): Wire {
  return {
    sync: startSync(api, userId),
    async send(roomId, content, type) {
      const target = path('rooms', roomId, 'send', type, randomUUID());
      return sent.parse(await api.call('PUT', target, { body: content })).event_id;
    },
  };
}

function writing(api: MatrixApi, wire: Pick<Wire, 'send'>) {
  const send = (roomId: string, content: Content, type = 'm.room.message'): Promise<string> =>
    wire.send(roomId, content, type);

  return {
    /** Sends any event; returns its id. */
    send,
    say: async (roomId: string, text: Written) => send(roomId, textMessage(text)),
    /** `/me` */
    emote: async (roomId: string, text: Written) => send(roomId, textMessage(text, 'm.emote')),
    reply: async (roomId: string, to: string, text: Written) => send(roomId, replyTo(to, textMessage(text))),
    sayInThread: async (roomId: string, root: string, text: Written) =>
      send(roomId, inThread(root, textMessage(text))),
    edit: async (roomId: string, eventId: string, text: Written) =>
      send(roomId, editOf(eventId, textMessage(text))),
    react: async (roomId: string, eventId: string, key: string) =>
      send(roomId, reactionTo(eventId, key), 'm.reaction'),
    /** Removes a message or a reaction. */
    async redact(roomId: string, eventId: string, reason?: string): Promise<string> {
      const target = path('rooms', roomId, 'redact', eventId, randomUUID());
      return sent.parse(await api.call('PUT', target, { body: reason === undefined ? {} : { reason } }))
        .event_id;
    },
    upload: async (bytes: Uint8Array<ArrayBuffer>, type: string, name: string) =>
      api.upload(bytes, type, name),
  };
}

const room = z.object({ room_id: z.string() });

function rooms(api: MatrixApi) {
  const change = async (roomId: string, what: string, body: Content): Promise<void> => {
    await api.call('POST', path('rooms', roomId, what), { body });
  };
  return {
    async createRoom(wanted: NewRoom = {}): Promise<string> {
      const body = {
        name: wanted.name,
        topic: wanted.topic,
        invite: wanted.invite,
        preset: wanted.public ? 'public_chat' : 'private_chat',
        visibility: wanted.public ? 'public' : 'private',
        room_alias_name: wanted.alias,
        room_version: wanted.version,
        is_direct: wanted.direct,
        initial_state: wanted.state,
      };
      return room.parse(await api.call('POST', '/createRoom', { body })).room_id;
    },
    /** @param target a room id or an alias. */
    join: async (target: string) => room.parse(await api.call('POST', path('join', target))).room_id,
    leave: async (roomId: string) => change(roomId, 'leave', {}),
    invite: async (roomId: string, userId: string) => change(roomId, 'invite', { user_id: userId }),
    kick: async (roomId: string, userId: string) => change(roomId, 'kick', { user_id: userId }),
    ban: async (roomId: string, userId: string) => change(roomId, 'ban', { user_id: userId }),
    async setState(roomId: string, type: string, content: Content, key = ''): Promise<void> {
      await api.call('PUT', `${path('rooms', roomId, 'state', type)}/${encodeURIComponent(key)}`, {
        body: content,
      });
    },
  };
}

const profile = z.object({ displayname: z.string().nullish(), avatar_url: z.string().nullish() });

function profiles(session: Session, api: MatrixApi) {
  return {
    async profile(userId: string = session.userId): Promise<Profile> {
      const found = profile.parse(await api.call('GET', path('profile', userId)));
      return { name: found.displayname ?? undefined, avatar: found.avatar_url ?? undefined };
    },
    async setName(name: string): Promise<void> {
      await api.call('PUT', path('profile', session.userId, 'displayname'), { body: { displayname: name } });
    },
    /** @param uri `mxc://…`, as `upload` gives it. */
    async setAvatar(uri: string): Promise<void> {
      await api.call('PUT', path('profile', session.userId, 'avatar_url'), { body: { avatar_url: uri } });
    },
  };
}
