import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Holds } from '../../src/bridge/slack-holds.ts';
import { portalId } from '../../src/ids.ts';
import type { Item } from '../../src/queue/ports.ts';

const portal = portalId(7);
const gapEnded = 1_700_000_000_000;

function item(receivedAt: number, lane = 'portal:7:slack'): Item {
  const rest = { seq: 1, from: 'slack', srcTs: '', payload: Buffer.alloc(0), attempts: 0 } as const;
  return { ...rest, lane, receivedAt: new Date(receivedAt), waited: false };
}

async function isOver(wait: Promise<void> | undefined): Promise<boolean> {
  return Promise.race([(wait ?? Promise.resolve()).then(() => true), Promise.resolve().then(() => false)]);
}

describe('the first item after a gap', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  function afterGap() {
    const fetched: number[] = [];
    const holds = new Holds((id) => void fetched.push(id));
    holds.add(portal, gapEnded);
    return { holds, fetched };
  }

  it('has what is older fetched once, and waits until that is stored', async () => {
    const { holds, fetched } = afterGap();
    const wait = holds.of(item(gapEnded + 5));
    assert.ok(wait && holds.of(item(gapEnded + 6)));
    assert.deepEqual(fetched, [7]);
    assert.equal(await isOver(wait), false);
    holds.end(portal);
    await wait;
    assert.equal(holds.of(item(gapEnded + 7)), undefined);
  });

  it('waits two seconds at most', async () => {
    const { holds } = afterGap();
    const wait = holds.of(item(gapEnded));
    mock.timers.tick(1999);
    assert.equal(await isOver(wait), false);
    mock.timers.tick(1);
    await wait;
    assert.equal(holds.of(item(gapEnded + 1)), undefined);
  });

  it('waits for nothing when it was stored before the gap, or is of another conversation', () => {
    const { holds, fetched } = afterGap();
    assert.equal(holds.of(item(gapEnded - 60_000)), undefined);
    assert.equal(holds.of(item(gapEnded + 1, 'portal:8:slack')), undefined);
    assert.equal(holds.of(item(gapEnded + 1, 'portal:7:matrix')), undefined);
    assert.deepEqual(fetched, []);
  });

  it('waits only if the gap was longer than ten seconds', () => {
    const { holds } = afterGap();
    assert.equal(holds.isWorth(10_000), false);
    assert.equal(holds.isWorth(10_001), true);
  });
});
