import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { Breakers } from '../../src/queue/breakers.ts';

const never = (): void => assert.fail('nobody should be woken');

describe('a breaker', () => {
  it('lets everybody through while nothing failed, and those who need something else always', () => {
    const breakers = new Breakers();
    assert.equal(breakers.admits('a', 'matrix', never), true);
    breakers.failed('a', 'slack:T1', 50);
    assert.equal(breakers.admits('b', 'matrix', never), true);
    assert.equal(breakers.admits('c', undefined, never), true);
  });

  it('lets one lane look whether the target is back, not before the time that it named', async () => {
    const breakers = new Breakers();
    const woken: string[] = [];
    assert.equal(breakers.failed('a', 'matrix', 900), 900);
    for (const lane of ['b', 'c', 'd'])
      assert.equal(
        breakers.admits(lane, 'matrix', () => woken.push(lane)),
        false,
      );
    await sleep(30);
    assert.equal(woken.length, 0);
    while (woken.length === 0) await sleep(10);
    assert.deepEqual(woken, ['b']);
    assert.equal(breakers.admits('b', 'matrix', never), true);
    assert.equal(
      breakers.admits('a', 'matrix', () => woken.push('a')),
      false,
    );
  });

  it('lets everybody go on when that lane reached the target', () => {
    let now = 0;
    const breakers = new Breakers(() => now);
    const woken: string[] = [];
    breakers.failed('a', 'matrix', 10);
    for (const lane of ['b', 'c']) breakers.admits(lane, 'matrix', () => woken.push(lane));
    now = 10;
    assert.equal(breakers.admits('a', 'matrix', never), true);
    breakers.reached('matrix');
    assert.deepEqual(woken, ['b', 'c']);
    assert.equal(breakers.admits('b', 'matrix', never), true);
  });

  it('gives the turn to another lane when that lane found nothing out', () => {
    let now = 0;
    const breakers = new Breakers(() => now);
    const woken: string[] = [];
    breakers.failed('a', 'matrix', 10);
    breakers.admits('b', 'matrix', () => woken.push('b'));
    now = 10;
    assert.equal(breakers.admits('a', 'matrix', never), true);
    breakers.unsure('a', 'matrix');
    assert.deepEqual(woken, ['b']);
  });

  it('lets one lane try at once when it is told that the target may be back', () => {
    const breakers = new Breakers(() => 0);
    const woken: string[] = [];
    breakers.tryNow('matrix');
    breakers.failed('a', 'matrix', undefined);
    for (const lane of ['a', 'b']) breakers.admits(lane, 'matrix', () => woken.push(lane));
    breakers.tryNow('matrix');
    assert.deepEqual(woken, ['a']);
    assert.equal(breakers.admits('a', 'matrix', never), true);
    breakers.tryNow('matrix');
    assert.deepEqual(woken, ['a'], 'while it is tried nobody else tries');
    breakers.failed('a', 'matrix', 500);
    breakers.tryNow('matrix');
    assert.deepEqual(woken, ['a'], 'not before the time that the target named');
  });

  it('asks seldomer the longer it lasts, and not for what was under way when it broke', () => {
    let now = 0;
    const breakers = new Breakers(() => now);
    const first = breakers.failed('a', 'matrix', undefined);
    assert.ok(first <= 1000);
    assert.equal(breakers.failed('b', 'matrix', undefined), first);
    const waits = Array.from({ length: 200 }, () => {
      now += 10_000;
      assert.equal(breakers.admits('a', 'matrix', never), true);
      return breakers.failed('a', 'matrix', undefined);
    });
    assert.ok(Math.max(...waits) <= 4000);
    assert.ok(Math.max(...waits) > 2000);
  });
});
