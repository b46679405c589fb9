import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBoundedCache } from '../../src/slack/bounded-cache.ts';

function setup() {
  let time = 0;
  let loads = 0;
  const cache = createBoundedCache<string, string>({ size: 2, goodFor: () => 1000, now: () => time });
  const get = (key: string) =>
    cache.get(key, () => {
      loads += 1;
      return Promise.resolve(`${key}${loads}`);
    });
  return { cache, get, pass: (milliseconds: number) => (time += milliseconds), loads: () => loads };
}

test('a value is loaded once, also for those who ask at the same time', async () => {
  const { get } = setup();
  assert.deepEqual(await Promise.all([get('a'), get('a')]), ['a1', 'a1']);
  assert.equal(await get('a'), 'a1');
});

test('a value that is too old is loaded again', async () => {
  const { get, pass } = setup();
  await get('a');
  pass(1000);
  assert.equal(await get('a'), 'a2');
});

test('the value that was used longest ago makes room', async () => {
  const { get } = setup();
  await get('a');
  await get('b');
  await get('a');
  await get('c');
  assert.equal(await get('a'), 'a1');
  assert.equal(await get('b'), 'b4');
});

test('a value that was set while an older one was loading stays', async () => {
  const { cache } = setup();
  const late = Promise.withResolvers<string>();
  const loading = cache.get('a', () => late.promise);
  cache.set('a', 'new');
  late.resolve('old');
  await loading;
  assert.equal(await cache.get('a', () => Promise.resolve('other')), 'new');
});

test('what fails to load is asked for again', async () => {
  const { cache, get } = setup();
  await assert.rejects(cache.get('a', () => Promise.reject(new Error('no'))));
  assert.equal(await get('a'), 'a1');
});
