import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CannotBridge, TryLater, WaitForParent } from '../../src/errors.ts';
import type { MatrixEvent, SlackEvent } from '../../src/events.ts';
import { plainText, textDoc } from '../../src/format/doc.ts';
import { parseMrkdwn } from '../../src/format/mrkdwn.ts';
import { eventId, ts } from '../../src/ids.ts';
import { createLinking } from '../../src/portal/link.ts';
import type { PortalPolicy, SlackChannel } from '../../src/portal/ports.ts';
import { channelName } from '../../src/portal/shown/name.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import type { World } from './support/world.ts';
import { ann, makeWorld, matrixMessage, place, portal, room, slackMessage } from './support/world.ts';

const topicChanged: SlackEvent = { type: 'shown', what: 'topic', ...place };
const renamed: SlackEvent = { type: 'shown', what: 'name', ...place };
const lane = 'portal:7:shown';

function worldWith(policy: Partial<PortalPolicy> = {}): World {
  return makeWorld({ ...portal, policy: { ...defaultPolicy, ...policy } });
}

/** Somebody in the room changed its state. */
function state(
  world: World,
  id: string,
  kind: string,
  content: Readonly<Record<string, unknown>>,
): MatrixEvent {
  world.matrix.states.set(kind, content);
  return { type: 'state', kind, stateKey: '', content, event: eventId(id), room, sender: ann, at: 1 };
}

async function topicInRoom(world: World, topic: string, id = '$topic'): Promise<void> {
  await world.fromMatrix(state(world, id, 'm.room.topic', { topic }), { lane });
}

async function topicInSlack(world: World, topic: string, more: Partial<SlackChannel> = {}): Promise<void> {
  world.slack.shows(place, { topic: parseMrkdwn(topic), ...more });
  await world.fromSlack(topicChanged, { lane });
}

function roomTopic(world: World): unknown {
  return world.matrix.states.get('m.room.topic')?.['topic'];
}

function slackTopic(world: World): string {
  return plainText(world.slack.channels[0]?.topic ?? textDoc(''));
}

describe('a topic', () => {
  test('of the channel is shown in the room, with its description and its bookmarks below', async () => {
    const world = worldWith();
    world.slack.marks = [{ title: 'Runbook', url: 'https://run.example/' }];
    await topicInSlack(world, 'Ships &amp; :anchor: <https://harbour.example|tides>', {
      purpose: textDoc('All at sea'),
    });
    assert.equal(
      roomTopic(world),
      'Ships & ⚓️ tides (https://harbour.example)\nAll at sea\n🔖 Runbook (https://run.example/)',
    );
  });

  test('of the room is set in the channel, without the lines that come from elsewhere', async () => {
    const world = worldWith();
    world.slack.marks = [{ title: 'Runbook', url: 'https://run.example/' }];
    await topicInSlack(world, 'Ships', { purpose: textDoc('All at sea') });
    await topicInRoom(world, 'Boats\nAll at sea\n🔖 Runbook (https://run.example/)');
    assert.equal(slackTopic(world), 'Boats');
    await topicInRoom(world, '');
    assert.equal(slackTopic(world), '');
  });

  test('that comes back from the network it was brought to changes nothing', async () => {
    const world = worldWith();
    await topicInSlack(world, 'Ships');
    await topicInRoom(world, 'Boats');
    const before = world.matrix.effects.length + world.slack.effects.length;
    await world.fromSlack(topicChanged, { lane });
    await topicInRoom(world, 'Boats', '$again');
    assert.equal(world.matrix.effects.length + world.slack.effects.length, before);
  });

  test('that was changed on both sides is the channel’s, whichever event comes first', async () => {
    for (const first of ['slack', 'matrix']) {
      const world = worldWith();
      await topicInSlack(world, 'Ships');
      world.slack.shows(place, { topic: textDoc('from Slack') });
      if (first === 'slack') await topicInSlack(world, 'from Slack');
      await topicInRoom(world, 'from the room', '$both');
      if (first === 'matrix') await topicInSlack(world, 'from Slack');
      assert.equal(slackTopic(world), first === 'matrix' ? 'from Slack' : 'from the room');
      assert.equal(roomTopic(world), slackTopic(world));
    }
  });

  test('that was written just before a crash is not written again', async () => {
    const world = worldWith();
    await topicInSlack(world, 'Ships');
    const { agree } = world.shown;
    world.shown.agree = () => Promise.reject(new TryLater('the process ends'));
    await assert.rejects(topicInRoom(world, 'Boats'), TryLater);
    await assert.rejects(topicInSlack(world, 'Boats'), TryLater);
    world.shown.agree = agree;
    await topicInRoom(world, 'Boats');
    await world.fromSlack(topicChanged, { lane });
    assert.deepEqual(
      world.slack.of('topic').map(({ text }) => text),
      ['Boats'],
    );
    assert.equal(roomTopic(world), 'Boats');
  });

  test('that a room had before it was linked stays until somebody in Slack changes the channel’s', async () => {
    const world = worldWith();
    world.matrix.states.set('m.room.topic', { topic: 'Our own' });
    world.slack.shows(place, { topic: textDoc('Ships') });
    await world.fromSlack({ type: 'look', ...place }, { lane });
    assert.equal(roomTopic(world), 'Our own');
    assert.equal(slackTopic(world), 'Ships');
    await topicInSlack(world, 'Ships and boats');
    assert.equal(roomTopic(world), 'Ships and boats');
  });

  test('that is longer than Slack takes is cut there, and people are told', async () => {
    const world = worldWith();
    await topicInRoom(world, 'ü'.repeat(251), '$long');
    assert.equal(slackTopic(world), `${'ü'.repeat(249)}…`);
    assert.match(world.matrix.sent().join('\n'), /Slack takes topics of up to 250 characters/);
    assert.equal(roomTopic(world), 'ü'.repeat(251));
  });
});

