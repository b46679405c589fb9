import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorId } from '../../src/ids.ts';
import { createEchoMarks, markKey } from '../../src/matrix/echo-mark.ts';
import { transactionKey } from '../../src/matrix/transaction-id.ts';

const marks = createEchoMarks('the bridge');
const author = authorId('U1ANN');
const deed = { sender: '@ann:hs', room: '!r', transaction: 'txn', bound: 1_700_000_000_123, author };

function message(changes: object = {}, mark = marks.mark(deed)) {
  const content = { body: 'hello', [transactionKey]: 'txn', [markKey]: mark };
  const event = { type: 'm.room.message', event_id: '$1', room_id: '!r', sender: '@ann:hs' };
  return { ...event, origin_server_ts: 1_700_000_000_123, content, ...changes };
}

test('what we sent as a person is known again, and for whom of Slack', () => {
  assert.equal(marks.authorOf(message()), 'U1ANN');
});

test('a copy of a mark counts for nobody else, nowhere else, and not for the same person at another time', () => {
  for (const changes of [
    { sender: '@eve:hs' },
    { room_id: '!other' },
    { origin_server_ts: 1_700_000_000_124 },
    { origin_server_ts: undefined },
    { content: { [markKey]: marks.mark(deed) } },
    { content: { [transactionKey]: 'another', [markKey]: marks.mark(deed) } },
  ])
    assert.equal(marks.authorOf(message(changes)), undefined, JSON.stringify(changes));
});

test('another bridge’s mark, a changed one and what is none count for nothing', () => {
  const mark = marks.mark(deed);
  for (const other of [
    createEchoMarks('another bridge').mark(deed),
    mark.replace('U1ANN', 'U2EVE'),
    mark.slice(0, -2),
    `${mark}.x`,
    'U1ANN.',
    'U1ANN',
    '',
    'nobody.here',
  ])
    assert.equal(marks.authorOf(message({}, other)), undefined, other);
  for (const content of [undefined, 7, { [markKey]: 7 }, {}])
    assert.equal(marks.authorOf(message({ content })), undefined);
});

test('the mark of a redaction is bound to what it redacts, wherever the room version says that', () => {
  const mark = marks.mark({ ...deed, bound: '$target' });
  const content = { [transactionKey]: 'txn', [markKey]: mark };
  const redaction = (more: object) => message({ type: 'm.room.redaction', ...more });
  assert.equal(marks.authorOf(redaction({ content: { ...content, redacts: '$target' } })), 'U1ANN');
  assert.equal(marks.authorOf(redaction({ content, redacts: '$target' })), 'U1ANN');
  assert.equal(marks.authorOf(redaction({ content, redacts: '$another' })), undefined);
  assert.equal(marks.authorOf(redaction({ content })), undefined);
});
