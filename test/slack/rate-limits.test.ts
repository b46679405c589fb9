import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import type { Bucket, Pacer } from '../../src/slack/rate-limits.ts';
import { bucketOf, createPacer } from '../../src/slack/rate-limits.ts';

/** A clock that stands still but for sleeping. */
function clock() {
  let time = 0;
  return {
    now: () => time,
    sleep: (milliseconds: number) => {
      time += milliseconds;
      return Promise.resolve();
    },
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

async function holdUp(pacer: Pacer, bucket: Bucket, background = false): Promise<number> {
  try {
    await pacer.turn(bucket, background);
    return 0;
  } catch (error) {
    assert.ok(error instanceof TryLater);
    assert.equal(error.target, bucket.target);
    return error.after ?? 0;
  }
}

test('posts to one channel go in a short burst, then one a second', async () => {
  const time = clock();
  const pacer = createPacer({ paced: true, ...time });
  const bucket = bucketOf('T1', 'chat.postMessage', 'C1');
  const at: number[] = [];
  for (let post = 0; post < 7; post += 1) {
    await pacer.turn(bucket, false);
    at.push(time.now());
  }
  assert.deepEqual(at, [0, 0, 0, 0, 1000, 2000, 3000]);
});

test('who would wait longer than a second is sent away with the time', async () => {
  const pacer = createPacer({ paced: true, ...clock(), sleep: () => Promise.resolve() });
  const bucket = bucketOf('T1', 'chat.postMessage', 'C1');
  for (let post = 0; post < 5; post += 1) assert.equal(await holdUp(pacer, bucket), 0);
  assert.equal(await holdUp(pacer, bucket), 2000);
});

test('each channel’s posts, each method and each workspace has a bucket of its own', async () => {
  const pacer = createPacer({ paced: true, ...clock() });
  const full = bucketOf('T1', 'chat.postMessage', 'C1');
  pacer.limited(full, 30_000);
  assert.equal(await holdUp(pacer, full), 30_000);
  for (const other of [
    bucketOf('T1', 'chat.postMessage', 'C2'),
    bucketOf('T1', 'chat.update', 'C1'),
    bucketOf('T2', 'chat.postMessage', 'C1'),
  ])
    assert.equal(await holdUp(pacer, other), 0);
});

test('a 429 is obeyed to the millisecond, paced or not', async () => {
  for (const paced of [true, false]) {
    const time = clock();
    const pacer = createPacer({ paced, ...time });
    const bucket = bucketOf('T1', 'users.info');
    await pacer.turn(bucket, false);
    pacer.limited(bucket, 5000);
    time.pass(1000);
    assert.equal(await holdUp(pacer, bucket), 4000);
    time.pass(4000);
    assert.equal(await holdUp(pacer, bucket), 0);
  }
});

test('without pacing calls go at once', async () => {
  const time = clock();
  const pacer = createPacer({ paced: false, ...time });
  for (let call = 0; call < 100; call += 1) await pacer.turn(bucketOf('T1', 'users.info'), false);
  assert.equal(time.now(), 0);
});

test('background work leaves half of the burst to what people wait for', async () => {
  const pacer = createPacer({ paced: true, ...clock() });
  const bucket = bucketOf('T1', 'conversations.history');
  let background = 0;
  while ((await holdUp(pacer, bucket, true)) === 0) background += 1;
  assert.equal(background, bucket.burst / 2);
  for (let live = 0; live < bucket.burst / 2; live += 1) assert.equal(await holdUp(pacer, bucket), 0);
});

test('a method’s rate is its published tier’s', () => {
  assert.equal(bucketOf('T1', 'users.info').perMinute, 100);
  assert.equal(bucketOf('T1', 'chat.update').perMinute, 50);
  assert.equal(bucketOf('T1', 'conversations.list').perMinute, 20);
  assert.equal(bucketOf('T1', 'something.new').perMinute, 50);
});
