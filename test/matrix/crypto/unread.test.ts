import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomId } from '../../../src/ids.ts';
import { createUnread } from '../../../src/matrix/crypto/unread.ts';

const room = roomId('!cellar:example.org');

test('what waits for one key counts once until the key is there, and again when it is missed anew', () => {
  const unread = createUnread();
  for (let tries = 0; tries < 3; tries += 1) unread.failed(room, 'key-missing', 'key:!cellar:one');
  unread.failed(room, 'key-missing', 'key:!cellar:two');
  unread.failed(room, 'damaged');
  assert.deepEqual(unread.counts(), [
    { room, reason: 'key-missing', count: 2 },
    { room, reason: 'damaged', count: 1 },
  ]);
  assert.equal(unread.missingKeys(), 2);
  unread.read('key:!cellar:one');
  assert.equal(unread.missingKeys(), 1);
});

test('a key that hasn’t come for an hour isn’t waited for any more', () => {
  let now = 0;
  const unread = createUnread(() => now);
  unread.failed(room, 'key-missing', 'key:!cellar:one');
  now = 61 * 60_000;
  assert.equal(unread.missingKeys(), 0);
  unread.failed(room, 'key-missing', 'key:!cellar:one');
  assert.equal(unread.missingKeys(), 1);
});
