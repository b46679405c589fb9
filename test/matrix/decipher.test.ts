import assert from 'node:assert/strict';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { decipher } from '../../src/matrix/decipher.ts';
import { enciphered, inChunks, unpadded, whole } from '../support/enciphered.ts';

test('what a browser enciphered is deciphered, however it is cut', async () => {
  for (const length of [0, 1, 15, 16, 17, 100_000]) {
    const plain = randomBytes(length);
    const { bytes, cipher } = await enciphered(plain);
    for (const size of [1000, 7, 200_000])
      if (length < 1000 || size > 7)
        assert.deepEqual(await whole(decipher(inChunks(bytes, size), cipher)), plain);
  }
});

test('a known file of the world is deciphered', async () => {
  // NIST SP 800-38A, F.5.5: CTR-AES256
  const key = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4';
  const iv = 'f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';
  const bytes = Buffer.from(
    '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6',
    'hex',
  );
  const cipher = {
    key: Buffer.from(key, 'hex').toString('base64url'),
    iv: unpadded(Buffer.from(iv, 'hex')),
    sha256: unpadded(createHash('sha256').update(bytes).digest()),
  };
  assert.equal(
    (await whole(decipher(inChunks(bytes, 16), cipher))).toString('hex'),
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  );
});

test('of bytes that were changed nobody gets the last, and the end is an error', async () => {
  const { bytes, cipher } = await enciphered(randomBytes(5000));
  for (const changed of [Buffer.concat([bytes, Buffer.from('x')]), bytes.subarray(0, -1), flipped(bytes)]) {
    let seen = 0;
    await assert.rejects(
      async () => {
        for await (const chunk of decipher(inChunks(changed, 1000), cipher)) seen += chunk.length;
      },
      (error) => error instanceof CannotBridge && error.reason === 'file-changed',
    );
    assert.ok(seen < changed.length);
  }
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[100] = (copy[100] ?? 0) ^ 1;
  return copy;
}

test('the counter goes on beyond its end', async () => {
  const key = randomBytes(32);
  const iv = Buffer.alloc(16, 255);
  const plain = randomBytes(64);
  const bytes = createCipheriv('aes-256-ctr', key, iv).update(plain);
  const sha256 = unpadded(createHash('sha256').update(bytes).digest());
  const cipher = { key: key.toString('base64url'), iv: unpadded(iv), sha256 };
  assert.deepEqual(await whole(decipher(inChunks(bytes, 10), cipher)), plain);
});
