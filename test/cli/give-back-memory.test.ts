import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { giveBackMemory, lookEvery, quietLooks } from '../../src/cli/give-back-memory.ts';

const mebibyte = 1024 * 1024;

/** A process whose work and heap the test decides. */
function watched(context: TestContext) {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const state = { used: 0, heap: 100 * mebibyte, collections: 0 };
  const watch = giveBackMemory({
    used: () => state.used,
    heap: () => state.heap,
    collect: async () => {
      state.collections += 1;
      state.heap = 60 * mebibyte;
    },
  });
  context.after(() => watch.stop());
  /** The collections up to the end of so many looks between each of which so much work is done, in milliseconds. */
  const after = async (looks: number, work: number): Promise<number> => {
    for (let look = 0; look < looks; look += 1) {
      state.used += work;
      context.mock.timers.tick(lookEvery);
      await new Promise(setImmediate);
    }
    return state.collections;
  };
  return { state, after };
}

test('a process that has been quiet for a while gives its memory back, once', async (context) => {
  const { after } = watched(context);
  assert.equal(await after(quietLooks - 1, 10), 0);
  assert.equal(await after(1, 10), 1);
  assert.equal(await after(5 * quietLooks, 10), 1);
});

test('one at work is left alone until it is quiet again', async (context) => {
  const { state, after } = watched(context);
  assert.equal(await after(2 * quietLooks, lookEvery / 2), 0);
  assert.equal(await after(quietLooks - 1, 10), 0);
  assert.equal(await after(1, lookEvery), 0);
  assert.equal(await after(quietLooks, 10), 1);
  state.heap = 64 * mebibyte; // little was added
  assert.equal(await after(quietLooks, 10), 1);
  state.heap = 90 * mebibyte;
  assert.equal(await after(1, lookEvery), 1);
  assert.equal(await after(quietLooks, 10), 2);
});
