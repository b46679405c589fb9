import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventId } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { linkOf, makePortal, matrixMessage, storeBed, tsOf } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

let bed: StoreBed;
let store: Store;
let portal: Portal;

before(async () => {
  bed = await storeBed();
  store = await bed.open();
  portal = await makePortal(store, 1);
});
after(async () => {
  await bed?.close();
});

test('what was found again is known at once, also where it was just looked for in vain', async () => {
  const link = linkOf(portal.id, 1);
  const event = eventId(`$copy${portal.id}.1`);
  assert.deepEqual(await store.links.byTs(portal.id, tsOf(1)), []);
  assert.deepEqual(await store.links.byEvent(event), []);
  const about = { portal: portal.id, ts: tsOf(1) };
  const by = { sender: 'U2', origin: 'slack', postedAs: '@slack_u2:example.org' } as const;
  const reaction = { event: eventId('$reaction'), ...about, name: 'tada', ...by };
  const edit = { event: eventId('$edit'), ...about, part: 'text', kind: 'edit' } as const;
  await store.restored.learn({
    links: [link],
    reactions: [reaction],
    related: [edit],
    takenBack: [],
    files: [],
  });
  assert.deepEqual(await store.links.byTs(portal.id, tsOf(1)), [link]);
  assert.deepEqual(await store.links.byEvent(event), [link]);
  assert.deepEqual(await store.links.reactionByEvent(reaction.event), reaction);
  assert.deepEqual(await store.links.related(portal.id, tsOf(1)), [edit]);
});

test('what is known already stays as it is', async () => {
  const other = linkOf(portal.id, 1, { sender: 'U9', event: eventId('$other') });
  const same = linkOf(portal.id, 7, { event: eventId(`$copy${portal.id}.1`) });
  await store.restored.learn({
    links: [other, same, linkOf(portal.id, 2)],
    reactions: [],
    related: [],
    takenBack: [],
    files: [],
  });
  assert.deepEqual(await store.links.byTs(portal.id, tsOf(1)), [linkOf(portal.id, 1)]);
  assert.deepEqual(await store.links.byTs(portal.id, tsOf(7)), []);
  assert.deepEqual(await store.links.byTs(portal.id, tsOf(2)), [linkOf(portal.id, 2)]);
});

test('a reaction of Slack that was taken back isn’t known any more; one of Matrix has its own redaction', async () => {
  const about = { portal: portal.id, ts: tsOf(1), name: 'eyes' };
  const ours = {
    event: eventId('$ours'),
    ...about,
    sender: 'U2',
    origin: 'slack',
    postedAs: '@slack_u2:hs',
  } as const;
  const theirs = {
    event: eventId('$theirs'),
    ...about,
    sender: '@ann:hs',
    origin: 'matrix',
    postedAs: 'T1',
  } as const;
  const nothing = { links: [], reactions: [], related: [], takenBack: [], files: [] };
  await store.restored.learn({ ...nothing, reactions: [ours, theirs] });
  assert.equal((await store.links.reactions(portal.id, tsOf(1), 'eyes')).length, 2);
  await store.restored.learn({ ...nothing, takenBack: [ours.event, theirs.event] });
  assert.deepEqual(await store.links.reactions(portal.id, tsOf(1), 'eyes'), [theirs]);
});

test('a file that was brought is known to have come, also where it was on its way; what is known stays', async () => {
  const fileOf = (source: string, target: string) => {
    const file = {
      portal: portal.id,
      source,
      kind: 'file',
      direction: 'to_matrix',
      sender: 'U1',
      size: 7,
    } as const;
    return {
      ...file,
      key: `media:${portal.id}:file:${source}` as const,
      target,
      mimetype: 'image/png',
      at: 1000,
    };
  };
  const [unknown, begun, known] = [
    fileOf('F1', 'mxc://hs/1'),
    fileOf('F2', 'mxc://hs/2'),
    fileOf('F3', 'mxc://hs/3'),
  ];
  await store.media.begin(begun);
  await store.media.aim(begun.key, 'mxc://hs/aim');
  await store.media.begin(known);
  await store.media.arrived(known.key, { target: 'mxc://hs/known', size: 7, mimetype: 'image/gif' });
  const nothing = { links: [], reactions: [], related: [], takenBack: [] };
  await store.restored.learn({ ...nothing, files: [unknown, unknown, begun, known] });
  const arrived = { state: 'arrived', size: 7, mimetype: 'image/png' };
  assert.deepEqual(await store.media.begin(unknown), { ...arrived, target: 'mxc://hs/1' });
  assert.deepEqual(await store.media.begin(begun), { ...arrived, target: 'mxc://hs/2' });
  assert.deepEqual(await store.media.begin(known), {
    ...arrived,
    target: 'mxc://hs/known',
    mimetype: 'image/gif',
  });
});

test('the events of what waits from Matrix are told', async () => {
  await store.intake.store([
    matrixMessage(1, 1, { about: ['$event1.1', '$root'] }),
    matrixMessage(1, 2, { about: ['$event1.2'] }),
    matrixMessage(2, 1, { about: ['$elsewhere'] }),
  ]);
  const events = await store.restored.waitingEvents(portal.id);
  assert.deepEqual(events.toSorted(), ['$event1.1', '$event1.2', '$root']);
});
