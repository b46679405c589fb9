import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MatrixEvent } from '../../src/events.ts';
import { plainText } from '../../src/format/doc.ts';
import { InvalidId } from '../../src/ids.ts';
import { matrixEvent } from '../../src/matrix/inbound.ts';

const place = { event: '$e1', room: '!r1', sender: '@ann:example.org', at: 1700000000000 };

function event(type: string, content: unknown, more: Record<string, unknown> = {}): MatrixEvent {
  return matrixEvent(
    Buffer.from(
      JSON.stringify({
        type,
        content,
        event_id: '$e1',
        room_id: '!r1',
        sender: '@ann:example.org',
        origin_server_ts: 1700000000000,
        ...more,
      }),
    ),
  );
}

function message(content: Record<string, unknown>, type = 'm.room.message') {
  const made = event(type, { msgtype: 'm.text', body: 'hello', ...content });
  assert.equal(made.type, 'message');
  assert.ok(made.type === 'message');
  return made;
}

test('a text is a message, its HTML preferred to its plain body', () => {
  assert.deepEqual(message({}), {
    type: 'message',
    ...place,
    kind: 'text',
    text: { blocks: [{ type: 'paragraph', children: [{ type: 'text', text: 'hello', marks: {} }] }] },
    relation: {},
    mentionsRoom: false,
    plain: 'hello',
  });
  const bold = message({ format: 'org.matrix.custom.html', formatted_body: '<b>hi</b>' });
  assert.deepEqual(bold.text.blocks, [
    { type: 'paragraph', children: [{ type: 'text', text: 'hi', marks: { bold: true } }] },
  ]);
  assert.equal(message({ formatted_body: '<b>hi</b>' }).plain, 'hello', 'another format is not HTML');
  assert.equal(message({ format: 'org.matrix.custom.html', formatted_body: '<br>' }).plain, 'hello');
});

test('each kind of message keeps its kind, and unknown ones are texts', () => {
  for (const [msgtype, kind] of [
    ['m.text', 'text'],
    ['m.emote', 'emote'],
    ['m.notice', 'notice'],
    ['m.location', 'text'],
    ['org.example.new', 'text'],
  ] as const) {
    assert.equal(message({ msgtype }).kind, kind);
  }
});

test('a location is a link to a map, with what its sender calls it', () => {
  const map = 'https://www.openstreetmap.org/?mlat=51.5008&mlon=-0.1247#map=16/51.5008/-0.1247';
  const here = `[51.5008, -0.1247](${map})`;
  const at = (content: Record<string, unknown>) => message({ msgtype: 'm.location', ...content }).plain;
  assert.equal(at({ body: 'Big Ben', geo_uri: 'geo:51.5008,-0.1247' }), `📍 Big Ben: ${here}`);
  assert.equal(at({ body: 'geo:51.5008,-0.1247', geo_uri: 'geo:51.5008,-0.1247;u=35' }), `📍 ${here}`);
  for (const key of ['m.location', 'org.matrix.msc3488.location']) {
    const extended = { uri: 'geo:51.5008,-0.1247,12', description: 'Our office' };
    assert.equal(at({ body: 'at geo:51.5008', [key]: extended }), `📍 Our office: ${here}`);
  }
});

test('a poll is a message with its question and answers, in both forms that clients send', () => {
  const msc = 'org.matrix.msc3381.poll';
  const unstable = message(
    {
      msgtype: undefined,
      body: undefined,
      'org.matrix.msc1767.text': 'Lunch?',
      [`${msc}.start`]: {
        kind: `${msc}.disclosed`,
        max_selections: 2,
        question: { 'org.matrix.msc1767.text': 'Lunch?' },
        answers: [
          { id: 'a', 'org.matrix.msc1767.text': 'Pizza' },
          { id: 'a', 'org.matrix.msc1767.text': 'twice' },
          { id: 'b' },
        ],
      },
    },
    `${msc}.start`,
  );
  assert.deepEqual(unstable.poll, {
    question: 'Lunch?',
    answers: [{ id: 'a', text: 'Pizza' }],
    mostChoices: 2,
    disclosed: true,
  });
  const stable = message(
    {
      'm.poll': {
        kind: 'm.undisclosed',
        question: { 'm.text': [{ body: 'Tea?' }] },
        answers: [{ 'm.id': 'y', 'm.text': [{ body: 'Yes' }] }],
      },
    },
    'm.poll.start',
  );
  assert.deepEqual(stable.poll, {
    question: 'Tea?',
    answers: [{ id: 'y', text: 'Yes' }],
    mostChoices: 1,
    disclosed: false,
  });
  assert.equal(message({ 'm.poll': {} }, 'm.poll.start').poll, undefined, 'its text is shown');
});

