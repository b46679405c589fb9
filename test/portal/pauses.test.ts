import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { MatrixEvent, SlackEvent } from '../../src/events.ts';
import { botId, channelId, eventId, matrixUserId, portalId, roomId } from '../../src/ids.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { bot } from './support/recorded-matrix.ts';
import type { World } from './support/world.ts';
import {
  ann,
  general,
  makeWorld,
  matrixMessage,
  place,
  portal,
  room,
  slackMessage,
  team,
} from './support/world.ts';

function channelEvent(change: 'archived' | 'unarchived' | 'bot-left' | 'bot-joined' | 'renamed'): SlackEvent {
  return { type: 'channel', change, ...place };
}

function state(kind: string, id = '$state'): MatrixEvent {
  return {
    type: 'state',
    kind,
    stateKey: '',
    content: {},
    event: eventId(id),
    room,
    sender: matrixUserId('@other:hs'),
    at: 1,
  };
}

function botMember(membership: 'invite' | 'leave', id: string, sender = ann, user = bot): MatrixEvent {
  const common = { event: eventId(id), room, sender, at: 1 };
  return { type: 'member', user, membership, direct: false, ...common };
}

function statusOf(world: World): string | undefined {
  return world.store.rows[0]?.status;
}

test('an archived channel pauses its portal, tells the room once, and loses nothing', async () => {
  const world = makeWorld();
  world.slack.channels = [{ ...general, archived: true }];
  await world.fromSlack(channelEvent('archived'), { seq: 5 });
  await world.fromSlack(channelEvent('archived'), { seq: 5 });
  assert.equal(statusOf(world), 'paused');
  assert.equal(world.matrix.sent().length, 1);
  assert.match(world.matrix.sent()[0] ?? '', /paused.*#general is archived/);
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), (error) => {
    assert.ok(error instanceof TryLater);
    assert.equal(error.target, `portal:${portal.id}`);
    return true;
  });
  world.slack.channels = [general];
  await world.fromSlack(channelEvent('unarchived'), { seq: 6 });
  assert.equal(statusOf(world), 'live');
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('an old event of a channel that is back by now pauses nothing', async () => {
  const world = makeWorld();
  await world.fromSlack(channelEvent('bot-left'));
  assert.equal(statusOf(world), 'live');
});

test('what waits looks from time to time whether the cause is gone, even if nobody says so', async () => {
  const world = makeWorld();
  world.slack.channels = [{ ...general, member: false }];
  await world.fromSlack(channelEvent('bot-left'));
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), TryLater);
  world.slack.channels = [general];
  world.clock.at += 10_000;
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), TryLater);
  world.clock.at += 30_000;
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('a refusal of the whole channel pauses the portal instead of losing the message', async () => {
  const world = makeWorld();
  const post = world.slack.post;
  world.slack.post = () => {
    world.slack.channels = [{ ...general, archived: true }];
    return Promise.reject(new CannotBridge('is_archived', 'archived'));
  };
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), TryLater);
  assert.equal(statusOf(world), 'paused');
  world.slack.channels = [general];
  world.slack.post = post;
  world.clock.at += 30_000;
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('an app taken out of a workspace puts all its portals to sleep, and its return wakes them', async () => {
  const world = makeWorld();
  world.slack.trouble = 'the app was removed from it.';
  await world.fromSlack({ type: 'team', team, change: 'uninstalled' });
  assert.equal(statusOf(world), 'paused');
  assert.match(world.matrix.sent()[0] ?? '', /workspace Acme can't be used now: the app was removed/);
  world.slack.trouble = 'its token was revoked';
  await world.portals.teamReturned(team, 'start');
  assert.equal(statusOf(world), 'paused');
  world.slack.trouble = undefined;
  await world.portals.teamReturned(team, 'start');
  assert.equal(statusOf(world), 'live');
});

test('a second bridge in the room pauses the portal and is named', async () => {
  const world = makeWorld();
  world.matrix.bridges = ['@otherbridge:hs'];
  await world.fromMatrix(state('m.bridge'));
  assert.equal(statusOf(world), 'paused');
  assert.match(
    world.matrix.sent()[0] ?? '',
    /Another bridge is at work here: @otherbridge:hs.*say “!slack set other-bridges on”/,
  );
});

test('the portal goes on when the second bridge’s bot has left the room', async () => {
  const world = makeWorld();
  world.matrix.bridges = ['@otherbridge:hs'];
  await world.fromMatrix(state('m.bridge'));
  const left = (user: string, id: string): MatrixEvent => botMember('leave', id, ann, matrixUserId(user));
  await world.fromMatrix(left('@somebody:hs', '$1'));
  assert.equal(statusOf(world), 'paused');
  world.matrix.bridges = [];
  await world.fromMatrix(left('@otherbridge:hs', '$2'));
  assert.equal(statusOf(world), 'live');
});

test('a bridge’s message in Slack pauses the portal before it goes round in circles', async () => {
  const world = makeWorld();
  world.slack.bridges = ['matterbridge'];
  const message = slackMessage('1500.000000', 'hi', { author: { type: 'bot', id: botId('BMATTER') } });
  await assert.rejects(world.fromSlack(message), TryLater);
  assert.equal(statusOf(world), 'paused');
  assert.deepEqual(
    world.matrix.sent().map((text) => text.includes('matterbridge')),
    [true],
  );
});

test('a portal that people put beside another bridge goes on', async () => {
  const world = makeWorld({ ...portal, policy: { ...defaultPolicy, otherBridges: true } });
  world.slack.bridges = ['matterbridge'];
  world.matrix.bridges = ['@otherbridge:hs'];
  await world.fromMatrix(state('m.bridge'));
  await world.fromSlack(slackMessage('1500.000000', 'hi', { author: { type: 'bot', id: botId('BMATTER') } }));
  assert.deepEqual(world.matrix.sent(), ['hi']);
});

for (const [what, kind, content] of [
  ['anybody may join', 'm.room.join_rules', { join_rule: 'public' }],
  ['anybody may read', 'm.room.history_visibility', { history_visibility: 'world_readable' }],
] as const) {
  test(`a private channel’s room that is opened so that ${what} stops at once`, async () => {
    const world = makeWorld();
    world.slack.channels = [{ ...general, private: true }];
    world.matrix.states.set(kind, content);
    await world.fromMatrix(state(kind));
    assert.equal(statusOf(world), 'paused');
    world.matrix.states.clear();
    await world.fromMatrix(state(kind, '$closed'));
    assert.equal(statusOf(world), 'live');
  });
}

test('a public channel may be in an open room', async () => {
  const world = makeWorld();
  world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  await world.fromMatrix(state('m.room.join_rules'));
  assert.equal(statusOf(world), 'live');
});

test('encryption, a newer room and missing rights pause the portal and say so', async () => {
  for (const [kind, words] of [
    ['m.room.encryption', /is encrypted/],
    ['m.room.tombstone', /replaced by a newer one/],
  ] as const) {
    const world = makeWorld();
    world.matrix.states.set(kind, { set: true });
    await world.fromMatrix(state(kind));
    assert.match(world.matrix.sent()[0] ?? '', words);
  }
  const world = makeWorld();
  world.matrix.missing = ['inviting people'];
  await world.fromMatrix(state('m.room.power_levels'));
  assert.match(world.matrix.sent()[0] ?? '', /lacks rights in the room: inviting people/);
});

test('a room that sends the bot away gives nothing more to Slack, and Slack’s messages wait for it', async () => {
  const world = makeWorld();
  world.matrix.joined = false;
  await world.fromMatrix(botMember('leave', '$kick'), { seq: 1 });
  assert.equal(statusOf(world), 'paused');
  await assert.rejects(world.fromSlack(slackMessage('1500.000000', 'hello')), TryLater);
  await world.fromMatrix(matrixMessage('$m', 'private now'), { seq: 2 });
  assert.deepEqual(world.slack.effects, []);
  world.matrix.joined = true;
  await world.fromMatrix(botMember('invite', '$back'));
  assert.equal(statusOf(world), 'live');
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  assert.ok(world.matrix.sent().includes('hello'));
});

test('items of a portal that is being linked wait, those of a frozen one are let go', async () => {
  const filling = makeWorld({ ...portal, status: 'filling' });
  await assert.rejects(filling.fromSlack(slackMessage('1500.000000', 'hello')), TryLater);
  const frozen = makeWorld({ ...portal, status: 'frozen' });
  await frozen.fromSlack(slackMessage('1500.000000', 'hello'));
  assert.deepEqual(frozen.counted, ['ignored slack portal-closed']);
});

test('a renamed channel is known by its new name', async () => {
  const world = makeWorld();
  world.slack.channels = [{ ...general, name: 'everyone' }];
  await world.fromSlack(channelEvent('renamed'));
  assert.equal(world.store.rows[0]?.channels[0].name, 'everyone');
  assert.equal(world.matrix.of('describe')[0]?.text, 'everyone https://acme.slack.com/');
});

test('Slack’s announcement that it limits events is no reason to stop', async () => {
  const world = makeWorld();
  await world.fromSlack({ type: 'team', team, change: 'rate-limited' });
  assert.equal(statusOf(world), 'live');
});

test('a workspace in trouble is told of once in each room, whoever notices it and however often', async () => {
  const other = { ...portal, id: portalId(8), room: roomId('!other:hs') };
  const world = makeWorld(portal, {
    ...other,
    channels: [{ ...place, channel: channelId('C2'), name: 'b' }],
  });
  world.slack.trouble = 'its token was revoked';
  await Promise.all([
    world.portals.teamFailed(team, 'watch'),
    world.fromSlack({ type: 'team', team, change: 'tokens-revoked' }, { seq: 9 }),
  ]);
  await world.portals.teamFailed(team, 'watch again');
  assert.deepEqual(
    world.matrix.of('send').map((each) => each.room),
    [room, '!other:hs'],
  );
  assert.deepEqual(world.slack.told, [], 'Slack can’t be told');
});

test('people in Slack are told, too, when the cause is in the room', async () => {
  const world = makeWorld();
  world.matrix.missing = ['inviting people'];
  await world.fromMatrix(state('m.room.power_levels'));
  assert.match(world.slack.told[0] ?? '', /paused.*inviting people.*What you write here waits/);
  assert.equal(world.slack.told.length, 1);
});

test('a channel that can’t be told now doesn’t keep the portal from pausing', async () => {
  const world = makeWorld();
  world.slack.notices.toChannel = () => Promise.reject(new TryLater('Slack is away'));
  world.matrix.missing = ['inviting people'];
  await world.fromMatrix(state('m.room.power_levels'));
  assert.equal(statusOf(world), 'paused');
});

test('the room is told when the first cause is gone and another one remains', async () => {
  const world = makeWorld();
  world.slack.trouble = 'its token was revoked';
  await world.portals.teamFailed(team, 'watch');
  world.slack.trouble = undefined;
  world.slack.channels = [{ ...general, archived: true }];
  await world.portals.teamReturned(team, 'back');
  assert.match(world.matrix.sent()[1] ?? '', /still paused.*#general is archived/);
  assert.equal(statusOf(world), 'paused');
});

test('a portal goes on with one notice, however many find out at the same time', async () => {
  const world = makeWorld();
  world.slack.channels = [{ ...general, archived: true }];
  await world.fromSlack(channelEvent('archived'), { seq: 5 });
  world.slack.channels = [general];
  await Promise.all([
    world.fromSlack(channelEvent('unarchived'), { seq: 6 }),
    world.fromMatrix(matrixMessage('$m', 'one'), { seq: 7 }),
    world.fromSlack(slackMessage('1500.000000', 'two'), { seq: 8 }),
  ]);
  assert.equal(world.matrix.sent().filter((text) => /goes on/.test(text)).length, 1);
});

test('what was found of an earlier pause isn’t held against a later one', async () => {
  const world = makeWorld();
  world.matrix.joined = false;
  await world.fromMatrix(botMember('leave', '$kick'), { seq: 4 });
  await assert.rejects(world.fromSlack(slackMessage('1500.000000', 'hello')), TryLater);
  world.matrix.joined = true;
  await world.fromMatrix(botMember('invite', '$back'), { seq: 6 });
  world.slack.channels = [{ ...general, archived: true }];
  await world.fromSlack(channelEvent('archived'), { seq: 7 });
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello'), { seq: 8 }), TryLater);
});

test('what was written before the bot was sent away still goes to Slack, what was written without it doesn’t', async () => {
  const world = makeWorld();
  world.matrix.joined = false;
  await world.fromMatrix(botMember('leave', '$kick'), { seq: 10 });
  await assert.rejects(world.fromMatrix(matrixMessage('$before', 'before'), { seq: 9 }), TryLater);
  world.matrix.joined = true;
  await world.fromMatrix(botMember('invite', '$back'), { seq: 12 });
  await world.fromMatrix(matrixMessage('$before', 'before'), { seq: 9 });
  await world.fromMatrix(matrixMessage('$without', 'without'), { seq: 11 });
  await world.fromMatrix(matrixMessage('$after', 'after'), { seq: 13 });
  assert.deepEqual(world.slack.posted(), ['before', 'after']);
});
