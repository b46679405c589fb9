import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { matrixUserId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const [ann, ghost] = [matrixUserId('@ann:hs'), matrixUserId('@slack_u1:hs')];
let bed: StoreBed;
let one: Store;
let other: Store;

before(async () => {
  bed = await storeBed();
  one = await bed.open();
  other = await bed.open();
});
after(() => bed?.close());

test('an account that was chosen for an effect stays chosen, whoever asks and whatever they want', async () => {
  const effect = { fact: 'slack:1:message:1', part: 'text' };
  assert.equal(await one.accounts.choose(effect, ann), ann);
  assert.equal(await other.accounts.choose(effect, ghost), ann);
  assert.equal(await other.accounts.choose({ ...effect, part: 'file:F1' }, ghost), ghost);
  await one.accounts.change(effect, ghost);
  assert.equal(await other.accounts.choose(effect, ann), ghost);
});

test('of many that choose at once all hear the same', async () => {
  const effect = { fact: 'slack:1:message:2', part: 'text' };
  const wanted = Array.from({ length: 10 }, (_, index) => [index % 2 === 0 ? one : other, index] as const);
  const chosen = await Promise.all(
    wanted.map(([store, index]) => store.accounts.choose(effect, index < 5 ? ann : ghost)),
  );
  assert.equal(new Set(chosen).size, 1);
});
