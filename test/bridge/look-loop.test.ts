import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LookLoop } from '../../src/bridge/look-loop.ts';
import { TryLater } from '../../src/errors.ts';
import type { PortalId } from '../../src/ids.ts';
import { channelId, portalId, roomId, teamId, ts } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { defaultPolicy } from '../support/default-policy.ts';

function portalOf(id: number, team = 'T1', status: Portal['status'] = 'live'): Portal {
  return {
    id: portalId(id),
    kind: 'channel',
    through: 'bot',
    room: roomId(`!room${id}:example.org`),
    status,
    policy: defaultPolicy,
    channels: [{ team: teamId(team), channel: channelId(`C${id}`), name: `town${id}` }],
    since: ts('1000.000000'),
  };
}

/** A loop whose looks end when the test says so. */
function heldLoop(portals: readonly Portal[], pause = 60_000) {
  const begun: { readonly id: PortalId; readonly end: PromiseWithResolvers<void> }[] = [];
  let wake = Promise.withResolvers<void>();
  const loop = new LookLoop({
    portals: { byId: (id) => portals.find((portal) => portal.id === id) },
    look: async ({ id }, { signal }) => {
      const end = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => end.reject(signal.reason));
      begun.push({ id, end });
      wake.resolve();
      wake = Promise.withResolvers();
      await end.promise;
    },
    log: silentLogger,
    pause,
  });
  const until = async (count: number): Promise<void> => {
    while (begun.length < count) await wake.promise;
  };
  return { loop, begun, until };
}

describe('looks at what channels show', () => {
  it('are made one after another in a workspace, and beside those of another', async () => {
    const portals = [portalOf(1), portalOf(2), portalOf(3, 'T2')];
    const { loop, begun, until } = heldLoop(portals);
    for (const portal of portals) loop.want(portal);
    await until(2);
    assert.deepEqual(
      begun.map(({ id }) => id),
      [1, 3],
    );
    begun[0]?.end.resolve();
    await until(3);
    assert.equal(begun[2]?.id, 2);
    await loop.stop();
  });

  it('that are asked for again before they began are one, and after that one more', async () => {
    const [first, second] = [portalOf(1), portalOf(2)];
    const { loop, begun, until } = heldLoop([first, second]);
    for (const portal of [first, second, second, first]) loop.want(portal);
    for (const count of [1, 2, 3]) {
      await until(count);
      begun[count - 1]?.end.resolve();
    }
    await new Promise(setImmediate);
    assert.deepEqual(
      begun.map(({ id }) => id),
      [1, 2, 1],
    );
    await loop.stop();
  });

  it('that can’t be had now come again behind the others; after a bug the next sweep asks', async () => {
    const portals = [portalOf(1), portalOf(2)];
    const { loop, begun, until } = heldLoop(portals, 1);
    for (const portal of portals) loop.want(portal);
    await until(1);
    begun[0]?.end.reject(new TryLater('not now'));
    await until(2);
    begun[1]?.end.reject(new Error('a bug'));
    await until(3);
    begun[2]?.end.resolve();
    await new Promise(setImmediate);
    assert.deepEqual(
      begun.map(({ id }) => id),
      [1, 2, 1],
    );
    await loop.stop();
  });

  it('aren’t made where nothing is bridged any more, nor after the stop', async () => {
    const portals = [portalOf(1, 'T1', 'unlinked'), portalOf(2)];
    const { loop, begun, until } = heldLoop(portals);
    for (const portal of portals) loop.want(portal);
    await until(1);
    assert.equal(begun[0]?.id, 2);
    await loop.stop();
    loop.want(portalOf(2));
    await new Promise(setImmediate);
    assert.equal(begun.length, 1);
  });
});
