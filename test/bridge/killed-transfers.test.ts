import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { Readable } from 'node:stream';
import { mxcUri } from '../../src/ids.ts';
import { failpointFile } from '../faults/support/failpoint-names.ts';
import type { Failpoint } from '../faults/support/failpoint-names.ts';
import { adapterOn } from '../matrix/support.ts';
import { storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { testHomeserver } from '../support/synapse.ts';
import type { TestHomeserver } from '../support/synapse.ts';
import type { Slot } from '../support/slots.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const bytes = Buffer.alloc(3_000_000, 'a file of three megabytes');
/** Where what is there and what is known of it differ. */
const points: readonly Failpoint[] = [
  'matrix.after:media-create',
  'transfer:aimed',
  'matrix.after:media-upload',
  'transfer:arrived',
];
const script = fileURLToPath(new URL('support/carrying-process.ts', import.meta.url));

describe('a process that is killed while it brings a file to the homeserver', () => {
  const folder = temporaryFolder('carrying');
  let bed: StoreBed;
  let homeserver: TestHomeserver;
  let slot: Slot;
  let host: Server;
  let url: string;

  before(async () => {
    [bed, homeserver] = await Promise.all([storeBed(), testHomeserver()]);
    slot = await homeserver.takeSlot();
    host = createServer((_, response) => {
      response.writeHead(200, { 'content-length': String(bytes.length) }).end(bytes);
    }).listen(0, '127.0.0.1');
    await once(host, 'listening');
    const address = host.address();
    assert.ok(typeof address === 'object' && address);
    url = `http://127.0.0.1:${address.port}/`;
  });
  after(async () => {
    host?.close();
    await bed?.close();
    await homeserver?.close();
    await folder.remove();
  });

  /** What it says, or nothing if it was killed. */
  async function carry(file: string, armed: string): Promise<string> {
    const { url: address, serverName } = homeserver;
    const task = {
      database: bed.url,
      keyFile: bed.keyFile,
      homeserver: { url: address, serverName },
      slot,
      file,
    };
    const child = spawn(
      process.execPath,
      ['--conditions=failpoints', script, JSON.stringify({ ...task, url, size: bytes.length })],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, [failpointFile]: armed } },
    );
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await once(child, 'close');
    return said;
  }

  /** How many of the bot's uploads have bytes. */
  async function copies(): Promise<number> {
    const bot = encodeURIComponent(`@${slot.botLocalpart}:${homeserver.serverName}`);
    const response = await fetch(`${homeserver.url}/_synapse/admin/v1/users/${bot}/media?limit=100`, {
      headers: { authorization: `Bearer ${await homeserver.adminToken()}` },
    });
    const { media } = (await response.json()) as {
      media: readonly { readonly media_length: number | null }[];
    };
    return media.filter(({ media_length: length }) => length !== null).length;
  }

  it('leaves one copy there, whole, wherever it is killed', async () => {
    async function killed(point: Failpoint, index: number): Promise<string> {
      const [file, armed] = [`F${index}`, join(folder.path, `armed-${index}`)];
      await writeFile(armed, `${point} 1`);
      assert.equal(await carry(file, armed), '', `killed at ${point}`);
      assert.ok(existsSync(`${armed}.fired`) && !existsSync(armed));
      return carry(file, armed);
    }
    const addresses = await Promise.all(points.map(killed));
    assert.equal(await copies(), points.length);
    const adapter = await adapterOn({ homeserver, slot });
    for (const [index, address] of addresses.entries()) {
      const { body } = await adapter.files.open({ kind: 'file', name: 'f', url: mxcUri(address) });
      assert.ok(
        Buffer.concat(await Readable.from(body).toArray()).equals(bytes),
        `killed at ${points[index]}`,
      );
    }
    await adapter.stop();
  });
});
