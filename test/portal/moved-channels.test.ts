import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import type { SlackEvent } from '../../src/events.ts';
import { textDoc } from '../../src/format/doc.ts';
import { channelId, portalId, ts } from '../../src/ids.ts';
import type { World } from './support/world.ts';
import { general, makeWorld, matrixMessage, place, portal, slackMessage } from './support/world.ts';

const moved = channelId('C9');
const event: SlackEvent = { type: 'channel', change: 'moved', ...place, to: moved };
const converted: SlackEvent = { type: 'channel', change: 'converted', ...place };
const inControl = { lane: 'portal:7:control' };

function statusOf(world: World): string | undefined {
  return world.store.rows[0]?.status;
}

test('a portal follows its channel to another id; what waits under the old one still goes across', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'before'));
  world.slack.channels = [{ ...general, channel: moved }];
  await world.fromSlack(event, inControl);
  await world.fromSlack(event, inControl);
  assert.equal(statusOf(world), 'live');
  assert.deepEqual(
    world.store.rows[0]?.channels.map(({ channel }) => channel),
    [moved, place.channel],
  );
  await world.fromSlack(slackMessage('1501.000000', 'waited'));
  await world.fromSlack(slackMessage('1502.000000', 'after', { channel: moved }));
  assert.deepEqual(world.matrix.sent(), ['before', 'waited', 'after']);
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  assert.deepEqual(world.slack.posted(), ['hello']);
  const described = world.matrix.of('describe').map(({ linked }) => linked);
  assert.deepEqual(described.slice(0, 2), [false, true]);
});

test('a channel that becomes private pauses the portal of a room that anybody may enter, until one of them changes', async () => {
  const world = makeWorld();
  world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  world.slack.channels = [{ ...general, private: true }];
  await world.fromSlack(converted, { ...inControl, seq: 5 });
  assert.equal(statusOf(world), 'paused');
  assert.match(world.matrix.sent()[0] ?? '', /#general is private in Slack, and anybody may join/);
  world.slack.channels = [general];
  await world.fromSlack(converted, { ...inControl, seq: 6 });
  assert.equal(statusOf(world), 'live');
});

test('a channel that becomes private is no trouble for a room by invitation', async () => {
  const world = makeWorld();
  world.matrix.states.set('m.room.join_rules', { join_rule: 'invite' });
  world.slack.channels = [{ ...general, private: true }];
  await world.fromSlack(converted, inControl);
  assert.equal(statusOf(world), 'live');
  assert.deepEqual(world.matrix.sent(), []);
});

const secret = slackMessage('1500.000000', 'between us');
const { type: _, ...changed } = slackMessage('1499.000000', 'between us', { editTs: ts('1501.000000') });
const edit = { type: 'edit', ...place, ts: changed.ts, message: changed } as const;

/** A portal of a room that anybody may enter. Its channel became private, and nothing told that. */
async function becamePrivateUnsaid(): Promise<World> {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1499.000000', 'for all'));
  world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  world.slack.channels = [{ ...general, private: true, name: 'our-secret', topic: textDoc('between us') }];
  return world;
}

function reachedMatrix(world: World): string {
  return JSON.stringify(world.matrix.effects);
}

test('a channel that became private unsaid pauses at what is written there, whether an event or history tells it', async () => {
  for (const event of [
    { ...secret, inPrivate: true },
    { ...secret, late: true },
    { ...edit, inPrivate: true },
    { ...edit, late: true },
  ] as const) {
    const world = await becamePrivateUnsaid();
    await assert.rejects(world.fromSlack(event), TryLater);
    assert.equal(statusOf(world), 'paused');
    assert.doesNotMatch(reachedMatrix(world), /between us/);
    world.matrix.states.set('m.room.join_rules', { join_rule: 'invite' });
    world.clock.at += 60_000;
    await world.fromSlack(event);
    assert.match(reachedMatrix(world), /between us/);
  }
});

test('a channel that became private unsaid pauses when it is looked at, or shows something else of itself', async () => {
  for (const event of [
    { type: 'look', ...place },
    { type: 'shown', what: 'topic', ...place },
    { type: 'shown', what: 'name', ...place },
    { type: 'channel', change: 'renamed', ...place },
  ] as const) {
    const world = await becamePrivateUnsaid();
    await world.fromSlack(event);
    assert.equal(statusOf(world), 'paused');
    assert.doesNotMatch(reachedMatrix(world), /between us|our-secret/);
  }
});

test('where the room’s topic changed, too, that of a channel that became private unsaid is not put in its place', async () => {
  const world = makeWorld();
  const [kind, content] = ['m.room.topic', { topic: 'ours' }] as const;
  await world.shown.agree(portalId(7), 'topic', { slack: '', matrix: '' });
  world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  world.matrix.states.set(kind, content);
  world.slack.channels = [{ ...general, private: true, topic: textDoc('between us') }];
  const { event, room, sender, at } = matrixMessage('$t', '');
  const changedTopic = { type: 'state', kind, stateKey: '', content, event, room, sender, at } as const;
  await assert.rejects(world.fromMatrix(changedTopic), TryLater);
  assert.equal(statusOf(world), 'paused');
  assert.doesNotMatch(reachedMatrix(world), /between us/);
});

test('of what history tells, one look is enough for all that was stored before it, and for nothing later', async () => {
  const world = makeWorld();
  world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  const { at: now } = world.clock;
  const texts: string[] = [];
  const late = (text: string, receivedAt: number) => {
    const message = slackMessage(`${1500 + texts.push(text)}.000000`, text);
    return world.fromSlack({ ...message, late: true }, { receivedAt: new Date(receivedAt) });
  };
  await late('one', now);
  world.clock.at += 60_000;
  await late('two', now + 1);
  world.slack.channel = () => Promise.reject(new TryLater('asked once more'));
  await late('three', now + 50_000);
  await assert.rejects(late('four', now + 60_001), TryLater);
  assert.deepEqual(world.matrix.sent(), ['one', 'two', 'three']);
});

test('history that was looked at says nothing of what comes live', async () => {
  const world = makeWorld();
  world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  await world.fromSlack({ ...slackMessage('1499.000000', 'for all'), late: true });
  world.slack.channels = [{ ...general, private: true }];
  await assert.rejects(world.fromSlack({ ...secret, inPrivate: true }), TryLater);
  assert.doesNotMatch(reachedMatrix(world), /between us/);
});

test('Slack is asked whether a channel is private only where its room is open', async () => {
  for (const rule of ['invite', 'public']) {
    const world = makeWorld();
    world.matrix.states.set('m.room.join_rules', { join_rule: rule });
    let asked = 0;
    const { channel } = world.slack;
    world.slack.channel = (...id) => {
      asked += 1;
      return channel(...id);
    };
    await world.fromSlack({ ...slackMessage('1500.000000', 'between us'), inPrivate: true });
    assert.deepEqual(world.matrix.sent(), ['between us']);
    assert.equal(asked, rule === 'invite' ? 0 : 1);
  }
});

test('a channel that is looked at is forgotten once', async () => {
  const world = makeWorld({ ...portal, policy: { ...portal.policy, topic: true, name: true } });
  let forgotten = 0;
  world.slack.forgetChannel = () => void (forgotten += 1);
  world.slack.channelChanged = () => assert.fail('the lists of channels are forgotten, too');
  await world.fromSlack({ type: 'look', ...place }, { lane: 'portal:7:shown' });
  assert.equal(forgotten, 1);
});
