import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageIndex } from '../../../src/matrix/crypto/message-index.ts';

/** As a ciphertext begins: version, tag and number. */
const ciphertext = (...bytes: readonly number[]): string =>
  Buffer.from([3, 8, ...bytes, 18, 160, 1, 92, 178, 122])
    .toString('base64')
    .replaceAll('=', '');

test('a message’s number is read from its ciphertext', () => {
  assert.equal(messageIndex(ciphertext(0)), 0);
  assert.equal(messageIndex(ciphertext(99)), 99);
  assert.equal(messageIndex(ciphertext(0b1010_1100, 2)), 300);
});

test('what has none counts as used up', () => {
  for (const none of [undefined, '', 'AwoA', ciphertext(255, 255, 255, 255, 255)])
    assert.equal(messageIndex(none), Infinity, String(none));
});
