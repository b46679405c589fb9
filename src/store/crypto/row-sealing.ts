import { createHmac, hkdfSync } from 'node:crypto';
import v8 from 'node:v8';
import { z } from 'zod';
import type { DatabaseRow } from '../../matrix/crypto/ports.ts';
import { createSealing } from '../sealing.ts';

/** A row as it is stored: it tells which store it is of, and nothing else. */
export interface SealedRow {
  readonly store: string;
  readonly key: Buffer;
  readonly value: Buffer;
}

/**
 * The crypto module enciphers what it keeps, but not whose devices it looks at, and a row that was put in another's place
 * would pass: so keys are replaced by names that only the key's owner can make, and each row is sealed to its place.
 */
export interface RowSealing {
  /** The same for the same key, in each database another one. */
  keyName(database: string, store: string, key: string): Buffer;
  seal(database: string, row: DatabaseRow): SealedRow;
  /** Throws `BrokenSeal`. */
  open(database: string, row: SealedRow): DatabaseRow;
}

const content = z.tuple([z.string(), z.instanceof(Uint8Array)]);

/** The stored form is a promise. */
export function createRowSealing(storeKey: Buffer): RowSealing {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', storeKey, '', `matrix-slack-bridge crypto rows: ${purpose}`, 32));
  const names = derive('names');
  const sealing = createSealing(derive('values'));
  const keyName = (database: string, store: string, key: string): Buffer =>
    createHmac('sha256', names)
      .update(JSON.stringify([database, store, key]))
      .digest()
      .subarray(0, 16);
  const place = (database: string, store: string, name: Buffer): string =>
    JSON.stringify(['crypto', database, store, name.toString('hex')]);
  return {
    keyName,
    seal(database, { store, key, value }) {
      const name = keyName(database, store, key);
      return {
        store,
        key: name,
        value: sealing.seal(v8.serialize([key, value]), place(database, store, name)),
      };
    },
    open(database, { store, key: name, value: sealed }) {
      const plain = sealing.open(sealed, place(database, store, name));
      const [key, value] = content.parse(v8.deserialize(plain));
      return { store, key, value: Buffer.from(value) };
    },
  };
}
