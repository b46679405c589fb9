import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { matrixUserId, mxcUri } from '../../src/ids.ts';
import type { MxcUri } from '../../src/ids.ts';
import { UndiciClient } from '../../src/matrix/client.ts';
import { createMediaFiles } from '../../src/matrix/media-files.ts';
import type { MediaFiles } from '../../src/matrix/media-files.ts';
import { createMedia } from '../../src/matrix/media.ts';
import type { MatrixAdapter } from '../../src/matrix/start-matrix.ts';
import type { Slot } from '../support/slots.ts';
import { testHomeserver } from '../support/synapse.ts';
import type { TestHomeserver } from '../support/synapse.ts';
import { adapterOn, recordingLog } from './support.ts';

const megabyte = Buffer.alloc(1024 * 1024, 'matrix');

/** `length` bytes in pieces of a megabyte. */
function* pieces(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= megabyte.length) yield megabyte.subarray(0, left);
}

function body(length: number) {
  return { stream: Readable.from(pieces(length), { objectMode: false }), length, mimetype: 'text/plain' };
}

async function read(files: MediaFiles, url: MxcUri): Promise<Buffer> {
  const { body } = await files.open({ kind: 'file', name: 'f', url });
  return Buffer.concat(await Readable.from(body).toArray());
}

describe('files on their way to the homeserver', () => {
  let homeserver: TestHomeserver;
  let slot: Slot;
  let adapter: MatrixAdapter;
  let files: MediaFiles;

  before(async () => {
    homeserver = await testHomeserver();
    slot = await homeserver.takeSlot();
    adapter = await adapterOn({ homeserver, slot });
    files = adapter.files;
  });
  after(async () => {
    await adapter?.stop();
    await homeserver?.close();
  });

  it('have an address before their bytes, and only the first bytes stay there', async () => {
    const mxc = await files.reserve();
    assert.ok(mxc !== undefined);
    assert.equal(await files.uploaded(mxc), undefined);
    assert.equal(await files.upload(body(2_500_000), mxc), mxc);
    assert.deepEqual(await files.uploaded(mxc), { size: 2_500_000, mimetype: 'text/plain' });
    assert.equal(await files.upload(body(10), mxc), 'taken');
    assert.deepEqual(await read(files, mxc), Buffer.concat([...pieces(2_500_000)]));
  });

  it('may come without an address, and to none that isn’t there', async () => {
    const mxc = await files.upload(body(5));
    assert.ok(mxc !== 'taken' && mxc !== 'gone');
    assert.deepEqual(await files.uploaded(mxc), { size: 5, mimetype: 'text/plain' });
    const nowhere = mxcUri(`mxc://${homeserver.serverName}/nowhere`);
    assert.equal(await files.upload(body(5), nowhere), 'gone');
    assert.equal(await files.uploaded(nowhere), 'gone');
  });

  it('that break off leave the address free, and say why', async () => {
    const mxc = await files.reserve();
    assert.ok(mxc !== undefined);
    const why = new TryLater('the download from Slack broke off');
    async function* breaks() {
      yield megabyte;
      throw why;
    }
    const broken = { ...body(0), stream: Readable.from(breaks(), { objectMode: false }), length: 5_000_000 };
    await assert.rejects(files.upload(broken, mxc), why);
    assert.equal(await files.uploaded(mxc), undefined);
    assert.equal(await files.upload(body(5), mxc), mxc);
  });

  it('may be as large as the homeserver says', async () => {
    const most = await files.limit();
    assert.ok(most !== undefined && most > 1_000_000);
    assert.equal(await files.limit(), most);
    await assert.rejects(files.open({ kind: 'file', name: 'f' }), CannotBridge);
  });

  it('are deleted with an administrator’s token only', async () => {
    const mxc = await files.upload(body(5));
    assert.ok(mxc !== 'taken' && mxc !== 'gone');
    await files.remove(mxc);
    assert.notEqual(await files.uploaded(mxc), 'gone');
    const [ann, admin] = await Promise.all([homeserver.session('Ann'), homeserver.adminToken()]);
    for (const adminToken of ['unknown', ann.accessToken]) {
      const log = recordingLog();
      const other = await adapterOn({ homeserver, slot, adminToken, log });
      await other.files.remove(mxc);
      await other.stop();
      assert.ok(log.lines.some(({ level, message }) => level === 'warn' && message.includes('admin_token')));
    }
    const removing = await adapterOn({ homeserver, slot, adminToken: admin });
    await removing.files.remove(mxc);
    await removing.files.remove(mxc);
    assert.equal(await files.uploaded(mxc), 'gone');
    await removing.stop();
  });
});

describe('a homeserver without addresses for files that follow', () => {
  async function askedTwice(status: number, answer: object) {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { client, files } = filesAt(server);
    try {
      const given = [await files.reserve(), await files.reserve()];
      return { given, asked };
    } finally {
      await client.close();
      server.close();
    }
  }

  it('is not asked again for a while, whether it knows none or has given too many', async () => {
    const none = { given: [undefined, undefined], asked: 1 };
    assert.deepEqual(await askedTwice(404, { errcode: 'M_UNRECOGNIZED', error: 'what?' }), none);
    const later = { errcode: 'M_LIMIT_EXCEEDED', error: 'too many', retry_after_ms: 86_400_000 };
    assert.deepEqual(await askedTwice(429, later), none);
  });

  it('is no such one while it fails', async () => {
    await assert.rejects(askedTwice(503, {}), TryLater);
  });
});

function filesAt(server: Server): { readonly client: UndiciClient; readonly files: MediaFiles } {
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const client = new UndiciClient({ url: `http://127.0.0.1:${address.port}`, asToken: 'token' });
  const as = async () => ({ user: matrixUserId('@slackbot:hs') });
  const media = createMedia(client, as);
  return { client, files: createMediaFiles({ client, media, as, log: recordingLog() }) };
}

/** A homeserver that takes what it is sent when it is told to. */
async function reluctantHomeserver() {
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  let bytes = 0;
  const server = createServer((request, response) => {
    void taken.then(() => {
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => response.end('{"content_uri":"mxc://hs/1"}'));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { ...filesAt(server), take, taken: () => bytes, close: () => server.close() };
}

describe('a file of 64 MiB', () => {
  it('is read no faster than the homeserver takes it', async () => {
    const homeserver = await reluctantHomeserver();
    const { client, files } = homeserver;
    const length = 64 * megabyte.length;
    let read = 0;
    function* counted() {
      for (const piece of pieces(length)) {
        read += piece.length;
        yield piece;
      }
    }
    const stream = Readable.from(counted(), { objectMode: false });
    const uploaded = files.upload({ stream, length, mimetype: 'video/mp4' });
    await sleep(300);
    assert.ok(read < length / 4, `${read} bytes were read although nobody took them`);
    homeserver.take();
    assert.equal(await uploaded, 'mxc://hs/1');
    assert.equal(homeserver.taken(), length);
    await client.close();
    homeserver.close();
  });
});
