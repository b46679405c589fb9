import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FileKey } from '../../src/errors.ts';
import { portalId } from '../../src/ids.ts';
import { cleanUp } from '../../src/store/clean-up.ts';
import { createReader } from '../../src/store/reader.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { log, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const keyOf = (source: string): FileKey => `media:1:file:${source}`;

describe('how much was sent lately', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  async function send(source: string, sender: string, size: number, hoursAgo: number, portal = 1) {
    const key = keyOf(source);
    const direction = 'to_slack' as const;
    await store.media.begin({ key, portal: portalId(portal), source, kind: 'file', direction, sender, size });
    const earlier = `update media set at = now() - $2 * interval '1 hour' where key = $1`;
    await query(bed.url, earlier, [key, hoursAgo]);
  }

  it('is what the portal and the person sent in 24 hours, before the file that asks', async () => {
    await send('old', 'U1', 1000, 25);
    await send('one', 'U1', 10, 20);
    await send('other', 'U2', 100, 10);
    await send('elsewhere', 'U1', 5, 9, 2);
    await send('refused', 'U1', 7, 8);
    await store.media.failed(keyOf('refused'), 'no', 'no');
    await send('asks', 'U1', 3, 1);
    await send('later', 'U1', 50, 0);
    assert.deepEqual(await store.media.used(keyOf('asks')), { portal: 110, sender: 15 });
    await store.media.forget(portalId(1), 'other');
    assert.deepEqual(await store.media.used(keyOf('asks')), { portal: 110, sender: 15 }, 'deleted is sent');
    assert.deepEqual(await store.media.used(keyOf('nobody knows')), { portal: 0, sender: 0 });
  });

  it('forgets what was deleted after a day', async () => {
    await send('gone', 'U3', 10, 25);
    await store.media.forget(portalId(1), 'gone');
    const rows = async () => (await query(bed.url, `select 1 from media where sender = 'U3'`)).length;
    assert.equal(await rows(), 1);
    const reader = createReader({ url: bed.url }, log, { statements: 0 });
    await cleanUp(reader);
    await reader.close();
    assert.equal(await rows(), 0);
  });

  it('says when there is room again', async () => {
    const hours = async (scope: 'portal' | 'sender', bytes: number) => {
      const at = await store.media.freeAt(keyOf('asks'), scope, bytes);
      return at === undefined ? undefined : Math.round((at - Date.now()) / 3_600_000);
    };
    assert.deepEqual(
      [await hours('sender', 1), await hours('sender', 11), await hours('sender', 16)],
      [4, 15, undefined],
    );
    assert.deepEqual([await hours('portal', 10), await hours('portal', 11)], [4, 14]);
  });
});
