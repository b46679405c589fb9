import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CannotBridge, WaitForKey } from '../../src/errors.ts';
import { eventId, roomId } from '../../src/ids.ts';
import type { HomeserverClient } from '../../src/matrix/call.ts';
import { KeyMissing } from '../../src/matrix/crypto/key-missing.ts';
import { neutralEvent } from '../../src/matrix/inbound.ts';
import type { JsonObject } from '../../src/matrix/json.ts';
import { createOpenEvent } from '../../src/matrix/open-event.ts';
import { createShownMessages } from '../../src/matrix/shown-messages.ts';
import { readEvents } from '../../src/matrix/transaction.ts';

const room = roomId('!room:hs');

function sealed(id: string, inside: JsonObject, relation?: JsonObject): JsonObject {
  const content = { ciphertext: inside, ...(relation && { 'm.relates_to': relation }) };
  return { type: 'm.room.encrypted', event_id: id, room_id: room, sender: '@ann:hs', content };
}

function says(body: string): JsonObject {
  return { type: 'm.room.message', content: { msgtype: 'm.text', body } };
}

const open = createOpenEvent({
  async decrypt(raw) {
    const { ciphertext, 'm.relates_to': relation } = raw['content'] as JsonObject;
    const { type, content, missing } = ciphertext as JsonObject;
    if (missing === true) throw new KeyMissing('key:!room:hs:s1', 'm.unverified');
    if (missing !== undefined) throw new CannotBridge('undecryptable', 'broken');
    return { ...raw, type, content: { ...(content as object), 'm.relates_to': relation } };
  },
});

describe('an encrypted event', () => {
  it('is one of its own kind, with the relation that stands outside', () => {
    const thread = { rel_type: 'm.thread', event_id: '$root' };
    const event = neutralEvent(sealed('$1', {}, thread));
    assert.ok(event.type === 'encrypted');
    assert.deepEqual(event.relation, { thread: '$root' });
    const edit = neutralEvent(sealed('$1', {}, { rel_type: 'm.replace', event_id: '$0' }));
    assert.equal(edit.type === 'encrypted' && edit.target, '$0');
  });

  it('is stored as it came, votes in their own lane', () => {
    const vote = sealed('$2', {}, { rel_type: 'm.reference', event_id: '$poll' });
    const { deliveries } = readEvents([sealed('$1', says('hello')), vote], () => false);
    assert.deepEqual(
      deliveries.map(({ votes, payload }) => [
        votes ?? false,
        (JSON.parse(payload.toString()) as JsonObject)['type'],
      ]),
      [
        [false, 'm.room.encrypted'],
        [true, 'm.room.encrypted'],
      ],
    );
  });

  it('is read when its key is there, waited for when not, and given up when it is broken', async () => {
    const read = await open.neutral(sealed('$1', says('hello')));
    assert.equal(read.type === 'message' && read.plain, 'hello');
    const waits = (error: unknown) =>
      error instanceof WaitForKey && error.key === 'key:!room:hs:s1' && error.withheld === 'm.unverified';
    await assert.rejects(open.neutral(sealed('$1', { missing: true })), waits);
    await assert.rejects(open.neutral(sealed('$1', { missing: 'broken' })), CannotBridge);
    assert.equal(await open.readable(sealed('$1', { missing: true })), undefined);
  });

  it('that was removed has nothing to be read', async () => {
    const removed = { ...sealed('$1', { missing: true }), unsigned: { redacted_because: {} } };
    assert.deepEqual(await open.neutral(removed), { type: 'ignored', reason: 'redacted' });
  });
});

describe('a message as it is shown', () => {
  const start = {
    type: 'm.poll.start',
    content: {
      'm.poll': {
        question: { 'm.text': [{ body: 'Lunch?' }] },
        answers: [{ 'm.id': 'a', 'm.text': [{ body: 'Soup' }] }],
      },
    },
  };
  const vote = (id: string, inside: JsonObject) =>
    sealed(id, inside, { rel_type: 'm.reference', event_id: '$poll' });
  const votes = [
    vote('$v1', { type: 'm.poll.response', content: { 'm.selections': ['a'] } }),
    vote('$v2', { missing: true }),
  ];
  const events = new Map<string, JsonObject>([
    ['$plain', { ...sealed('$plain', {}), ...says('in clear') }],
    ['$sealed', sealed('$sealed', says('hello'))],
    ['$unread', sealed('$unread', { missing: true })],
    ['$poll', sealed('$poll', start)],
    [
      '$edited',
      {
        ...sealed('$edited', says('before')),
        unsigned: {
          'm.relations': {
            'm.replace': sealed(
              '$edit',
              {
                type: 'm.room.message',
                content: { body: '* after', 'm.new_content': says('after')['content'] },
              },
              { rel_type: 'm.replace', event_id: '$edited' },
            ),
          },
        },
      },
    ],
  ]);
  const client = { call: async () => ({ chunk: votes }) } as unknown as HomeserverClient; // relations alone
  const shown = createShownMessages({
    client,
    asBot: async () => ({ user: '@slackbot:hs' as never }),
    shownRoom: { event: async (_room, event) => events.get(event) },
    open,
  });
  const text = async (id: string) => (await shown.message(room, eventId(id)))?.plain;

  it('is read through encryption, with its last edit', async () => {
    assert.equal(await text('$plain'), 'in clear');
    assert.equal(await text('$sealed'), 'hello');
    assert.equal(await text('$edited'), 'after');
    assert.equal(await text('$unread'), undefined);
  });

  it('is a poll with the votes that can be read', async () => {
    const poll = await shown.poll(room, eventId('$poll'));
    assert.deepEqual(
      poll?.changes.map(({ event, choices }) => [event, choices]),
      [['$v1', ['a']]],
    );
  });
});
