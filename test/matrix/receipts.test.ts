import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReceipts } from '../../src/matrix/receipts.ts';
import { readTransaction } from '../../src/matrix/transaction.ts';

const receipt = (content: unknown) => ({ type: 'm.receipt', room_id: '!r', content });
const read = { room: '!r', user: '@ann:hs', event: '$1', at: 5 };

test('public receipts are read under both names of the field, private ones and typing are not', () => {
  const told = [
    receipt({
      $1: { 'm.read': { '@ann:hs': { ts: 5 } }, 'm.read.private': { '@bob:hs': { ts: 6 } } },
      $2: { 'm.read': { '@bob:hs': { ts: 7, thread_id: 'main' }, '@cid:hs': { ts: 8, thread_id: '$root' } } },
    }),
    { type: 'm.typing', room_id: '!r', content: { user_ids: ['@ann:hs'] } },
  ];
  for (const key of ['ephemeral', 'de.sorunome.msc2409.ephemeral']) {
    const { receipts, deliveries } = readTransaction(
      Buffer.from(JSON.stringify({ events: [], [key]: told })),
      () => false,
    );
    assert.deepEqual(deliveries, []);
    assert.deepEqual(receipts, [
      read,
      { room: '!r', user: '@bob:hs', event: '$2', at: 7 },
      { room: '!r', user: '@cid:hs', event: '$2', at: 8, thread: '$root' },
    ]);
  }
});

test('what is no receipt is left out, and the others stay', () => {
  const good = { 'm.read': { '@ann:hs': { ts: 5 } } };
  for (const bad of [
    receipt(7),
    receipt({ $1: 7 }),
    receipt({ $1: { 'm.read': 7 } }),
    receipt({ $1: { 'm.read': { '@ann:hs': 7 } } }),
    receipt({ 'no event': good }),
    receipt({ $1: { 'm.read': { nobody: {} } } }),
    { ...receipt({ $1: good }), room_id: 7 },
    7,
    null,
  ])
    assert.deepEqual(readReceipts({ ephemeral: [bad, receipt({ $1: good })] }), [read]);
  assert.deepEqual(readReceipts({ ephemeral: 7 }), []);
});
