import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  DecryptionSettings,
  DeviceId,
  initAsync,
  OlmMachine,
  RoomId,
  StoreHandle,
  TrustRequirement,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { createCryptoDatabases } from '../../../src/matrix/crypto/indexed-db.ts';
import { messageIndex } from '../../../src/matrix/crypto/message-index.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { failpointFile } from '../../faults/support/failpoint-names.ts';
import { randomFrom } from '../../support/random.ts';
import { eventually } from '../eventually.ts';
import { query } from '../query.ts';
import { storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

const program = fileURLToPath(new URL('crypto-process.ts', import.meta.url));
const random = randomFrom(19);
const children = new Set<ChildProcess>();

let bed: StoreBed;
before(async () => {
  bed = await storeBed();
});
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await bed.close();
});

interface Said {
  readonly key?: string;
  readonly body?: string;
  readonly content?: { readonly session_id: string; readonly ciphertext: string };
}

interface Child {
  readonly said: readonly Said[];
  readonly killed: () => boolean;
  kill(): void;
  /** Its exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
}

/** `onSaid` is told how many things it has said. */
function start(work: string, onSaid: (count: number, child: Child) => void = () => undefined): Child {
  const armed = `${bed.keyFile}.failpoint`;
  const process_ = spawn(process.execPath, ['--conditions=failpoints', program, work, bed.url, bed.keyFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, [failpointFile]: armed },
  });
  children.add(process_);
  const said: Said[] = [];
  const child: Child = {
    said,
    killed: () => process_.signalCode === 'SIGKILL',
    kill: () => void process_.kill('SIGKILL'),
    ended: once(process_, 'close').then(() => process_.exitCode),
  };
  createInterface({ input: process_.stdout }).on('line', (line) => {
    said.push(JSON.parse(line) as Said); // as crypto-process.ts says it
    onSaid(said.length, child);
  });
  return child;
}

/** Ends by itself in one of these moments. */
async function killedAt(point: string, pass: number): Promise<readonly Said[]> {
  writeFileSync(`${bed.keyFile}.failpoint`, `${point} ${pass}`);
  const child = start('encrypt');
  assert.equal(await child.ended, null, `${point} ${pass}`);
  assert.ok(existsSync(`${bed.keyFile}.failpoint.fired`));
  return child.said;
}

async function killedAfter(count: number): Promise<readonly Said[]> {
  const child = start('encrypt', (said) => {
    if (said === count) child.kill();
  });
  await child.ended;
  return child.said;
}

test('a ratchet never goes back, whenever the process is killed, and all that was sent can be read', async () => {
  const all: Said[] = [...(await killedAt('crypto.before', 5)), ...(await killedAt('crypto.after', 21))];
  assert.equal(all.length, 0, 'the store wasn’t whole yet');
  for (let round = 0; round < 3; round += 1) {
    const pass = (): number => 1 + Math.floor(random() * 7);
    all.push(...(await killedAt('crypto.before', pass())));
    all.push(...(await killedAt('crypto.after', pass())));
    all.push(...(await killedAfter(1 + pass())));
  }
  const last = start('encrypt');
  assert.equal(await last.ended, 0);
  all.push(...last.said);

  assert.equal(new Set(all.flatMap(({ key }) => key ?? [])).size, 1, 'it is one device');
  const sent = all.flatMap(({ body, content }) => (body !== undefined && content ? [{ body, content }] : []));
  assert.ok(sent.length > 15, `${sent.length}`);
  const places = sent.map(({ content }) => `${content.session_id} ${messageIndex(content.ciphertext)}`);
  assert.equal(new Set(places).size, places.length);
  const read = await readAll(sent.map(({ content }) => content));
  assert.deepEqual(
    read,
    sent.map(({ body }) => body),
  );
  await assertUnreadable(all);
});

/** A dump without the key tells which devices of ours there are, and how much they keep. */
async function assertUnreadable(said: readonly Said[]): Promise<void> {
  const rows = await query(
    bed.url,
    `select name, schema::text, store, key, value from crypto_row join crypto_database d on d.id = database`,
  );
  assert.ok(rows.length > 5);
  const dump = rows.flatMap((row) => Object.values(row as Record<string, string | Buffer>)).map(String);
  const secrets = said.flatMap(({ key, body, content }) => key ?? [body ?? '', content?.session_id ?? '']);
  const text = dump.join(' ').replaceAll('@bot:example.org|DEVICE', '');
  for (const secret of ['!room:', 'friend', 'else.where', 'example.org', 'ed25519:', ...new Set(secrets)])
    assert.ok(!text.includes(secret), secret);
}

/** As the next process reads them. */
async function readAll(contents: readonly object[]): Promise<readonly unknown[]> {
  const store = await bed.open();
  await store.crypto.leadership.start();
  const name = '@bot:example.org|DEVICE';
  const databases = createCryptoDatabases(store.crypto.rows, (error) => assert.fail(String(error)));
  await initAsync();
  await databases.attach(name);
  const handle = await StoreHandle.openWithKey(name, await store.crypto.state.storeKey());
  const machine = await OlmMachine.initFromStore(
    new UserId('@bot:example.org'),
    new DeviceId('DEVICE'),
    handle,
  );
  const bodies: unknown[] = [];
  for (const [n, content] of contents.entries()) {
    const ids = {
      event_id: `$${n}`,
      sender: '@bot:example.org',
      origin_server_ts: n,
      type: 'm.room.encrypted',
    };
    const event = JSON.stringify({ ...ids, content });
    const settings = new DecryptionSettings(TrustRequirement.Untrusted);
    const found = await machine.decryptRoomEvent(event, new RoomId('!room:example.org'), settings);
    const inside = JSON.parse(found.event) as { readonly content: { readonly body: unknown } };
    bodies.push(inside.content.body);
  }
  machine.close();
  databases.detach(name);
  await store.close();
  return bodies;
}

test('when the process that leads is killed another one leads within seconds, and not before', async () => {
  const said = Promise.withResolvers<void>();
  const child = start('lead', () => said.resolve());
  await said.promise;
  const store: Store = await bed.open();
  await store.crypto.leadership.start();
  assert.equal(store.crypto.leadership.isLeader(), false);
  await assert.rejects(store.crypto.rows.load('any'), { name: 'TryLater' });
  child.kill();
  await eventually(() => store.crypto.leadership.isLeader());
  assert.equal(child.killed(), true);
  assert.equal(await store.crypto.rows.load('any'), undefined);
  await store.close();
});

test('what a process was asked that is killed then, the next one answers', async () => {
  const asked = Promise.withResolvers<void>();
  const serves = Promise.withResolvers<void>();
  const child = start('serve', (count) => (count === 1 ? serves : asked).resolve());
  await serves.promise;
  const store = await bed.open();
  const { leadership, handover } = store.crypto;
  leadership.onGained(() => handover.serve((kind, payload) => Promise.resolve({ ...payload, kind })));
  await leadership.start();
  const answer = handover.request('encrypt', { n: 1 });
  await asked.promise;
  child.kill();
  assert.deepEqual(await answer, { n: 1, kind: 'encrypt' });
  await store.close();
});