describe('a topic that can’t be brought over', () => {
  test('that Slack refuses stays in the room; people are told once', async () => {
    const world = worldWith();
    world.slack.refusesChange = new CannotBridge('missing_scope', 'the Slack app lacks the permission x.');
    await topicInRoom(world, 'one');
    await topicInRoom(world, 'two');
    assert.deepEqual(world.matrix.sent(), [
      '⚠️ The topic was not changed in Slack: the Slack app lacks the permission x.',
    ]);
    assert.equal(roomTopic(world), 'two');
  });

  test('that the room doesn’t let the bot change holds nothing up, and follows when it does', async () => {
    const world = worldWith();
    world.matrix.refusesState = new CannotBridge('matrix-forbidden', 'no');
    await topicInSlack(world, 'Ships');
    assert.equal(roomTopic(world), undefined);
    world.matrix.refusesState = undefined;
    await world.fromSlack({ type: 'look', ...place }, { lane });
    assert.equal(roomTopic(world), 'Ships');
  });

  test('stays where it is when people chose so, or messages go the other way only', async () => {
    for (const policy of [{ topic: false }, { direction: 'to-slack' }] as const) {
      const world = worldWith(policy);
      await topicInSlack(world, 'Ships');
      assert.equal(roomTopic(world), undefined);
    }
    for (const policy of [{ topic: false }, { direction: 'to-matrix' }] as const) {
      const world = worldWith(policy);
      await topicInRoom(world, 'Boats');
      assert.equal(slackTopic(world), '');
    }
  });

  test('by somebody to whom the bridge is not open stays in the room, then and later', async () => {
    const world = worldWith();
    await topicInSlack(world, 'Ships');
    world.permissions.set(ann, 'none');
    await topicInRoom(world, 'Boats');
    await world.fromSlack({ type: 'look', ...place }, { lane });
    assert.equal(slackTopic(world), 'Ships');
  });

  test('gets new bookmarks when the channel is looked at; one of the room’s own is left alone', async () => {
    for (const own of [false, true]) {
      const world = worldWith();
      if (own) world.matrix.states.set('m.room.topic', { topic: 'Our own' });
      world.slack.shows(place, { topic: textDoc('Ships') });
      await world.fromSlack({ type: 'look', ...place }, { lane });
      world.slack.marks = [{ title: 'Runbook', url: 'https://run.example/' }];
      await world.fromSlack({ type: 'look', ...place }, { lane });
      assert.equal(roomTopic(world), own ? 'Our own' : 'Ships\n🔖 Runbook (https://run.example/)');
      world.slack.bookmarks = () => Promise.reject(new TryLater('limited', { after: 1000 }));
      const before = roomTopic(world);
      await world.fromSlack({ type: 'look', ...place }, { lane });
      assert.equal(roomTopic(world), before);
    }
  });

  test('keeps the bookmarks that it shows while Slack can’t be asked for them', async () => {
    const world = worldWith();
    world.slack.marks = [{ title: 'Runbook', url: 'https://run.example/' }];
    await topicInSlack(world, 'Ships');
    world.slack.bookmarks = () => Promise.reject(new TryLater('limited', { after: 1000 }));
    await topicInSlack(world, 'Boats');
    assert.equal(roomTopic(world), 'Boats\n🔖 Runbook (https://run.example/)');
  });
});

