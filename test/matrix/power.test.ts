import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textDoc } from '../../src/format/doc.ts';
import { channelId, matrixUserId, teamId } from '../../src/ids.ts';
import { bridgeInfo, bridgeStateKey, otherBridgeBots } from '../../src/matrix/bridge-info.ts';
import { readPower } from '../../src/matrix/power.ts';
import type { StateEvent } from '../../src/matrix/power.ts';
import { roomRights } from '../../src/matrix/rights.ts';
import { roomRequest } from '../../src/matrix/room-creation.ts';

const bot = matrixUserId('@slackbot:example.org');
const ann = '@ann:example.org';

function state(type: string, content: Record<string, unknown>, stateKey = '', sender = ann): StateEvent {
  return { type, content, stateKey, sender };
}

test('power is read with the defaults that the specification gives', () => {
  const power = readPower(state('m.room.create', { room_version: '11' }), { users: { [ann]: 100 } });
  assert.equal(power.of(ann), 100);
  assert.equal(power.of(bot), 0);
  assert.equal(power.forState('m.room.name'), 50);
  assert.equal(power.forEvent('m.room.message'), 0);
  assert.equal(power.forNotification('room'), 50);
  const own = readPower(undefined, {
    users_default: '5',
    state_default: 10,
    events: { 'm.room.name': 20 },
    notifications: { room: 0 },
  });
  assert.equal(own.of(bot), 5, 'old rooms have numbers as texts');
  assert.equal(own.forState('m.room.topic'), 10);
  assert.equal(own.forState('m.room.name'), 20);
  assert.equal(own.forNotification('room'), 0);
});

test('in a room without power levels its creator rules and everybody may everything', () => {
  const power = readPower(state('m.room.create', {}), undefined);
  assert.equal(power.of(ann), 100);
  assert.equal(power.of(bot), 0);
  assert.equal(power.forState('m.room.name'), 0);
});

test('from version 12 on creators stand above all levels', () => {
  const content = { room_version: '12', additional_creators: ['@boss:example.org'] };
  const power = readPower(state('m.room.create', content), { users: {}, users_default: 0 });
  assert.equal(power.of(ann), Number.POSITIVE_INFINITY);
  assert.equal(power.of('@boss:example.org'), Number.POSITIVE_INFINITY);
  assert.equal(power.of(bot), 0);
  const older = readPower(state('m.room.create', { ...content, room_version: '11' }), { users: {} });
  assert.equal(older.of(ann), 0);
});

test('each right that is missing is named, with what it needs', () => {
  const joined = state('m.room.member', { membership: 'join' }, bot);
  const create = state('m.room.create', { room_version: '11' });
  const levels = (content: Record<string, unknown>): StateEvent => state('m.room.power_levels', content);

  assert.deepEqual(roomRights([create, joined, levels({ users: { [bot]: 50 } })], bot), {
    joined: true,
    missing: [],
  });
  const poor = roomRights([create, levels({ invite: 50, events: { 'm.room.message': 25 } })], bot);
  assert.equal(poor.joined, false);
  assert.deepEqual(poor.missing, [
    "say in the room's state that it is bridged, m.bridge (needs power 50, the bot has 0)",
    "say in the room's state that it is bridged, uk.half-shot.bridge (needs power 50, the bot has 0)",
    'send messages (needs power 25, the bot has 0)',
    'invite people (needs power 50, the bot has 0)',
    'send messages (needs power 25, new members have 0)',
  ]);
  const open = state('m.room.join_rules', { join_rule: 'public' });
  const inviting = levels({ users: { [bot]: 50 }, invite: 100 });
  assert.deepEqual(roomRights([create, joined, inviting, open], bot).missing, []);
});

test('the bridge state says which channel, and has a key of its own for each channel', () => {
  const channel = {
    team: teamId('T1'),
    channel: channelId('C1'),
    name: 'general',
    teamName: 'Example',
    url: 'https://example.slack.com/',
  };
  assert.deepEqual(bridgeInfo(channel, bot), {
    bridgebot: bot,
    protocol: { id: 'slack', displayname: 'Slack', external_url: 'https://slack.com/' },
    network: { id: 'T1', displayname: 'Example', external_url: 'https://example.slack.com/' },
    channel: {
      id: 'C1',
      displayname: 'general',
      external_url: 'https://example.slack.com/archives/C1',
    },
  });
  assert.notEqual(bridgeStateKey(channel), bridgeStateKey({ ...channel, channel: channelId('C2') }));
});

test('another bridge is seen while its bot is in the room, and not when only its state was left behind', () => {
  const isOurs = (user: string): boolean => user === bot;
  const said = (id: string, by: string, more = {}): StateEvent =>
    state('m.bridge', { protocol: { id }, bridgebot: by, ...more }, `x://${by}`, by);
  const inRoom = (user: string): StateEvent => state('m.room.member', { membership: 'join' }, user);
  const other = '@otherbot:example.org';
  assert.deepEqual(otherBridgeBots([said('slackgo', other), inRoom(other)], isOurs), [other]);
  assert.deepEqual(otherBridgeBots([said('slack', other), said('Slack', other), inRoom(other)], isOurs), [
    other,
  ]);
  for (const harmless of [
    [said('slack', other)],
    [said('irc', other), inRoom(other)],
    [said('slack', bot), inRoom(bot)],
    [state('m.bridge', {}, 'x', other), inRoom(other)],
    [state('m.room.topic', { protocol: { id: 'slack' } }, '', other), inRoom(other)],
  ]) {
    assert.deepEqual(otherBridgeBots(harmless, isOurs), []);
  }
});

const policy = {
  version: 'default',
  additionalCreators: [matrixUserId(ann)],
  historyVisibility: 'shared',
  federate: true,
  aliases: true,
} as const;
const room = { name: 'general', topic: textDoc('All'), invite: [matrixUserId('@bob:example.org')] };

test('a new room of version 12 has its creators in the creation and not among the levels', () => {
  const made = roomRequest(room, { ...policy, federate: false }, '12', bot);
  assert.deepEqual(made['creation_content'], { 'm.federate': false, additional_creators: [ann] });
  assert.deepEqual((made['power_level_content_override'] as Record<string, unknown>)['users'], {});
  assert.ok(!('room_version' in made), "the homeserver's own default");
});

test('in an older room the same people get power 100', () => {
  const made = roomRequest(room, { ...policy, version: '11' }, '11', bot);
  assert.equal(made['room_version'], '11');
  assert.deepEqual(made['creation_content'], {});
  assert.deepEqual((made['power_level_content_override'] as Record<string, unknown>)['users'], {
    [bot]: 100,
    [ann]: 100,
  });
});
