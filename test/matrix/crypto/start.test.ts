import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotStart, TryLater } from '../../../src/errors.ts';
import { createRoomCrypto } from '../../../src/matrix/crypto/room-crypto.ts';
import type { RoomCryptoOptions } from '../../../src/matrix/crypto/room-crypto.ts';
import { recordingLog } from '../support.ts';

/** Tells whether it tried to lead. */
async function startWith(error: Error): Promise<boolean> {
  let tried = false;
  const options = {
    cryptoState: { storeKey: () => Promise.reject(error) },
    leadership: {
      onGained: () => undefined,
      onLost: () => undefined,
      start: async () => void (tried = true),
    },
    news: { onNews: () => undefined, onMissed: () => undefined },
    log: recordingLog(),
  } as unknown as RoomCryptoOptions; // a start needs nothing else
  await createRoomCrypto(options).start();
  return tried;
}

test('encryption whose key is lost doesn’t start; a database that is away is waited for', async () => {
  const lost = new CannotStart('The key of the bridge’s encryption is missing.');
  await assert.rejects(startWith(lost), lost);
  assert.equal(await startWith(new TryLater('the database is out of reach')), true);
});
