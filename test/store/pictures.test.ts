import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mxcUri } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const [first, second] = [mxcUri('mxc://example.org/1'), mxcUri('mxc://example.org/2')];

describe('pictures that were uploaded', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  it('are found by their address, by their bytes, and the other way round', async () => {
    const { pictures } = store;
    const url = 'https://example.org/a.png';
    assert.equal(await pictures.byUrl(url), undefined);
    assert.equal(await pictures.save({ url, sha256: 'aa', mxc: first }), first);
    await pictures.save({ url: `${url}?again`, sha256: 'aa', mxc: first });
    assert.equal(await pictures.byUrl(url), first);
    assert.equal(await pictures.byBytes('aa'), first);
    assert.deepEqual((await pictures.urlsOf(first)).toSorted(), [url, `${url}?again`]);
    assert.deepEqual(await pictures.urlsOf(second), []);
  });

  it('that two processes uploaded at a time are one: who comes second uses what the first saved', async () => {
    const url = 'https://example.org/b.png';
    await store.pictures.save({ url, sha256: 'bb', mxc: first });
    assert.equal(await store.pictures.save({ url, sha256: 'bb', mxc: second }), first);
    assert.equal(await store.pictures.byUrl(url), first);
  });
});
