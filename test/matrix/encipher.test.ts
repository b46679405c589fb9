import assert from 'node:assert/strict';
import { randomBytes, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { mxcUri } from '../../src/ids.ts';
import { decipher } from '../../src/matrix/decipher.ts';
import { encipher, encryptedFile } from '../../src/matrix/encipher.ts';
import { filesOf } from '../../src/matrix/inbound-file.ts';
import { inChunks, whole } from '../support/enciphered.ts';

const keys = () => ({ key: randomBytes(32), nonce: randomBytes(8) });

test('what is enciphered is read by a browser, as long as it was, however it is cut', async () => {
  const { subtle } = webcrypto;
  for (const [length, size] of [
    [0, 1],
    [1, 1],
    [17, 7],
    [100_000, 1000],
  ] as const) {
    const plain = randomBytes(length);
    const { bytes, cipher } = encipher(inChunks(plain, size), keys());
    const sent = await whole(bytes);
    const { key, iv, sha256 } = cipher();
    assert.equal(sent.length, plain.length);
    const jwk = { kty: 'oct', alg: 'A256CTR', k: key, ext: true };
    const imported = await subtle.importKey('jwk', jwk, { name: 'AES-CTR' }, false, ['decrypt']);
    const counter = Buffer.from(iv, 'base64');
    const read = await subtle.decrypt({ name: 'AES-CTR', counter, length: 64 }, imported, sent);
    assert.deepEqual(Buffer.from(read), plain);
    assert.deepEqual(
      Buffer.from(await subtle.digest('SHA-256', sent)),
      Buffer.from(sha256, 'base64'),
      'the checksum is that of what was sent',
    );
  }
});

test('what is enciphered is deciphered here', async () => {
  const plain = randomBytes(5000);
  const { bytes, cipher } = encipher(inChunks(plain, 999), keys());
  const sent = await whole(bytes);
  assert.notDeepEqual(sent, plain);
  assert.deepEqual(await whole(decipher(inChunks(sent, 100), cipher())), plain);
});

test('the checksum of a file is known only at its end', async () => {
  const { bytes, cipher } = encipher(inChunks(Buffer.from('abcdef'), 3), keys());
  await bytes.next();
  assert.throws(cipher, /only when all of it was read/);
});

test('the file of an event is read as it was written', async () => {
  const { bytes, cipher } = encipher(inChunks(Buffer.from('words'), 3), keys());
  await whole(bytes);
  const url = mxcUri('mxc://example.org/abc');
  const content = { msgtype: 'm.file', body: 'a.txt', file: encryptedFile(url, cipher()) };
  const [file] = filesOf('m.room.message', content);
  assert.equal(file?.url, url);
  assert.deepEqual(file.cipher, cipher());
});
