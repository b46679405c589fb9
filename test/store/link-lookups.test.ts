import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventId, roomId } from '../../src/ids.ts';
import type { Change, ReactionLink } from '../../src/portal/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { link, linkBed, portal } from './test-links.ts';
import type { LinkBed } from './test-links.ts';
import { linkOf, tsOf } from './test-store.ts';

describe('look-ups around message links', () => {
  let bed: LinkBed;
  before(async () => {
    bed = await linkBed();
  });
  after(() => bed.close());

  it('know the newest of a thread', async () => {
    const newest = async ({ links }: Store) => (await links.latestInThread(portal, tsOf(40)))?.event;
    await bed.everywhere([link(40)], newest, eventId('$copy1.40'));
    await bed.everywhere([link(42, { threadTs: tsOf(40) })], newest, eventId('$copy1.42'));
    await bed.everywhere([link(41, { threadTs: tsOf(40) })], newest, eventId('$copy1.42'));
    await bed.commit({ type: 'deleted', portal, ts: tsOf(42) });
    assert.equal(await newest(bed.writer), eventId('$copy1.41'));
    assert.equal(await newest(await bed.stranger()), eventId('$copy1.41'));
    assert.equal(await bed.writer.links.latestInThread(portal, tsOf(49)), undefined);
  });

  it('are not made for a message whose delete came first', async () => {
    assert.equal(await bed.writer.links.hasGrave(portal, tsOf(50)), false);
    await bed.everywhere(
      [{ type: 'grave', portal, ts: tsOf(50) }],
      ({ links }) => links.hasGrave(portal, tsOf(50)),
      true,
    );
  });

  it('have reactions', async () => {
    const reaction = (n: number, name: string): ReactionLink => ({
      event: eventId(`$reaction${n}`),
      portal,
      ts: tsOf(1),
      name,
      sender: `U${n}`,
      origin: 'slack',
      postedAs: `@u${n}:example.org`,
    });
    const given = (n: number, name: string): Change => ({ type: 'reaction', reaction: reaction(n, name) });
    await bed.everywhere(
      [given(1, 'wave'), given(2, 'wave'), given(3, 'tada')],
      async ({ links }) => (await links.reactions(portal, tsOf(1), 'wave')).map(({ sender }) => sender),
      ['U1', 'U2'],
    );
    await bed.everywhere(
      [],
      ({ links }) => links.reactionByEvent(eventId('$reaction3')),
      reaction(3, 'tada'),
    );
    await bed.everywhere(
      [{ type: 'reaction-removed', event: eventId('$reaction1') }],
      async ({ links }) => [
        (await links.reactions(portal, tsOf(1))).map(({ sender }) => sender),
        await links.reactionByEvent(eventId('$reaction1')),
      ],
      [['U2', 'U3'], undefined],
    );
  });

  it('know when a reaction in Slack last changed, whatever comes later', async () => {
    const one = { portal, ts: tsOf(1), sender: 'U1', name: 'wave' };
    const changedAt = ({ links }: Store) => links.reactionChangedAt(one);
    const change = (at: string, sender = 'U1'): Change => ({ type: 'reaction-changed', ...one, sender, at });
    assert.equal(await changedAt(bed.writer), undefined);
    await bed.everywhere([change('5.000000')], changedAt, '5.000000');
    await bed.everywhere([change('4.000000')], changedAt, '5.000000');
    await bed.everywhere([change('9.000000', 'U2')], changedAt, '5.000000');
    await Promise.all([bed.commit(change('8.000000')), bed.commit(change('7.000000'))]);
    await bed.everywhere([], changedAt, '8.000000');
  });

  it('have related events', async () => {
    const related = { event: eventId('$edit'), portal, ts: tsOf(1), part: 'text', kind: 'edit' } as const;
    await bed.everywhere([{ type: 'related', related }], ({ links }) => links.related(portal, tsOf(1)), [
      related,
    ]);
  });

  it('of a post that was begun are found by its key', async () => {
    const { ts: _, ...posting } = linkOf(portal, 60, {
      origin: 'matrix',
      event: eventId('$posting'),
      threadTs: tsOf(1),
    });
    const attempt = { piece: 0, opKey: 'the key', planHash: 'hash', deadline: Date.now() + 60_000 };
    const changes: Change[] = [{ type: 'attempt-link', piece: 0, link: posting }];
    assert.equal(await bed.writer.links.attemptByKey('the key'), undefined);
    await bed.begin(attempt, ...changes);
    const expected = { seq: 1, piece: 0, link: posting };
    assert.deepEqual(await bed.writer.links.attemptByKey('the key'), expected);
    assert.deepEqual(await (await bed.stranger()).links.attemptByKey('the key'), expected);
  });

  it('are dropped when what remembered them is', async () => {
    const change = link(70, { room: roomId('!other:example.org') });
    bed.remember(change);
    assert.equal((await bed.writer.links.byTs(portal, tsOf(70))).length, 1);
    bed.writer.inbox.drop([change]);
    assert.deepEqual(await bed.writer.links.byTs(portal, tsOf(70)), []);
  });
});
