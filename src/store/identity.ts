import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import { CannotStart } from '../errors.ts';
import type { DatabaseConnection } from './db.ts';
import { firstClient } from './db.ts';
import { loadKey, takeNextKey } from './key.ts';
import type { KeySource } from './key.ts';
import { withStartLock } from './migrate.ts';
import { createSealing } from './sealing.ts';
import type { Sealing } from './sealing.ts';

export interface Identity {
  /** Random, made with the database, 64 hexadecimal characters: operation keys and transaction ids derive from it. */
  readonly bridgeId: string;
  readonly sealing: Sealing;
}

const stored = z.tuple([z.object({ id: z.string(), key_fingerprint: z.string().nullable() })]);

/**
 * Who this bridge is, and its key. Both are made on the first start; later ones have to come with the same key.
 *
 * @throws CannotStart when the key is missing or another one.
 */
export async function loadIdentity(connection: DatabaseConnection, key: KeySource): Promise<Identity> {
  const client = await firstClient(connection);
  try {
    return await withStartLock(client, () => readIdentity(client, key));
  } finally {
    await client.end();
  }
}

/** With the key that there is; where a rotation was interrupted at its end, that is done first. */
async function sealingFor(source: KeySource, fingerprint: string | null): Promise<Sealing> {
  const sealing = createSealing(await loadKey(source, fingerprint !== null));
  if (fingerprint === null || sealing.fingerprint === fingerprint || source.value !== undefined)
    return sealing;
  const isRight = (key: Buffer): boolean => createSealing(key).fingerprint === fingerprint;
  const taken = await takeNextKey(source.file, oldKeyName(sealing), isRight);
  return taken === undefined ? sealing : createSealing(await loadKey(source, true));
}

/** What is added to the name of a key file that isn't used any more. */
export function oldKeyName({ fingerprint }: Sealing): string {
  return `before-${fingerprint}`;
}

async function readIdentity(client: pg.Client, source: KeySource): Promise<Identity> {
  await client.query('insert into bridge (id) values ($1) on conflict do nothing', [
    randomBytes(32).toString('hex'),
  ]);
  const [bridge] = stored.parse((await client.query('select id, key_fingerprint from bridge')).rows);
  const sealing = await sealingFor(source, bridge.key_fingerprint);
  if (bridge.key_fingerprint === null) {
    await client.query('update bridge set key_fingerprint = $1', [sealing.fingerprint]);
  } else if (bridge.key_fingerprint !== sealing.fingerprint) {
    const where = source.value === undefined ? `in ${source.file}` : 'in the environment';
    throw new CannotStart(
      `The key ${where} (${sealing.fingerprint}) is not the one that this database was sealed with (${bridge.key_fingerprint}). Put the right key back.`,
    );
  }
  return { bridgeId: bridge.id, sealing };
}