test('votes and ends of polls name their poll', () => {
  for (const type of ['m.poll.response', 'org.matrix.msc3381.poll.end']) {
    const related = { 'm.relates_to': { rel_type: 'm.reference', event_id: '$poll' } };
    assert.deepEqual(event(type, related), { type: 'poll-change', ...place, target: '$poll' });
    assert.deepEqual(event(type, {}), { type: 'ignored', reason: 'vote without a poll' });
  }
});

test('an address that is no place on earth is never made a link', () => {
  for (const geo_uri of [
    'geo:91,0',
    'geo:0,181',
    'geo:1',
    'geo:1,2;crs=nad27',
    'geo:1,2 javascript:alert(1)',
    'geo:1e1,2',
    'https://example.org',
    7,
  ])
    assert.equal(message({ msgtype: 'm.location', body: 'Somewhere', geo_uri }).plain, 'Somewhere');
});

test('threads and replies are told apart from what clients add for clients without threads', () => {
  const inReply = { 'm.in_reply_to': { event_id: '$r' } };
  const thread = { rel_type: 'm.thread', event_id: '$t' };
  for (const [relation, expected] of [
    [inReply, { replyTo: '$r' }],
    [thread, { thread: '$t' }],
    [{ ...thread, ...inReply, is_falling_back: true }, { thread: '$t' }],
    [
      { ...thread, ...inReply, is_falling_back: false },
      { thread: '$t', replyTo: '$r' },
    ],
    [
      { ...thread, ...inReply },
      { thread: '$t', replyTo: '$r' },
    ],
    [{ 'm.in_reply_to': { event_id: 'no id' } }, {}],
    [{ rel_type: 'm.thread', event_id: 7 }, {}],
    [{ rel_type: 'org.example.other', event_id: '$x' }, {}],
  ] as const) {
    assert.deepEqual(message({ 'm.relates_to': relation }).relation, expected);
  }
});

test('the quote that old clients put before a reply is taken off, a quote of the writer stays', () => {
  const relation = { 'm.relates_to': { 'm.in_reply_to': { event_id: '$r' } } };
  const body = '> <@bob:example.org> one\n> two\n\nyes';
  const plain = (content: Record<string, unknown>): string => message(content).plain;
  assert.equal(plain({ body, ...relation }), 'yes');
  assert.equal(plain({ body: '> * <@bob:example.org> waves\n\nyes', ...relation }), 'yes');
  assert.match(plain({ body }), /one/, 'no reply, no fallback');
  assert.match(plain({ body: '> as you said\n\nyes', ...relation }), /as you said/);
  const formatted = '<mx-reply><blockquote>one</blockquote></mx-reply>yes';
  assert.equal(
    plain({ body, format: 'org.matrix.custom.html', formatted_body: formatted, ...relation }),
    'yes',
  );
});

test('an edit carries the new content, without the star for old clients', () => {
  const relates = { 'm.relates_to': { rel_type: 'm.replace', event_id: '$old' } };
  const made = event('m.room.message', {
    msgtype: 'm.text',
    body: '* new',
    'm.new_content': { msgtype: 'm.emote', body: 'new', 'm.mentions': { room: true } },
    ...relates,
  });
  assert.ok(made.type === 'edit');
  assert.equal(made.target, '$old');
  assert.equal(made.message.plain, 'new');
  assert.equal(made.message.kind, 'emote');
  assert.equal(made.message.mentionsRoom, true);
  const bare = event('m.room.message', { msgtype: 'm.text', body: '* new', ...relates });
  assert.ok(bare.type === 'edit');
  assert.equal(bare.message.plain, 'new');
});

