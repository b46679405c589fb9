import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { mxcUri } from '../../src/ids.ts';
import type { MxcUri } from '../../src/ids.ts';
import type { MediaFiles } from '../../src/matrix/media-files.ts';
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
