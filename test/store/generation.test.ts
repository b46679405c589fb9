import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { DatabaseWentBack, openGeneration } from '../../src/store/generation.ts';
import { log, makePortal, slackMessage, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';
import { query } from './query.ts';

let bed: StoreBed;
let file: string;

before(async () => {
  bed = await storeBed();
  file = join(dirname(bed.keyFile), 'generation.json');
});
after(async () => {
  await bed?.close();
});

async function noted(): Promise<{ readonly bridge: string; readonly generation: number }> {
  return JSON.parse(await readFile(file, 'utf8')) as { bridge: string; generation: number };
}

/** As a backup of the database would have it. */
async function goBack(generation: number): Promise<void> {
  await query(bed.url, `update bridge set generation = $1, beat_at = '2026-01-02T03:04:05Z'`, [generation]);
}

test('each start raises the generation, and notes it beside the key', async () => {
  const store = await bed.open();
  const first = await noted();
  assert.deepEqual(await query(bed.url, 'select generation::int from bridge'), [
    { generation: first.generation },
  ]);
  await store.close();
  const again = await bed.open();
  assert.equal((await noted()).generation, first.generation + 1);
  assert.deepEqual(await again.restored.pending(), new Map());
  await again.close();
});

test('a database that is older than the note was restored: all portals are to be compared, numbers jump', async () => {
  const store = await bed.open();
  const portal = await makePortal(store, 1);
  const gone = await makePortal(store, 2);
  await store.portals.setStatus(gone.id, 'unlinked');
  await store.intake.store([slackMessage(1, 1)]);
  await store.close();
  const { generation } = await noted();
  const [{ epoch, seq }] = (await query(
    bed.url,
    `select nextval('lane_epoch')::int as epoch, (select max(seq)::int from inbox) as seq`,
  )) as [{ epoch: number; seq: number }];
  await goBack(generation - 1);

  const restored = await bed.open();
  assert.deepEqual(await restored.restored.pending(), new Map([[portal.id, Date.UTC(2026, 0, 2, 3, 4, 5)]]));
  assert.equal((await noted()).generation, generation + 1);
  await restored.intake.store([slackMessage(1, 2)]);
  const [after] = (await query(
    bed.url,
    `select (select max(seq)::int from inbox) as seq, (select min(epoch)::int from lane) as epoch`,
  )) as [{ epoch: number; seq: number }];
  assert.ok(after.seq > seq + 100_000, `${after.seq} after ${seq}`);
  assert.ok(after.epoch > epoch + 100_000, `${after.epoch} after ${epoch}`);
  await restored.close();

  const next = await bed.open();
  assert.deepEqual([...(await next.restored.pending()).keys()], [portal.id], 'it isn’t forgotten by a crash');
  assert.equal(next.restored.left(), 1);
  await next.restored.done(portal.id);
  assert.equal(next.restored.left(), 0);
  assert.deepEqual(await next.restored.pending(), new Map());
  await next.close();
});

test('a process that is connected again to a database that went back notices it before it writes', async () => {
  const [{ id }] = (await query(bed.url, 'select id from bridge')) as [{ id: string }];
  const generation = await openGeneration({ connection: { url: bed.url }, bridgeId: id, file, log });
  const client = new pg.Client({ connectionString: bed.url });
  await client.connect();
  try {
    await generation.check(client);
    await goBack((await noted()).generation - 1);
    await assert.rejects(generation.check(client), DatabaseWentBack);
  } finally {
    await client.end();
  }
});

test('a note of another bridge’s database, or one that can’t be read, says nothing', async () => {
  const { generation } = await noted();
  await goBack(generation);
  await writeFile(file, JSON.stringify({ bridge: 'another', generation: generation + 100 }));
  const store = await bed.open();
  assert.equal((await store.restored.pending()).size, 0);
  assert.equal((await noted()).generation, generation + 1);
  await store.close();
  await writeFile(file, '{"bridge');
  const again = await bed.open();
  assert.equal((await again.restored.pending()).size, 0);
  await again.close();
});
