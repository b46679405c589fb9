import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventId, teamId, ts } from '../../src/ids.ts';
import type { CatchUpStore, Place } from '../../src/portal/catch-up-ports.ts';
import type { PortalId } from '../../src/ids.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { testWorker } from '../queue/test-worker.ts';
import { query } from './query.ts';
import { linkOf, makePortal, slackMessage, storeBed, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const from = tsOf(0);

describe('what is known of a channel', () => {
  let bed: StoreBed;
  let store: Store;
  let portal: PortalId;
  let catchUp: CatchUpStore;

  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    const made = await makePortal(store, 1);
    portal = (await store.portals.setStatus(made.id, 'live')).id;
    catchUp = store.catchUp;
    const changes = changesOf(portal);
    const worker = testWorker(store, async (turn) => {
      for (const change of changes.get(turn.item.srcTs) ?? []) turn.remember(change);
    });
    await store.intake.store([...changes.keys()].map((_, index) => slackMessage(1, index + 1)));
    await worker.idle();
    await worker.drain(1000);
    // the worker is gone: these stay as they are
    await store.intake.store([slackMessage(1, 20), slackMessage(1, 21, { about: [tsOf(1)] })]);
  });
  after(() => bed.close());

  it('are its messages, each with its state, its thread and its edits', async () => {
    const known = await catchUp.known(portal, { from });
    const short = known.map(({ ts: at, state, threadTs, origin, edits }) =>
      [at.slice(-2), state, origin, threadTs?.slice(-2), edits.toSorted().join('|')].join(' '),
    );
    assert.deepEqual(short.toSorted(), [
      '01 standing slack  ',
      '02 standing slack 01 |',
      '03 standing slack  |1700000003.000000',
      '04 gone slack  ',
      '05 left-out slack  ',
      '06 standing matrix  ',
      '07 standing slack  ',
      '08 gone slack  ',
      '20 waiting slack  ',
      '21 waiting slack 01 ',
    ]);
  });

  it('are shown in the channel besides their thread, or not', async () => {
    const known = await catchUp.known(portal, { from });
    assert.deepEqual(
      known.flatMap(({ ts: at, inChannel }) => (inChannel === true ? [at] : [])),
      [tsOf(2)],
    );
  });

  it('have files that are shown, or not', async () => {
    const known = await catchUp.known(portal, { from });
    assert.deepEqual(
      known.flatMap(({ ts: at, files }) => (files ? [[at, ...files]] : [])),
      [[tsOf(3), 'F1']],
    );
  });

  it('says what waits to be handled, and whether that is still so', async () => {
    const waiting = await catchUp.waitingUpTo(portal);
    assert.ok(waiting !== undefined);
    assert.equal(await catchUp.isWaiting(portal, waiting), true);
    const first = (Number(waiting) - 2) as unknown as Place; // before the two that wait
    assert.equal(await catchUp.isWaiting(portal, first), false);
    const idle = (await makePortal(store, 2)).id;
    assert.equal(await catchUp.waitingUpTo(idle), undefined);
  });

  it('are only those of the range that is asked for', async () => {
    const known = await catchUp.known(portal, { from: tsOf(2), to: tsOf(4) });
    assert.deepEqual(known.map(({ ts: at }) => at).toSorted(), [tsOf(2), tsOf(3)]);
  });

  it('are the reactions of people in Slack, given and taken back, with when that was', async () => {
    const known = await catchUp.known(portal, { from: tsOf(7), to: tsOf(8) });
    const reactions = known[0]?.reactions.toSorted((a, b) => (a.user < b.user ? -1 : 1));
    assert.deepEqual(reactions, [
      { user: 'U1', name: 'tada', given: true, changedAt: '1700000007.000001' },
      { user: 'U2', name: 'tada', given: false, changedAt: '1700000007.000002' },
    ]);
  });

  it('are a thread’s root and replies', async () => {
    const known = await catchUp.knownThread(portal, tsOf(1), from);
    const own = known.filter(({ ts: at, threadTs }) => at === tsOf(1) || threadTs === tsOf(1));
    assert.deepEqual(own.map(({ ts: at }) => at).toSorted(), [tsOf(1), tsOf(2), tsOf(21)]);
    assert.deepEqual(await catchUp.activeThreads(portal, from), [tsOf(1)]);
    assert.deepEqual(await catchUp.activeThreads(portal, tsOf(3)), []);
  });

  it('are the facts that were stored', async () => {
    const facts = [`message:${tsOf(20)}`, `message:${tsOf(30)}`];
    assert.deepEqual([...(await catchUp.seenFacts(portal, facts))], [facts[0]]);
  });
});

