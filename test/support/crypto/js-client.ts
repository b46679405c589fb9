// A process of its own with a matrix-js-sdk client in it, which does what `protocol.ts` says: `node js-client.ts OPENING`.
// Its store is in memory: each start is a new device of its person.
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Attachment, EncryptedAttachment } from '@matrix-org/matrix-sdk-crypto-wasm';
import { ClientEvent, createClient, MatrixEventEvent, SyncState } from 'matrix-js-sdk';
import type { MatrixEvent, TimelineEvents } from 'matrix-js-sdk';
import {
  AllDevicesIsolationMode,
  CryptoEvent,
  EventShieldColour,
  EventShieldReason,
  OnlySignedDevicesIsolationMode,
} from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { CryptoApi } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { z } from 'zod';
import { content } from '../../../sandbox/matrix-user/event.ts';
import type { Device, Line, Opening, Reading, Requests } from './protocol.ts';

for (const name of ['log', 'debug', 'info', 'warn', 'error', 'trace'] as const) {
  console[name] = (...words: unknown[]) => process.stderr.write(`${words.map(String).join(' ')}\n`);
}

function say(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Passes on what /sync answers, before the client makes of it what it does. */
const listening: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const { pathname } = new URL(input instanceof Request ? input.url : input);
  if (!pathname.endsWith('/sync') || !response.ok) return response;
  const text = await response.text();
  say({ says: 'sync', answer: JSON.parse(text) });
  return new Response(text, { status: response.status, headers: response.headers });
};

const opening = JSON.parse(process.argv[2] ?? '') as Opening; // from client-process.ts
const client = createClient({
  baseUrl: opening.url,
  userId: opening.userId,
  deviceId: opening.deviceId,
  accessToken: opening.accessToken,
  fetchFn: listening,
  cryptoCallbacks: {},
});

const shields = {
  [EventShieldColour.NONE]: 'none',
  [EventShieldColour.GREY]: 'grey',
  [EventShieldColour.RED]: 'red',
} as const;

async function readingOf(crypto: CryptoApi, event: MatrixEvent): Promise<Reading> {
  const { session_id: session } = z
    .object({ session_id: z.string().optional() })
    .parse(event.getWireContent());
  const known = session === undefined ? {} : { session };
  if (event.isDecryptionFailure()) {
    return { problem: event.decryptionFailureReason ?? 'UNKNOWN_ERROR', ...known };
  }
  const info = await crypto.getEncryptionInfoForEvent(event);
  if (!info) return known;
  const why = info.shieldReason === null ? {} : { why: EventShieldReason[info.shieldReason] };
  return { shield: shields[info.shieldColour], ...why, ...known };
}

/** Events that came with a shield: it may go once more is known of the sender's devices. */
const shielded = new Map<string, MatrixEvent>();

async function read(crypto: CryptoApi, event: MatrixEvent): Promise<void> {
  const [id, room, sender] = [event.getId(), event.getRoomId(), event.getSender()];
  if (id === undefined || room === undefined || sender === undefined) return;
  const reading = await readingOf(crypto, event);
  if (reading.shield === 'none') shielded.delete(id);
  else shielded.set(id, event);
  const inside = content.parse(event.getOriginalContent());
  const relation = content.parse(event.getWireContent())['m.relates_to'];
  say({
    says: 'read',
    room,
    event: {
      event_id: id,
      type: event.getType(),
      sender,
      origin_server_ts: event.getTs(),
      content: relation === undefined ? inside : { 'm.relates_to': relation, ...inside },
      unsigned: {},
    },
    reading,
  });
}

async function until(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await look())) {
    if (Date.now() > deadline) throw new Error(`The client waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function deviceList(crypto: CryptoApi, user: string): Promise<Device[]> {
  const found = (await crypto.getUserDeviceInfo([user], true)).get(user);
  return Promise.all(
    [...(found?.keys() ?? [])].map(async (id) => {
      const status = await crypto.getDeviceVerificationStatus(user, id);
      return { id, signed: status?.signedByOwner === true, verified: status?.isVerified() === true };
    }),
  );
}

type Answers = { readonly [Name in keyof Requests]: (request: Requests[Name]) => Promise<unknown> };

function answers(crypto: CryptoApi): Answers {
  return {
    async send({ room, type, content: inside }) {
      await until(() => client.getRoom(room)?.getMyMembership() === 'join', `to be in ${room}`);
      // The SDK's types know only the spec's own events.
      const sent = await client.sendEvent(room, type as keyof TimelineEvents, inside as never);
      return sent.event_id;
    },
    async upload({ path, name }) {
      const file = Attachment.encrypt(await readFile(path));
      const keys = content.parse(JSON.parse(file.mediaEncryptionInfo ?? ''));
      const { content_uri: url } = await client.uploadContent(Buffer.from(file.encryptedData), {
        name,
        type: 'application/octet-stream',
      });
      return { ...keys, url };
    },
    async download({ file, path }) {
      const address = client.mxcUrlToHttp(
        z.string().parse(file['url']),
        undefined,
        undefined,
        undefined,
        false,
        true,
        true,
      );
      const response = await fetch(address ?? '', {
        headers: { authorization: `Bearer ${opening.accessToken}` },
      });
      if (!response.ok) throw new Error(`The file is not there: ${response.status}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      await writeFile(path, Attachment.decrypt(new EncryptedAttachment(bytes, JSON.stringify(file))));
      return null;
    },
    async encrypted({ room }) {
      await until(() => crypto.isEncryptionEnabledInRoom(room), `for encryption in ${room}`);
      return null;
    },
    devices: ({ user }) => deviceList(crypto, user),
    async verify({ user }) {
      for (const { id } of await deviceList(crypto, user)) await crypto.setDeviceVerified(user, id);
      return null;
    },
    async rotate({ room }) {
      await crypto.forceDiscardSession(room);
      return null;
    },
    async stop() {
      process.exit(0);
    },
  };
}

await client.initRustCrypto({ useIndexedDB: false });
const crypto = client.getCrypto();
if (!crypto) throw new Error('The client has no encryption.');
await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: async (upload) => upload(null) });
crypto.setDeviceIsolationMode(
  opening.onlySigned ? new OnlySignedDevicesIsolationMode() : new AllDevicesIsolationMode(false),
);
client.on(MatrixEventEvent.Decrypted, (event) => void read(crypto, event));
client.on(CryptoEvent.DevicesUpdated, () => {
  for (const event of shielded.values()) void read(crypto, event);
});
client.once(ClientEvent.Sync, (state) => {
  if (state === SyncState.Prepared) say({ says: 'ready' });
});
await client.startClient({ initialSyncLimit: 500, lazyLoadMembers: false });

const request = z.object({ id: z.number(), do: z.string() }).loose();
const able: Readonly<Record<string, ((request: never) => Promise<unknown>) | undefined>> = answers(crypto);
const lines = createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));
lines.on('line', (text) => {
  const { id, do: name, ...rest } = request.parse(JSON.parse(text));
  const done = able[name]?.(rest as never) ?? Promise.reject(new Error(`No such request: ${name}`));
  done.then(
    (value) => say({ says: 'done', id, value }),
    (error: unknown) => say({ says: 'failed', id, error: String(error) }),
  );
});
