import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import type { SlackEvent } from '../../src/events.ts';
import { channelId } from '../../src/ids.ts';
import type { World } from './support/world.ts';
import { general, makeWorld, matrixMessage, place, slackMessage } from './support/world.ts';

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

test('a channel that became private unsaid pauses at its first message, or when it is looked at', async () => {
  for (const event of [
    { ...slackMessage('1500.000000', 'between us'), inPrivate: true },
    { type: 'look', ...place },
  ] as const) {
    const world = makeWorld();
    await world.fromSlack(slackMessage('1499.000000', 'for all'));
    world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
    world.slack.channels = [{ ...general, private: true }];
    const handled = world.fromSlack(event);
    await (event.type === 'look' ? handled : assert.rejects(handled, TryLater));
    assert.equal(statusOf(world), 'paused');
    assert.doesNotMatch(world.matrix.sent().join(), /between us/);
    world.matrix.states.set('m.room.join_rules', { join_rule: 'invite' });
    world.clock.at += 60_000;
    await world.fromSlack(event);
    assert.equal(world.matrix.sent().includes('between us'), event.type === 'message');
  }
});
