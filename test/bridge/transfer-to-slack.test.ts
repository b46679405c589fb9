import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { createTransferPace } from '../../src/bridge/transfer-pace.ts';
import { bringToSlack } from '../../src/bridge/transfer-to-slack.ts';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { MatrixFile } from '../../src/events.ts';
import { fileId, mxcUri, teamId } from '../../src/ids.ts';
import { createAttachments } from '../../src/matrix/attachments.ts';
import type { OutgoingFile } from '../../src/portal/ports.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'to-slack-'));
});
after(() => rm(folder, { recursive: true }));

const picture: MatrixFile = { kind: 'image', name: 'A cat', url: mxcUri('mxc://hs/cat'), altText: 'a cat' };

interface Scene {
  readonly stream: Readable;
  readonly length?: number;
  readonly mimetype?: string;
  readonly largest?: number;
}

/** A homeserver with one file, and a Slack that keeps what it gets. */
function bring(
  { stream, length, mimetype = 'image/webp', largest = Infinity }: Scene,
  file: MatrixFile = picture,
) {
  const staged: (Omit<OutgoingFile, 'body'> & {
    readonly bytes: Buffer;
    readonly folder: readonly string[];
  })[] = [];
  const download = async () => ({ stream, mimetype, ...(length !== undefined && { length }) });
  const stage = async (_team: string, { body, ...said }: OutgoingFile) => {
    const chunks: Uint8Array[] = [];
    assert.ok(!(body instanceof Uint8Array));
    for await (const chunk of body) chunks.push(chunk);
    staged.push({ ...said, bytes: Buffer.concat(chunks), folder: await readdir(folder) });
    return fileId('F1');
  };
  const matrix = { open: createAttachments({ download }) };
  const { signal: ended } = new AbortController();
  const pace = createTransferPace({ now: () => 0, sleep: async () => undefined });
  const sides = {
    slack: { stage },
    matrix,
    largest: { bytes: largest, of: 'bridge' as const },
    ended,
    folder,
    pace,
  };
  const arrived = bringToSlack(sides, { team: teamId('T1') }, file);
  return { arrived, staged };
}

test('a file comes as it is, with a name that fits its type and what it shows', async () => {
  const bytes = randomBytes(100_000);
  const { arrived, staged } = bring({ stream: Readable.from([bytes]), length: bytes.length });
  assert.deepEqual(await arrived, { target: 'F1', size: 100_000, mimetype: 'image/webp' });
  assert.deepEqual(staged, [{ name: 'A cat.webp', length: 100_000, altText: 'a cat', bytes, folder: [] }]);
});

test('one of which the homeserver doesn’t say how long it is is counted first, and leaves nothing behind', async () => {
  const parts = Array.from({ length: 20 }, () => randomBytes(10_000));
  const stream = Readable.from(parts);
  const { arrived, staged } = bring({ stream });
  assert.equal((await arrived).size, 200_000);
  assert.deepEqual(staged[0]?.bytes, Buffer.concat(parts));
  assert.deepEqual(staged[0]?.folder, []); // no name that a killed process could leave
});

test('one that never ends is cut off', async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(10_000);
  }
  const stream = Readable.from(endless());
  const { arrived, staged } = bring({ stream, largest: 50_000 });
  await assert.rejects(
    arrived,
    (error) => error instanceof CannotBridge && error.reason === 'file-too-large',
  );
  assert.deepEqual(staged, []);
  assert.ok(stream.destroyed);
  assert.deepEqual(await readdir(folder), []);
});

test('one that is too large isn’t read', async () => {
  const stream = Readable.from([Buffer.alloc(10)]);
  const { arrived } = bring({ stream, length: 60_000, largest: 50_000 });
  await assert.rejects(arrived, CannotBridge);
  assert.ok(stream.destroyed);
});

test('a download that breaks off is tried later', async () => {
  async function* broken() {
    yield Buffer.alloc(10);
    throw new Error('reset');
  }
  for (const length of [100, undefined]) {
    const stream = Readable.from(broken());
    const { arrived } = bring({ stream, ...(length !== undefined && { length }) });
    await assert.rejects(arrived, TryLater);
  }
});

test('a homeserver that keeps us waiting is given up', async () => {
  let now = 0;
  async function* drops() {
    for (;;) {
      now += 1000;
      yield Buffer.alloc(10);
    }
  }
  const stream = Readable.from(drops());
  const download = async () => ({ stream, mimetype: 'image/png', length: 1_000_000 });
  const { body } = await createAttachments({ download }, () => now)(picture);
  let read = 0;
  await assert.rejects(async () => {
    for await (const chunk of body) read += chunk.length;
  }, TryLater);
  assert.ok(read <= 310);
});

test('what has no address, or no cipher that can be read, is refused', async () => {
  const { url: _, ...nowhere } = picture;
  const { arrived } = bring({ stream: Readable.from([]) }, nowhere);
  await assert.rejects(arrived, (error) => error instanceof CannotBridge && error.reason === 'no-file');
});

test('what was changed on its way never comes whole to Slack', async () => {
  const cipher = {
    key: randomBytes(32).toString('base64url'),
    iv: randomBytes(16).toString('base64'),
    sha256: randomBytes(32).toString('base64'),
  };
  for (const length of [20_000, undefined]) {
    const stream = Readable.from([Buffer.alloc(10_000), Buffer.alloc(10_000)]);
    const { arrived, staged } = bring(
      { stream, ...(length !== undefined && { length }) },
      { ...picture, cipher },
    );
    await assert.rejects(
      arrived,
      (error) => error instanceof CannotBridge && error.reason === 'file-changed',
    );
    assert.deepEqual(staged, []);
  }
});
