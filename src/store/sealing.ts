import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync } from 'node:crypto';

/** Encrypts what people wrote, and tokens, before they reach the database. */
export interface Sealing {
  /** Names the key without telling it: 16 hexadecimal characters. */
  readonly fingerprint: string;
  /** `row` names the place in the database: what is copied into another row can't be opened there. */
  seal(plain: Buffer, row: string): Buffer;
  /** Throws `BrokenSeal` for other data, another row or another key. */
  open(sealed: Buffer, row: string): Buffer;
}

export class BrokenSeal extends Error {
  constructor(row: string, options: { readonly cause?: unknown } = {}) {
    super(`the sealed data of ${row} can't be opened: it was changed, or sealed with another key`, options);
    this.name = 'BrokenSeal';
  }
}

/** The stored form's first byte; another form gets another number. */
const form = 1;
const nonceLength = 12;
const tagLength = 16;
const headLength = 1 + nonceLength + tagLength;

/** AES-256-GCM. `key` has 32 bytes. Stored form: form, nonce, tag, ciphertext. */
export function createSealing(key: Buffer): Sealing {
  if (key.length !== 32) throw new RangeError('a sealing key has 32 bytes');
  const nonces = noncePool();
  const secret = createSecretKey(key); // prepared once: it is the dearer half of a small payload

  function seal(plain: Buffer, row: string): Buffer {
    const sealed = Buffer.allocUnsafe(headLength + plain.length);
    const nonce = nonces();
    const cipher = createCipheriv('aes-256-gcm', secret, nonce);
    cipher.setAAD(Buffer.from(row));
    const body = cipher.update(plain);
    cipher.final();
    sealed[0] = form;
    nonce.copy(sealed, 1);
    cipher.getAuthTag().copy(sealed, 1 + nonceLength);
    body.copy(sealed, headLength);
    return sealed;
  }

  function open(sealed: Buffer, row: string): Buffer {
    if (sealed.length < headLength || sealed[0] !== form) throw new BrokenSeal(row);
    try {
      const nonce = sealed.subarray(1, 1 + nonceLength);
      const cipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: tagLength });
      cipher.setAAD(Buffer.from(row));
      cipher.setAuthTag(sealed.subarray(1 + nonceLength, headLength));
      const plain = cipher.update(sealed.subarray(headLength));
      cipher.final();
      return plain;
    } catch (cause) {
      throw new BrokenSeal(row, { cause });
    }
  }

  return { fingerprint: fingerprintOf(key), seal, open };
}

function fingerprintOf(key: Buffer): string {
  return createHmac('sha256', key).update('matrix-slack-bridge key fingerprint').digest('hex').slice(0, 16);
}

/** Random nonces, fetched from the system many at a time. Each is used once. */
function noncePool(): () => Buffer {
  let pool = Buffer.alloc(0);
  let used = 0;
  return () => {
    if (used === pool.length) {
      pool = randomFillSync(Buffer.allocUnsafe(nonceLength * 256));
      used = 0;
    }
    used += nonceLength;
    return pool.subarray(used - nonceLength, used);
  };
}
