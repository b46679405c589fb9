import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTransaction } from '../../src/matrix/transaction.ts';

const good = { type: 'm.room.message', event_id: '$1', room_id: '!r', sender: '@ann:x', content: {} };

function read(events: unknown, more: object = {}) {
  return readTransaction(
    Buffer.from(JSON.stringify({ events, ...more })),
    ({ sender }) => String(sender).startsWith('@slack_') || sender === '@bot:x',
    (text) => text.startsWith('!slack'),
  );
}

test('each event becomes a delivery with its room, its own id as key, and its JSON', () => {
  const { deliveries } = read([good, { ...good, event_id: '$2', room_id: '!q' }]);
  const [first] = deliveries;
  assert.equal(deliveries.length, 2);
  assert.ok(first);
  const { payload, ...rest } = first;
  assert.deepEqual(rest, {
    from: 'matrix',
    route: { room: '!r', user: '@ann:x' },
    deliveryKey: 'matrix:$1',
    about: ['$1'],
    srcTs: '',
  });
  assert.deepEqual(JSON.parse(payload.toString()), good);
});

test('commands and changes of the room steer, messages do not', () => {
  const say = (body: string) => ({ ...good, content: { msgtype: 'm.text', body } });
  const state = { ...good, type: 'm.room.power_levels', state_key: '' };
  const { deliveries } = read([
    say('!slack status'),
    state,
    say('hello'),
    { ...say('!slack x'), type: 'm.reaction' },
  ]);
  assert.deepEqual(
    deliveries.map(({ control }) => control ?? false),
    [true, true, false, false],
  );
});

test('a delivery names its own message and the events that it answers, changes or removes', () => {
  const related = (relation: object) => ({ ...good, content: { 'm.relates_to': relation } });
  const { deliveries } = read([
    related({ rel_type: 'm.thread', event_id: '$root', 'm.in_reply_to': { event_id: '$last' } }),
    related({ rel_type: 'm.replace', event_id: '$edited' }),
    { ...related({ rel_type: 'm.annotation', event_id: '$message', key: '👍' }), type: 'm.reaction' },
    { ...good, type: 'm.room.redaction', redacts: '$old' },
    { ...good, type: 'm.room.redaction', content: { redacts: '$new' } },
  ]);
  assert.deepEqual(
    deliveries.map(({ about }) => about),
    [['$1', '$root', '$last'], ['$edited', '$1'], ['$message'], ['$old'], ['$new']],
  );
});

test('what our own users did is not stored, what people do to them is', () => {
  const own = { ...good, sender: '@slack_u1:x' };
  const kick = {
    ...good,
    type: 'm.room.member',
    state_key: '@slack_u1:x',
    content: { membership: 'leave' },
  };
  assert.deepEqual(read([own, { ...good, sender: '@bot:x' }]).deliveries, []);
  assert.equal(read([kick]).deliveries.length, 1);
  assert.equal(read([own, kick]).events.length, 2, 'both can be learned from');
});

test('typing, receipts and presence are not stored', () => {
  const ephemeral = [{ type: 'm.typing', room_id: '!r', content: { user_ids: [] } }];
  const read2 = read([], { ephemeral, 'de.sorunome.msc2409.ephemeral': ephemeral });
  assert.deepEqual(read2, { deliveries: [], events: [], receipts: [] });
});

test('an event that is none becomes a malformed delivery, and the others of its transaction stay good', () => {
  const bad = [
    { ...good, event_id: 7 },
    { ...good, room_id: '' },
    { ...good, sender: null },
    'x',
    null,
    [good],
  ];
  const { deliveries } = read([good, ...bad, { ...good, type: 3 }]);
  assert.equal(deliveries.length, 8);
  assert.deepEqual(
    deliveries.map(({ malformed }) => malformed === undefined),
    [true, false, false, false, false, false, false, false],
  );
  assert.equal(new Set(deliveries.map(({ deliveryKey }) => deliveryKey)).size, 8);
});

test('a malformed delivery has the same key when it is sent again', () => {
  assert.deepEqual(read([{ odd: 1 }]), read([{ odd: 1 }]));
});

test('a body that is no transaction is kept whole, as one malformed delivery', () => {
  for (const body of ['', '{', 'null', '[]', '"x"', '{"events":{}}', '{"events":7}', '['.repeat(100_000)]) {
    const { deliveries } = readTransaction(Buffer.from(body), () => false);
    assert.equal(deliveries.length, 1, body.slice(0, 20));
    assert.equal(deliveries[0]?.payload.toString(), body);
    assert.ok(deliveries[0]?.malformed);
  }
  assert.deepEqual(readTransaction(Buffer.from('{}'), () => false).deliveries, []);
});

test('whatever is sent, all of it becomes a delivery', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (events) => {
      assert.equal(read(events).deliveries.length, events.length);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.ok(readTransaction(Buffer.from(bytes), () => false).deliveries.length <= 1);
    }),
  );
});

test('an event that nests without end is stored all the same: refused, it would come again for ever', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const event = `{"type":"m.room.message","event_id":"$deep","room_id":"!r:x.org","sender":"@ann:x.org","content":{"body":"hello","odd":${deep}}}`;
  const { deliveries } = readTransaction(Buffer.from(`{"events":[${event}]}`), () => false);
  assert.equal(deliveries.length, 1);
  assert.equal(deliveries[0]?.malformed, undefined);
  assert.match(deliveries[0]?.payload.toString() ?? '', /"body":"hello"/);
});

test('an invitation of a ghost is told from one of the bot', () => {
  const isGhost = (user: string) => user === '@slack_u1:hs';
  const member = {
    type: 'm.room.member',
    room_id: '!r:hs',
    sender: '@ann:hs',
    content: { membership: 'invite' },
  };
  const events = [
    { ...member, event_id: '$1', state_key: '@slack_u1:hs' },
    { ...member, event_id: '$2', state_key: '@slackbot:hs' },
    { ...member, event_id: '$3', state_key: '@slack_u1:hs', content: { membership: 'join' } },
  ];
  const body = Buffer.from(JSON.stringify({ events }));
  const { deliveries } = readTransaction(
    body,
    () => false,
    () => false,
    isGhost,
  );
  assert.deepEqual(
    deliveries.map(({ control, growth }) => [control, growth]),
    [
      [true, true],
      [true, undefined],
      [true, undefined],
    ],
  );
});
