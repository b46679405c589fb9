import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../../src/errors.ts';
import { matrixUserId, roomId } from '../../../src/ids.ts';
import { answerWith, remoteCrypto } from '../../../src/matrix/crypto/handed-over.ts';
import { KeyMissing } from '../../../src/matrix/crypto/key-missing.ts';
import type { LocalCrypto } from '../../../src/matrix/crypto/local-crypto.ts';

const room = roomId('!cellar:example.org');
const ghost = matrixUserId('@slack_u1:example.org');

/** Encryption in another process: what is asked and answered goes through JSON. */
function elsewhere(local: Partial<LocalCrypto>): LocalCrypto {
  const nobody = () => Promise.reject(new Error('nobody asks for it'));
  const answer = answerWith({ encrypt: nobody, decrypt: nobody, ...local });
  return remoteCrypto({
    request: async (kind, payload) =>
      JSON.parse(JSON.stringify(await answer(kind, payload))) as object as never,
  });
}

test('what is to be encrypted or read is what the other process does it with', async () => {
  const other = elsewhere({
    encrypt: async (...asked) => ({ asked }),
    decrypt: async (event) => ({ event }),
  });
  const content = { body: 'hello' };
  assert.deepEqual(await other.encrypt(ghost, room, 'm.room.message', content), {
    asked: [ghost, room, 'm.room.message', content],
  });
  assert.deepEqual(await other.decrypt({ event_id: '$1' }), { event: { event_id: '$1' } });
});

test('what fails there fails here in the same way', async () => {
  const failures = [
    new TryLater('no', { after: 5, target: `room:${room}` }),
    new TryLater('no'),
    new KeyMissing('key:!r:s', 'm.no_olm'),
    new CannotBridge('undecryptable', 'it is damaged'),
  ];
  for (const failure of failures) {
    const other = elsewhere({ decrypt: () => Promise.reject(failure) });
    await assert.rejects(other.decrypt({}), (thrown) => {
      assert.deepEqual(Object.entries(thrown as Error), Object.entries(failure));
      assert.equal((thrown as Error).message, failure.message);
      return thrown instanceof failure.constructor;
    });
  }
});

test('a bug there is no answer', async () => {
  const other = elsewhere({ decrypt: () => Promise.reject(new RangeError('a bug')) });
  await assert.rejects(other.decrypt({}), RangeError);
});
