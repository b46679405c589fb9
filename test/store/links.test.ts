import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventId } from '../../src/ids.ts';
import { link, linkBed, portal } from './test-links.ts';
import type { LinkBed } from './test-links.ts';
import { linkOf, tsOf } from './test-store.ts';

describe('message links', () => {
  let bed: LinkBed;
  before(async () => {
    bed = await linkBed();
  });
  after(() => bed.close());

  it('are found by ts and by event as soon as they are remembered', async () => {
    const expected = linkOf(portal, 1, { lastEdit: '1700000009.000000' });
    await bed.everywhere(
      [link(1), { type: 'edited', portal, ts: tsOf(1), edit: '1700000009.000000' }],
      async ({ links }) => [await links.byTs(portal, tsOf(1)), await links.byEvent(eventId('$copy1.1'))],
      [[expected], [expected]],
    );
  });

  it('are not found by a look-up that was answered before they came', async () => {
    assert.deepEqual(await bed.writer.links.byTs(portal, tsOf(2)), []);
    await bed.everywhere([link(2)], async ({ links }) => (await links.byTs(portal, tsOf(2))).length, 1);
  });

  it('of one long event are in the order of its pieces', async () => {
    const event = eventId('$long');
    await bed.everywhere(
      [link(12, { event, piece: 1, origin: 'matrix' }), link(11, { event, piece: 0, origin: 'matrix' })],
      async ({ links }) => (await links.byEvent(event)).map(({ ts }) => ts),
      [tsOf(11), tsOf(12)],
    );
  });

  it('are gone when they are deleted, part by part, and what is deleted is known', async () => {
    const file = eventId('$file');
    await bed.everywhere(
      [
        link(20),
        link(20, { part: 'file:F1', event: file }),
        { type: 'deleted', portal, ts: tsOf(20), part: 'file:F1' },
      ],
      async ({ links }) => [
        (await links.byTs(portal, tsOf(20))).map(({ part }) => part),
        await links.isDeleted(portal, tsOf(20)),
        await links.isDeletedEvent(file),
        await links.byEvent(file),
      ],
      [['text'], false, true, []],
    );
    await bed.everywhere(
      [{ type: 'deleted', portal, ts: tsOf(20) }],
      async ({ links }) => [
        await links.byTs(portal, tsOf(20)),
        await links.isDeleted(portal, tsOf(20)),
        await links.isDeletedEvent(eventId('$copy1.20')),
        await links.isDeletedEvent(eventId('$never')),
      ],
      [[], true, true, false],
    );
  });

  it('do not come back with the same event, and do with another one', async () => {
    await bed.everywhere([link(20)], ({ links }) => links.isDeleted(portal, tsOf(20)), true);
    await bed.everywhere(
      [link(20, { event: eventId('$again') })],
      async ({ links }) => (await links.byTs(portal, tsOf(20))).map(({ event }) => event),
      [eventId('$again')],
    );
  });

  it('that are deleted and linked again by one item stand', async () => {
    await bed.everywhere(
      [{ type: 'deleted', portal, ts: tsOf(1) }, link(1, { event: eventId('$new') })],
      async ({ links }) => (await links.byTs(portal, tsOf(1))).map(({ event }) => event),
      [eventId('$new')],
    );
  });

  it('of messages of which nothing was sent are links without an event', async () => {
    const { event: _, ...bare } = linkOf(portal, 30, { part: 'none' });
    await bed.everywhere([{ type: 'link', link: bare }], ({ links }) => links.byTs(portal, tsOf(30)), [bare]);
  });
});