describe('a name', () => {
  const roomName = (world: World): unknown => world.matrix.states.get('m.room.name')?.['name'];

  test('of the channel is the room’s where they share it, and only there', async () => {
    const [shared, own] = [worldWith({ name: true }), worldWith()];
    for (const world of [shared, own]) {
      world.matrix.states.set('m.room.name', { name: '#general' });
      world.slack.shows(place, { name: 'harbour' });
      await world.fromSlack(renamed, { lane });
    }
    assert.equal(roomName(shared), '#harbour');
    assert.equal(roomName(own), '#general');
  });

  test('is shared at once when people choose so', async () => {
    const world = worldWith();
    world.matrix.states.set('m.room.name', { name: 'Our own' });
    await createLinking(world.context).setPolicy(portal, { name: true }, ann);
    assert.equal(roomName(world), '#general');
    await world.fromSlack(renamed, { lane });
    assert.equal(world.matrix.of('state').length, 1);
  });

  test('of the room becomes the channel’s as far as Slack takes it, and nothing comes back', async () => {
    const world = worldWith({ name: true });
    await world.fromSlack(renamed, { lane });
    await world.fromMatrix(state(world, '$n', 'm.room.name', { name: '#The  Harbour!' }), { lane });
    assert.equal(world.slack.channels[0]?.name, 'the-harbour');
    await world.fromSlack(renamed, { lane });
    assert.equal(roomName(world), '#The  Harbour!');
  });

  test('that Slack refuses stays in the room, and people are told', async () => {
    const world = worldWith({ name: true });
    await world.fromSlack(renamed, { lane });
    world.slack.refusesChange = new CannotBridge('not_authorized', 'Slack lets only others do that.');
    await world.fromMatrix(state(world, '$n', 'm.room.name', { name: 'Harbour' }), { lane });
    assert.deepEqual(world.matrix.sent(), [
      '⚠️ The channel was not renamed in Slack: Slack lets only others do that.',
    ]);
    await world.fromSlack({ type: 'look', ...place }, { lane });
    assert.equal(roomName(world), 'Harbour');
    assert.equal(world.slack.channels[0]?.name, 'general');
  });

  test('of a room is made one that Slack takes', () => {
    assert.equal(channelName('#general'), 'general');
    assert.equal(channelName('Ünser Büro, 2. Stock'), 'ünser-büro-2-stock');
    assert.equal(channelName('🎉🎉'), '');
    assert.equal(channelName('x'.repeat(100)).length, 80);
  });
});

