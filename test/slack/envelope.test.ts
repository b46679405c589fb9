import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryOf } from '../../src/slack/envelope.ts';
import type { Delivery } from '../../src/queue/ports.ts';
import { callback } from './support/payloads.ts';

const ours = { accepts: (team: string) => team === 'T1' || team === 'T2' };

function delivered(body: Readonly<Record<string, unknown>>): Delivery {
  const received = deliveryOf(body, Buffer.from(JSON.stringify(body)), ours);
  if (received.type === 'skip') throw new Error(`skipped: ${received.reason}`);
  return received.delivery;
}

const place = { channel: 'C1', channel_type: 'channel' };
const reacted = { user: 'U1', reaction: 'wave', item: { type: 'message', channel: 'C1', ts: '1.000100' } };
const edited = { ts: '1.000100', text: 'new', edited: { user: 'U1', ts: '2.000000' } };

const cases: readonly {
  readonly what: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly fact: string | undefined;
  readonly srcTs: string;
  readonly route?: Delivery['route'];
}[] = [
  {
    what: 'a message',
    event: { type: 'message', ...place, user: 'U1', ts: '1.000100', event_ts: '1.000100', text: 'hi' },
    fact: 'message:1.000100',
    srcTs: '1.000100',
  },
  {
    what: 'an edit',
    event: {
      type: 'message',
      subtype: 'message_changed',
      ...place,
      ts: '2.000200',
      event_ts: '2.000200',
      message: edited,
      previous_message: { ts: '1.000100', text: 'old' },
    },
    fact: 'edit:1.000100:2.000000:TiOe5yuOLRVoFXUi4Izl2H',
    srcTs: '2.000200',
  },
  {
    what: 'a deletion',
    event: {
      type: 'message',
      subtype: 'message_deleted',
      ...place,
      ts: '3.000300',
      event_ts: '3.000300',
      deleted_ts: '1.000100',
    },
    fact: 'delete:1.000100',
    srcTs: '3.000300',
  },
  {
    what: 'a deletion that leaves a tombstone',
    event: {
      type: 'message',
      subtype: 'message_changed',
      ...place,
      ts: '3.000300',
      event_ts: '3.000300',
      message: { subtype: 'tombstone', ts: '1.000100', text: 'This message was deleted.' },
    },
    fact: 'delete:1.000100',
    srcTs: '3.000300',
  },
  {
    what: 'a reaction',
    event: { type: 'reaction_added', ...reacted, event_ts: '4.000400' },
    fact: 'reaction:added:1.000100:U1:wave:4.000400',
    srcTs: '4.000400',
  },
  {
    what: 'a reaction that is taken back',
    event: { type: 'reaction_removed', ...reacted, event_ts: '5.000500' },
    fact: 'reaction:removed:1.000100:U1:wave:5.000500',
    srcTs: '5.000500',
  },
  {
    what: 'a member who comes',
    event: { type: 'member_joined_channel', ...place, user: 'U1', event_ts: '6.000600' },
    fact: 'channel:member_joined_channel:U1:6.000600',
    srcTs: '6.000600',
  },
  {
    what: 'a channel that gets a name',
    event: { type: 'channel_rename', channel: { id: 'C1', name: 'new' }, event_ts: '7.000700' },
    fact: 'channel:channel_rename::7.000700',
    srcTs: '7.000700',
  },
  {
    what: 'a person’s new profile',
    event: { type: 'user_change', user: { id: 'U1' }, event_ts: '8.000800' },
    fact: undefined,
    srcTs: '8.000800',
    route: { team: 'T1', user: 'U1' },
  },
  {
    what: 'the end of an installation, which has no place but the workspace',
    event: { type: 'app_uninstalled' },
    fact: undefined,
    srcTs: '1700000000.000000',
    route: { team: 'T1' },
  },
];

for (const { what, event, fact, srcTs, route } of cases)
  test(`${what} is labelled with its place, its key, its fact and its time`, () => {
    const body = callback(event, { event_id: 'Ev1' });
    const delivery = delivered(body);
    assert.deepEqual(delivery.route, route ?? { team: 'T1', channel: 'C1' });
    assert.equal(delivery.deliveryKey, 'slack:T1:Ev1');
    assert.equal(delivery.fact, fact);
    assert.equal(delivery.srcTs, srcTs);
    assert.equal(delivery.malformed, undefined);
    assert.deepEqual(JSON.parse(delivery.payload.toString()), body);
  });

const lanes: readonly (readonly [
  string,
  Readonly<Record<string, unknown>>,
  'control' | 'shown' | undefined,
])[] = [
  ['a message', { type: 'message', ...place, ts: '1.000100' }, undefined],
  ['somebody who joins', { type: 'message', subtype: 'channel_join', ...place, ts: '1.000100' }, undefined],
  ['a new topic', { type: 'message', subtype: 'channel_topic', ...place, ts: '1.000100' }, 'shown'],
  ['a new name', { type: 'message', subtype: 'group_name', ...place, ts: '1.000100' }, 'shown'],
  ['a pin', { type: 'pin_added', channel_id: 'C1', event_ts: '1.000100' }, 'shown'],
  [
    'a channel that became private',
    { type: 'message', subtype: 'channel_convert_to_private', ...place, ts: '1.000100' },
    'control',
  ],
  ['a renamed channel', { type: 'channel_rename', channel: { id: 'C1' }, event_ts: '1.000100' }, 'control'],
  ['another id', { type: 'channel_id_changed', old_channel_id: 'C1', event_ts: '1.000100' }, 'control'],
];
for (const [what, event, lane] of lanes)
  test(`${what} goes ${lane === undefined ? 'with the messages' : `its own way: ${lane}`}`, () => {
    const { control, shown, route } = delivered(callback(event));
    assert.equal(control === true ? 'control' : shown === true ? 'shown' : undefined, lane);
    assert.equal(route.channel, 'C1');
  });

