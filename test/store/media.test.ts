import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { portalId } from '../../src/ids.ts';
import type { CarriedFile } from '../../src/portal/media-ports.ts';
import { cleanUp } from '../../src/store/clean-up.ts';
import type { Store } from '../../src/store/open-store.ts';
import { createReader } from '../../src/store/reader.ts';
import { query } from './query.ts';
import { log, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const portal = portalId(3);

function carried(source: string, more: Partial<CarriedFile> = {}): CarriedFile {
  return {
    key: `media:3:${more.kind ?? 'file'}:${source}`,
    portal,
    source,
    kind: 'file',
    direction: 'to_matrix',
    sender: 'UBOB',
    size: 5_000_000_000,
    ...more,
  };
}

describe('files that were carried', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  it('are begun once, and found again where they are', async () => {
    const file = carried('F1');
    assert.deepEqual(await store.media.begin(file), { state: 'begun' });
    assert.equal(await store.media.aim(file.key, 'mxc://hs/1'), 'mxc://hs/1');
    assert.equal(await store.media.aim(file.key, 'mxc://hs/2'), 'mxc://hs/1');
    assert.deepEqual(await store.media.begin(file), { state: 'begun', target: 'mxc://hs/1' });
    const arrived = { target: 'mxc://hs/1', size: 5_000_000_001, mimetype: 'video/mp4' };
    assert.equal(await store.media.arrived(file.key, arrived), true);
    assert.deepEqual(await store.media.begin(file), { state: 'arrived', ...arrived });
    await store.media.failed(file.key, 'late', 'another process was slower');
    assert.equal((await store.media.begin(file)).state, 'arrived');
  });

  it('that a message was sent without stay so, when they come', async () => {
    const file = carried('F11');
    await store.media.begin(file);
    assert.equal(await store.media.wasPassed(file.key), false);
    await store.media.pass(file.key);
    await store.media.arrived(file.key, { target: 'mxc://hs/11', size: 1, mimetype: 'image/png' });
    assert.equal(await store.media.wasPassed(file.key), true);
    assert.equal(await store.media.wasPassed(carried('F1').key), false);
  });

  it('get another address when theirs is gone', async () => {
    const file = carried('F2');
    await store.media.begin(file);
    await store.media.aim(file.key, 'mxc://hs/3');
    await store.media.miss(file.key, 'mxc://hs/other');
    assert.deepEqual(await store.media.begin(file), { state: 'begun', target: 'mxc://hs/3' });
    await store.media.miss(file.key, 'mxc://hs/3');
    assert.deepEqual(await store.media.begin(file), { state: 'begun' });
  });

  it('that can’t come say why, for ten minutes', async () => {
    const file = carried('F3');
    await store.media.begin(file);
    await store.media.failed(file.key, 'file-gone', 'it is not there any more');
    const failed = { state: 'failed', reason: 'file-gone', message: 'it is not there any more' };
    assert.deepEqual(await store.media.begin(file), failed);
    await query(bed.url, `update media set at = now() - interval '11 minutes' where source = 'F3'`);
    assert.deepEqual(await store.media.begin(file), { state: 'begun' });
    assert.deepEqual(await store.media.begin(file), { state: 'begun' });
  });

  it('are forgotten with their smaller pictures, and then never arrive', async () => {
    const [file, thumbnail] = [carried('F4'), carried('F4', { kind: 'thumbnail' })];
    for (const each of [file, thumbnail, carried('F5')]) {
      await store.media.begin(each);
      await store.media.aim(each.key, `mxc://hs/${each.kind}-${each.source}`);
    }
    const targets = await store.media.targets(portal, 'F4');
    assert.deepEqual(targets.toSorted(), ['mxc://hs/file-F4', 'mxc://hs/thumbnail-F4']);
    const forgotten = await store.media.forget(portal, 'F4');
    assert.deepEqual(forgotten.toSorted(), targets.toSorted());
    assert.deepEqual(await store.media.targets(portal, 'F4'), []);
    assert.deepEqual(await store.media.targets(portal, 'F5'), ['mxc://hs/file-F5']);
    const arrived = { target: 'mxc://hs/file-F4', size: 1, mimetype: 'text/plain' };
    assert.equal(await store.media.arrived(file.key, arrived), false);
  });

  it('stay where a second message shows them, its own copy in the channel aside', async () => {
    const show = (ts: string, part: string) =>
      query(
        bed.url,
        `insert into message (portal, ts, part, event_id, room_id, origin, source, sender, posted_as, sent_at)
          values (3, '${ts}', '${part}', '$${ts}${part}', '!r:hs', 'slack', 'live', 'U1', '@g:hs', now())`,
      );
    assert.equal(await store.media.isShownTwice(portal, 'F9'), false);
    await show('1.000001', 'file:F9');
    await show('1.000001', 'channel:file:F9');
    await show('1.000002', 'file:F99');
    assert.equal(await store.media.isShownTwice(portal, 'F9'), false);
    await show('1.000002', 'file:F9');
    assert.equal(await store.media.isShownTwice(portal, 'F9'), true);
    await query(bed.url, `update message set deleted_at = now() where ts = '1.000001'`);
    assert.equal(await store.media.isShownTwice(portal, 'F9'), false);
  });

  it('are kept for as long as they may be asked for; what never came isn’t', async () => {
    for (const source of ['F6', 'F7', 'F8']) await store.media.begin(carried(source));
    await store.media.arrived(carried('F6').key, { target: 'mxc://hs/6', size: 1, mimetype: 'text/plain' });
    await store.media.failed(carried('F7').key, 'file-gone', 'it is not there any more');
    await query(
      bed.url,
      `update media set at = now() - interval '8 days' where source in ('F6', 'F7', 'F8')`,
    );
    const reader = createReader({ url: bed.url }, log, { statements: 0 });
    await cleanUp(reader);
    await reader.close();
    const kept = await query(bed.url, `select source from media where source in ('F6', 'F7', 'F8')`);
    assert.deepEqual(kept, [{ source: 'F6' }]);
  });

  it('are forgotten by where they are in Slack', async () => {
    const [sent, other] = ['$e:1', '$e:2'].map((source) => carried(source, { direction: 'to_slack' }));
    assert.ok(sent && other);
    for (const each of [sent, other]) {
      await store.media.begin(each);
      await store.media.arrived(each.key, { target: `F${each.source}`, size: 1, mimetype: 'text/plain' });
    }
    await store.media.forgetTarget(portal, 'F$e:1');
    assert.deepEqual(await store.media.begin(sent), { state: 'begun' });
    assert.equal((await store.media.begin(other)).state, 'arrived');
  });
});