describe('pins', () => {
  const pin = (at: string, change: 'added' | 'removed' = 'added'): SlackEvent => ({
    type: 'pin',
    change,
    ...place,
    ts: ts(at),
  });
  const inRoom = (world: World): unknown => world.matrix.states.get('m.room.pinned_events')?.['pinned'];
  const pinsInRoom = (world: World, id: string, ...pinned: readonly string[]): Promise<void> =>
    world.fromMatrix(state(world, id, 'm.room.pinned_events', { pinned }), { lane });

  /** Two messages from Slack, `$ours1` and `$ours2`, and one from Matrix, `$m`, 2000.000001 in Slack. */
  async function worldWithMessages(): Promise<World> {
    const world = worldWith();
    await world.fromSlack(slackMessage('1500.000000', 'one'));
    await world.fromSlack(slackMessage('1501.000000', 'two'));
    await world.fromMatrix(matrixMessage('$m', 'three'));
    return world;
  }

  test('of the channel are the room’s, behind those that are there; unpinned, only they go', async () => {
    const world = await worldWithMessages();
    world.matrix.states.set('m.room.pinned_events', { pinned: ['$people'], other: 1 });
    await world.fromSlack(pin('1501.000000'), { lane });
    await world.fromSlack(pin('2000.000001'), { lane });
    assert.deepEqual(world.matrix.states.get('m.room.pinned_events'), {
      pinned: ['$people', '$ours2', '$m'],
      other: 1,
    });
    await world.fromSlack(pin('1501.000000', 'removed'), { lane });
    assert.deepEqual(inRoom(world), ['$people', '$m']);
  });

  test('of the room are the channel’s; what isn’t in Slack is left alone', async () => {
    const world = await worldWithMessages();
    await assert.rejects(pinsInRoom(world, '$p', '$m', '$unknown', '$ours1'), WaitForParent);
    assert.deepEqual([...world.slack.pinned], ['2000.000001', '1500.000000']);
    await pinsInRoom(world, '$q', '$ours1');
    assert.deepEqual([...world.slack.pinned], ['1500.000000']);
  });

  test('that come back change nothing', async () => {
    const world = await worldWithMessages();
    await pinsInRoom(world, '$p', '$m');
    await world.fromSlack(pin('1500.000000'), { lane });
    const before = world.matrix.effects.length + world.slack.effects.length;
    await world.fromSlack(pin('2000.000001'), { lane });
    await pinsInRoom(world, '$q', '$m', '$ours1');
    await world.fromSlack(pin('1500.000000'), { lane });
    assert.equal(world.matrix.effects.length + world.slack.effects.length, before);
  });

  test('that were written just before a crash are not written again', async () => {
    const world = await worldWithMessages();
    const { setPin } = world.shown;
    world.shown.setPin = () => Promise.reject(new TryLater('the process ends'));
    await assert.rejects(world.fromSlack(pin('1500.000000'), { lane }), TryLater);
    world.shown.setPin = setPin;
    await world.fromSlack(pin('1500.000000'), { lane });
    assert.deepEqual(inRoom(world), ['$ours1']);
    assert.equal(world.matrix.of('state').length, 1);
  });

  test('of a message that isn’t there yet wait for it, unless they end before it comes', async () => {
    const world = worldWith();
    const early = { lane, srcTs: '1600.000000' };
    await assert.rejects(world.fromSlack(pin('1500.000000'), early), WaitForParent);
    await assert.rejects(world.fromSlack(pin('1501.000000'), early), WaitForParent);
    await world.fromSlack(pin('1500.000000', 'removed'), { lane, srcTs: '1601.000000' });
    await world.fromSlack(slackMessage('1500.000000', 'one'));
    await world.fromSlack(slackMessage('1501.000000', 'two'));
    await world.fromSlack(pin('1500.000000'), early);
    await world.fromSlack(pin('1501.000000'), early);
    assert.deepEqual(inRoom(world), ['$ours2']);
  });

  test('of a message from before the link, or of one that never comes, are let go', async () => {
    const world = worldWith();
    await world.fromSlack(pin('0900.000000'), { lane });
    await world.fromSlack(pin('1500.000000'), { lane, waited: true });
    assert.equal(inRoom(world), undefined);
  });

  test('that no event told are found when the channel is looked at', async () => {
    const world = await worldWithMessages();
    const at = await world.shown.now();
    const look = (...pinned: readonly string[]): SlackEvent => ({
      type: 'look',
      ...place,
      pins: { pinned: pinned.map((each) => ts(each)), at },
    });
    await world.fromSlack(look('1501.000000', '1500.000000', '0900.000000'), { lane });
    assert.deepEqual(inRoom(world), ['$ours2', '$ours1']);
    await world.fromSlack(look(), { lane });
    assert.deepEqual(inRoom(world), ['$ours2', '$ours1'], 'what was read before says nothing of it');
    const now = { pinned: [ts('1500.000000')], at: await world.shown.now() };
    await world.fromSlack({ type: 'look', ...place, pins: now }, { lane });
    assert.deepEqual(inRoom(world), ['$ours1']);
  });

  test('that one side doesn’t let the bot change hold nothing up', async () => {
    const world = await worldWithMessages();
    world.matrix.refusesState = new CannotBridge('matrix-forbidden', 'no');
    await world.fromSlack(pin('1500.000000'), { lane });
    assert.equal(inRoom(world), undefined);
    world.slack.refusesChange = new CannotBridge('missing_scope', 'the Slack app lacks x.');
    await pinsInRoom(world, '$p', '$m');
    assert.deepEqual(world.matrix.sent().slice(2), [
      '⚠️ The pinned messages were not changed in Slack: the Slack app lacks x.',
    ]);
  });
});
