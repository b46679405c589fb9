import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { matrixApi } from '../../../sandbox/matrix-user/api.ts';
import { objectIn } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixEvent } from '../../../sandbox/matrix-user/event.ts';
import { syncAnswers } from '../../../sandbox/matrix-user/sync.ts';
import { matrixUser } from '../../../sandbox/matrix-user.ts';
import type { MatrixUser, SeenMessage, Session } from '../../../sandbox/matrix-user.ts';
import type { TestHomeserver } from '../synapse.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startClientProcess } from './client-process.ts';
import { ensureNio } from './nio.ts';
import { device } from './protocol.ts';
import type { Device, Line, Reading } from './protocol.ts';

/** A client's make: matrix-js-sdk, on which Element Web stands, and matrix-nio. */
export type Make = 'js' | 'nio';

export interface EncryptingOptions {
  /** Only `js`: talks only with devices that their owners signed. Absent: with all. */
  readonly onlySigned?: boolean;
}

/** What a person knows of how a message came. */
export interface Received extends Reading {
  /** Nobody encrypted it. */
  readonly inClear: boolean;
}

/** A person at a client that encrypts: where the room is encrypted, what they write and see went through its keys. */
export interface EncryptingUser extends MatrixUser {
  /** How an event came; absent: it did not come. Of one's own: as any that can be read. */
  received(room: string, eventId: string): Received | undefined;
  /** The events that this client could not read yet, with why. */
  unread(room: string): readonly { readonly event: MatrixEvent; readonly problem: string }[];
  /** Turns encryption on. */
  encrypt(room: string): Promise<void>;
  /** Waits until this client encrypts what it sends to the room. */
  knowsEncryption(room: string): Promise<void>;
  /** Sends a file under a key of its own, as `file` of an `m.file` or, by `msgtype`, of another message. */
  sendFile(
    room: string,
    name: string,
    bytes: Uint8Array,
    more?: Readonly<Record<string, unknown>>,
  ): Promise<string>;
  /** The bytes of the file that an encrypted message describes. */
  readFile(message: SeenMessage): Promise<Uint8Array>;
  devices(user: string): Promise<readonly Device[]>;
  verify(user: string): Promise<void>;
  /** The next message goes out under a new room key. */
  rotate(room: string): Promise<void>;
}

/** The encrypting people of a test file. */
export interface EncryptingPeople {
  /** Registers a person with a name of their own and opens their client. */
  open(displayName: string, make: Make, options?: EncryptingOptions): Promise<EncryptingUser>;
  /** Ends the clients of all. Belongs into `after`, before the homeserver's own. */
  close(): Promise<void>;
}

export function encryptingPeople(homeserver: Pick<TestHomeserver, 'session'>): EncryptingPeople {
  const people: EncryptingUser[] = [];
  return {
    async open(displayName, make, options) {
      const person = await encryptingUser(make, await homeserver.session(displayName), options);
      people.push(person);
      return person;
    },
    async close() {
      await Promise.all(people.map((person) => person.stop()));
    },
  };
}

const inProcess = {
  js: [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(new URL('./js-client.ts', import.meta.url)),
  ],
  nio: [fileURLToPath(new URL('./nio-client.py', import.meta.url))],
} as const;

/** Opens a client that encrypts on a session of its own: a device that nobody used before. `stop()` ends it. */
async function encryptingUser(
  make: Make,
  session: Session,
  { onlySigned = false }: EncryptingOptions = {},
): Promise<EncryptingUser> {
  const folder = temporaryFolder(`client-${make}`);
  await mkdir(folder.path, { recursive: true });
  const api = matrixApi(session.url, session.accessToken);
  const sync = syncAnswers(api, session.userId);
  const known = knownEvents(sync);
  let last = Promise.resolve(); // answers of /sync are taken in one after the other
  const command =
    make === 'js' ? inProcess.js : [await ensureNio((line) => console.error(line)), ...inProcess.nio];
  const client = await startClientProcess(
    command,
    { ...session, folder: folder.path, onlySigned },
    (news) => {
      last = last.then(async () => {
        if (news.says === 'sync') await sync.apply(news.answer);
        else known.tell(news.event.event_id, toldBy(news));
        known.settle();
      });
    },
  );

  const user = matrixUser(session, {
    sync: {
      ...sync,
      async stop() {
        await client.stop();
        await last;
        await folder.remove();
      },
    },
    async send(room, content, type) {
      const event_id = z.string().parse(await client.ask('send', { room, content, type }));
      known.tell(event_id, { room, reading: {}, inside: { type, content } });
      known.settle();
      return event_id;
    },
  });
  return {
    ...user,
    received: (room, eventId) => known.received(room, eventId),
    unread: (room) => known.unread(room),
    async encrypt(room) {
      await user.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
      await client.ask('encrypted', { room });
    },
    async knowsEncryption(room) {
      await client.ask('encrypted', { room });
    },
    async sendFile(room, name, bytes, more = {}) {
      const path = join(folder.path, 'upload');
      await writeFile(path, bytes);
      const file = await client.ask('upload', { path, name });
      const info = { size: bytes.length, mimetype: 'application/octet-stream' };
      return user.send(room, { msgtype: 'm.file', body: name, filename: name, info, file, ...more });
    },
    async readFile(message) {
      const path = join(folder.path, 'download');
      await client.ask('download', { file: objectIn(message.content, 'file'), path });
      return readFile(path);
    },
    devices: async (who) => z.array(device).parse(await client.ask('devices', { user: who })),
    async verify(who) {
      await client.ask('verify', { user: who });
    },
    async rotate(room) {
      await client.ask('rotate', { room });
    },
  };
}

function toldBy({ room, event, reading }: Extract<Line, { says: 'read' }>): Told {
  const { type, content } = event;
  return { room, reading, ...(reading.problem === undefined && { inside: { type, content } }) };
}

/** What the client has told of one event. */
interface Told {
  readonly room: string;
  readonly reading: Reading;
  /** Absent: it can't be read. */
  readonly inside?: Pick<MatrixEvent, 'type' | 'content'>;
}

/** Puts what the client tells of single events into the rooms, as soon as the events are there. */
function knownEvents(sync: ReturnType<typeof syncAnswers>) {
  const told = new Map<string, Told>();
  /** What stands there in clear now and came encrypted. */
  const opened = new Set<string>();
  const eventIn = (room: string, id: string): MatrixEvent | undefined =>
    sync.rooms
      .get(room)
      ?.events()
      .find(({ event_id }) => event_id === id);

  return {
    tell(id: string, news: Told): void {
      told.set(id, news);
    },
    settle(): void {
      for (const [id, { room, inside }] of told) {
        const event = inside && eventIn(room, id);
        if (!inside || event?.type !== 'm.room.encrypted') continue;
        opened.add(id);
        sync.rooms.get(room)?.replace({ ...event, ...inside });
      }
      sync.changed();
    },
    received(room: string, id: string): Received | undefined {
      const event = eventIn(room, id);
      const inClear = event?.type !== 'm.room.encrypted' && !opened.has(id);
      return event && { ...told.get(id)?.reading, inClear };
    },
    unread(room: string) {
      const events = sync.rooms.get(room)?.events() ?? [];
      return events
        .filter(({ type }) => type === 'm.room.encrypted')
        .map((event) => ({ event, problem: told.get(event.event_id)?.reading.problem ?? 'not tried yet' }));
    },
  };
}