test('a pin names its message', () => {
  const item = { type: 'message', message: { ts: '1.000100' } };
  assert.deepEqual(
    delivered(callback({ type: 'pin_added', channel_id: 'C1', item, event_ts: '2.000200' })).about,
    ['1.000100'],
  );
});

const unfurl = (attachments: readonly unknown[]) =>
  callback({
    type: 'message',
    subtype: 'message_changed',
    ...place,
    ts: '2.000200',
    event_ts: '2.000200',
    message: { ts: '1.000100', text: 'see https://example.org', attachments },
    previous_message: { ts: '1.000100', text: 'see https://example.org' },
  });

test('an unfurl is a fact of its own, the same one however often it comes', () => {
  const first = delivered(unfurl([{ id: 1, title: 'Example' }])).fact;
  assert.match(first ?? '', /^change:1\.000100::[\w-]{22}$/);
  assert.equal(delivered(unfurl([{ id: 1, title: 'Example' }])).fact, first);
  assert.notEqual(delivered(unfurl([{ id: 1, title: 'Example' }, { id: 2 }])).fact, first);
});

test('the workspace that the event was sent for counts, not the one that it names', () => {
  const body = callback(
    { type: 'message', ...place, ts: '1.000100', event_ts: '1.000100', user: 'U9', text: '' },
    { team_id: 'T9', authorizations: [{ team_id: 'T2', user_id: 'U2', is_bot: true }] },
  );
  assert.equal(delivered(body).route.team, 'T2');
});

test('an event for a workspace that is not configured is not stored', () => {
  const body = callback({ type: 'message' }, { team_id: 'T9', context_team_id: 'T9', authorizations: [] });
  const received = deliveryOf(body, Buffer.from('{}'), ours);
  assert.deepEqual(received, { type: 'skip', reason: 'unknown-team', team: 'T9', app: 'A1' });
});

test('an event that can not be read is stored as such, under a key made of its bytes', () => {
  for (const body of [
    { type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event: 'nonsense' },
    { type: 'event_callback', team_id: 'T1', event: { type: 'message', ts: '1.000100' } },
    { type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event: { type: 'message' } },
    { type: 'something_else', team_id: 'T1' },
  ]) {
    const delivery = delivered(body);
    assert.equal(typeof delivery.malformed, 'string');
    assert.match(delivery.deliveryKey, /^slack:T1:malformed:[\w-]{22}$/);
    assert.deepEqual(delivery.route, { team: 'T1' });
  }
});

test('Slack’s word that it holds events back is a delivery of its own', () => {
  const body = { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 1700000000, api_app_id: 'A1' };
  const delivery = delivered(body);
  assert.equal(delivery.deliveryKey, 'slack:T1:app_rate_limited:1700000000');
  assert.equal(delivery.srcTs, '1700000000.000000');
});

test('changes of a channel steer, messages about them do not', () => {
  const steering = (event: Readonly<Record<string, unknown>>) =>
    delivered(callback({ ...event, channel: 'C1', user: 'U1', ts: '1.000100', event_ts: '1.000100' }))
      .control ?? false;
  assert.equal(steering({ type: 'channel_archive' }), true);
  assert.equal(steering({ type: 'member_left_channel' }), true);
  assert.equal(steering({ type: 'message', subtype: 'channel_archive', text: 'archived' }), false);
  assert.equal(steering({ type: 'reaction_added' }), false);
});

test('a reply names the root of its thread', () => {
  const reply = { type: 'message', ...place, user: 'U1', ts: '2.000100', thread_ts: '1.000100', text: 'x' };
  assert.deepEqual(delivered(callback(reply)).about, ['1.000100']);
  assert.equal(delivered(callback({ ...reply, ts: '1.000100' })).about, undefined, 'the root itself');
});

const ofPerson = [{ team_id: 'T1', user_id: 'U1', is_bot: false }];
const ofBot = [{ team_id: 'T1', user_id: 'UBOT', is_bot: true }];
for (const [what, channel, kind, authorizations, chat] of [
  ['a direct message of a person here', 'D1', 'im', ofPerson, true],
  ['a group message of a person here', 'C9', 'mpim', ofPerson, true],
  ['a private channel of a person here', 'C9', 'group', ofPerson, undefined],
  ['what somebody writes to the bot', 'D1', 'im', ofBot, undefined],
  ['a direct message of nobody', 'D1', 'im', [], undefined],
] as const)
  test(`${what} is ${chat === true ? 'a' : 'no'} chat`, () => {
    const event = { type: 'message', channel, channel_type: kind, user: 'U2', ts: '1.000100', text: 'hi' };
    const body = callback({ ...event, event_ts: '1.000100' }, { authorizations });
    assert.equal(delivered(body).route.chat, chat);
  });
