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

  it('counts what is brought to Slack a second time once, where it stood', async () => {
    await send('before', 'U7', 10, 5, 7);
    await store.media.arrived(keyOf('before'), { target: 'F7', size: 10, mimetype: 'text/plain' });
    await query(bed.url, `update media set at = now() - interval '5 hours' where sender = 'U7'`);
    await send('after', 'U7', 1, 1, 7);
    await store.media.bringAnew(portalId(7), 'F7');
    assert.deepEqual(await store.media.used(keyOf('after')), { portal: 10, sender: 10 });
    const file = { key: keyOf('before'), portal: portalId(7), source: 'before', kind: 'file' } as const;
    const begun = await store.media.begin({ ...file, direction: 'to_slack', sender: 'U7', size: 10 });
    assert.deepEqual(begun, { state: 'begun' });
    assert.deepEqual(await store.media.used(keyOf('after')), { portal: 10, sender: 10 });
    assert.deepEqual(await store.media.used(keyOf('before')), { portal: 0, sender: 0 });
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