/** What becomes of each message, by its ts. */
function changesOf(portal: PortalId): ReadonlyMap<string, readonly Change[]> {
  const link = (n: number, change: Parameters<typeof linkOf>[2] = {}): Change => ({
    type: 'link',
    link: linkOf(portal, n, change),
  });
  const reaction = (sender: string, given: boolean): readonly Change[] => {
    const one = { portal, ts: tsOf(7), sender, name: 'tada' };
    const at = `1700000007.00000${sender.slice(1)}`;
    const event = eventId(`$reaction${sender}`);
    const link = { ...one, event, origin: 'slack', postedAs: '@slack:hs' } as const;
    return [
      { type: 'reaction-changed', ...one, at },
      ...(given ? [{ type: 'reaction', reaction: link } as const] : []),
    ];
  };
  const none = { part: 'none', postedAs: '' } as const;
  return new Map<string, readonly Change[]>([
    [tsOf(1), [link(1)]],
    [tsOf(2), [link(2, { threadTs: tsOf(1) }), link(2, { part: 'channel:text', event: eventId('$copy') })]],
    [
      tsOf(3),
      [link(3, { lastEdit: '1700000003.000000' }), link(3, { part: 'file:F1', event: eventId('$file') })],
    ],
    [tsOf(4), [link(4), { type: 'deleted', portal, ts: tsOf(4) }]],
    [tsOf(5), [{ type: 'link', link: withoutEvent(linkOf(portal, 5, none)) }]],
    [tsOf(6), [link(6, { origin: 'matrix' })]],
    [tsOf(7), [link(7), ...reaction('U1', true), ...reaction('U2', false)]],
    [tsOf(8), [{ type: 'grave', portal, ts: tsOf(8) }]],
  ]);
}

function withoutEvent({ event: _event, ...link }: ReturnType<typeof linkOf>): ReturnType<typeof linkOf> {
  return link;
}

describe('how far history was read', () => {
  let bed: StoreBed;
  let catchUp: CatchUpStore;
  let portal: PortalId;
  before(async () => {
    bed = await storeBed();
    const store = await bed.open();
    catchUp = store.catchUp;
    portal = (await makePortal(store, 1)).id;
  });
  after(() => bed.close());

  it('never goes back', async () => {
    assert.deepEqual([...(await catchUp.cursors())], []);
    await catchUp.readUpTo(portal, ts('1700000005.000000'));
    await catchUp.readUpTo(portal, ts('1700000004.000000'));
    assert.equal((await catchUp.cursors()).get(portal)?.historyTs, '1700000005.000000');
  });

  it('is taken by one of several processes when a sweep is due', async () => {
    assert.equal(await catchUp.takeSweep(portal, 60_000), true);
    assert.equal(await catchUp.takeSweep(portal, 60_000), false);
    assert.equal(await catchUp.takeSweep(portal, 0), true);
    assert.ok(Date.now() - ((await catchUp.cursors()).get(portal)?.sweptAt ?? 0) < 60_000);
  });

  it('goes with when a workspace’s events were heard last', async () => {
    const team = teamId('T1');
    assert.equal(await catchUp.heardAgo(team), undefined);
    await catchUp.hears([team]);
    assert.ok((await catchUp.heardAgo(team)) !== undefined);
    await query(bed.url, `update hearing set at = now() - interval '1 hour'`);
    assert.ok(((await catchUp.heardAgo(team)) ?? 0) >= 3_600_000);
  });
});
