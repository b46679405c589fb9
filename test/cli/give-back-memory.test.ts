import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { giveBackMemory, lookEvery } from '../../src/cli/give-back-memory.ts';

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
  const after = async (work: number): Promise<number> => {
    state.used += work;
    context.mock.timers.tick(lookEvery);
    await new Promise(setImmediate);
    return state.collections;
  };
  return { state, after };
}

test('a process that is quiet gives its memory back, once', async (context) => {
  const { after } = watched(context);
  assert.equal(await after(10), 1);
  assert.equal(await after(10), 1);
  assert.equal(await after(10), 1);
});

test('one at work is left alone until it is quiet again', async (context) => {
  const { state, after } = watched(context);
  assert.equal(await after(lookEvery), 0);
  assert.equal(await after(lookEvery / 2), 0);
  assert.equal(await after(10), 1);
  state.heap = 64 * mebibyte; // little was added
  assert.equal(await after(lookEvery), 1);
  assert.equal(await after(10), 1);
  state.heap = 90 * mebibyte;
  assert.equal(await after(lookEvery), 1);
  assert.equal(await after(10), 2);
});
