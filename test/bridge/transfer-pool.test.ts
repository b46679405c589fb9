import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTransferPool } from '../../src/bridge/transfer-pool.ts';

/** Lets what can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Work that ends when it is told to. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () =>
    new Promise<void>((resolve) => {
      begun.push(name);
      ends.set(name, resolve);
    });
  return { begun, work, end: (name: string) => ends.get(name)?.() };
}

describe('the pool of transfers', () => {
  it('runs as many as it has places for, and the next when one ends', async () => {
    const pool = createTransferPool({ large: 2, small: 1 });
    const { begun, work, end } = works();
    const all = ['a', 'b', 'c'].map((name) => pool.run(1, false, work(name)));
    await settle();
    assert.deepEqual(begun, ['a', 'b']);
    assert.equal(pool.underWay(), 2);
    end('a');
    await settle();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    end('b');
    end('c');
    await Promise.all(all);
    assert.equal(pool.underWay(), 0);
  });

  it('gives portals turns: many files of one don’t hold up the first of another', async () => {
    const pool = createTransferPool({ large: 1, small: 1 });
    const { begun, work, end } = works();
    for (const name of ['a1', 'a2', 'a3', 'a4']) void pool.run(1, false, work(name));
    for (const name of ['b1', 'b2']) void pool.run(2, false, work(name));
    void pool.run(3, false, work('c1'));
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']) {
      await settle();
      end(name);
    }
    assert.deepEqual(begun, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('keeps places for small ones', async () => {
    const pool = createTransferPool({ large: 1, small: 1 });
    const { begun, work } = works();
    void pool.run(1, false, work('video'));
    void pool.run(1, false, work('another video'));
    void pool.run(1, true, work('picture'));
    await settle();
    assert.deepEqual(begun, ['video', 'picture']);
  });

  it('gives the place on when work fails', async () => {
    const pool = createTransferPool({ large: 1, small: 1 });
    const failing = pool.run(1, false, () => Promise.reject(new Error('no')));
    const next = pool.run(2, false, () => Promise.resolve('yes'));
    await assert.rejects(failing, /no/);
    assert.equal(await next, 'yes');
    assert.equal(pool.underWay(), 0);
  });
});