test('a call to everybody is what m.mentions says, not what the text says', () => {
  assert.equal(message({ body: '@room', 'm.mentions': { room: true } }).mentionsRoom, true);
  for (const mentions of [undefined, {}, { room: 'true' }, null, []]) {
    assert.equal(message({ body: '@room', 'm.mentions': mentions }).mentionsRoom, false);
  }
});

test('reactions and redactions name their targets, redactions at either place', () => {
  const relation = { rel_type: 'm.annotation', event_id: '$m', key: '👍' };
  assert.deepEqual(event('m.reaction', { 'm.relates_to': relation }), {
    type: 'reaction',
    ...place,
    target: '$m',
    key: '👍',
  });
  const target = { type: 'redaction', ...place, target: '$m' };
  assert.deepEqual(event('m.room.redaction', { redacts: '$m' }), target);
  assert.deepEqual(event('m.room.redaction', {}, { redacts: '$m' }), target);
});

test('members and other state come with who and what', () => {
  const member = { membership: 'invite', is_direct: true };
  assert.deepEqual(event('m.room.member', member, { state_key: '@bob:example.org' }), {
    type: 'member',
    ...place,
    user: '@bob:example.org',
    membership: 'invite',
    direct: true,
  });
  assert.deepEqual(event('m.room.name', { name: 'Hall' }, { state_key: '' }), {
    type: 'state',
    ...place,
    kind: 'm.room.name',
    stateKey: '',
    content: { name: 'Hall' },
  });
});

test('how old the homeserver says it is comes along', () => {
  const made = event('m.room.message', { msgtype: 'm.text', body: 'x' }, { unsigned: { age: 1234 } });
  assert.ok(made.type === 'message');
  assert.equal(made.age, 1234);
});

test('what has nothing to show is ignored, each with its reason', () => {
  const redacted = { unsigned: { redacted_because: { type: 'm.room.redaction' } } };
  for (const [made, reason] of [
    [event('m.room.message', {}, redacted), 'redacted'],
    [event('m.room.message', { msgtype: 'm.text' }), 'message without a text'],
    [event('m.room.message', { msgtype: 'm.key.verification.request', body: 'x' }), 'message without a text'],
    [event('m.reaction', {}), 'reaction without a target or key'],
    [event('m.room.redaction', {}), 'redaction without a target'],
    [event('m.call.invite', { offer: {} }), 'unknown:m.call.invite'],
    [event('m.room.member', { membership: 'else' }, { state_key: '@b:x' }), 'unknown membership'],
  ] as const) {
    assert.deepEqual(made, { type: 'ignored', reason });
  }
});

test('kinds of events that are not known yet show the text that they carry for that', () => {
  const poll = event('org.matrix.msc3381.poll.start', { 'org.matrix.msc1767.text': 'Lunch? 1. yes 2. no' });
  assert.ok(poll.type === 'message');
  assert.equal(poll.plain, 'Lunch? 1. yes 2. no');
  const stable = event('m.poll.start', { 'm.text': [{ body: 'Lunch?' }] });
  assert.ok(stable.type === 'message');
  assert.equal(plainText(stable.text), 'Lunch?');
});

test('what is no event is an error that names what is wrong', () => {
  for (const more of [
    { event_id: undefined },
    { event_id: 'e' },
    { room_id: 7 },
    { sender: 'ann' },
    { type: undefined },
  ]) {
    assert.throws(() => event('m.room.message', { body: 'x' }, more), InvalidId);
  }
  assert.throws(() => matrixEvent(Buffer.from('[]')), InvalidId);
  assert.throws(() => matrixEvent(Buffer.from('{')), SyntaxError);
});

test('no content that anybody may write makes a good event an error, but for its target ids', () => {
  const types = fc.constantFrom('m.room.message', 'm.sticker', 'm.room.encrypted', 'x.y');
  const keys = fc.constantFrom(
    'msgtype',
    'body',
    'm.relates_to',
    'm.new_content',
    'info',
    'url',
    'm.mentions',
  );
  const values = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('m.text', 'm.image', { rel_type: 'm.replace', event_id: '$x' }),
  );
  fc.assert(
    fc.property(types, fc.dictionary(keys, values), (type, content) => {
      assert.ok(event(type, content).type.length > 0);
    }),
  );
});
