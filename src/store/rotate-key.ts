import type pg from 'pg';
import { z } from 'zod';
import { CannotStart } from '../errors.ts';
import type { DatabaseConnection } from './db.ts';
import { codeOf, firstClient } from './db.ts';
import { loadIdentity, oldKeyName } from './identity.ts';
import { payloadPlace } from './inbox.ts';
import type { KeySource } from './key.ts';
import { makeNextKey, takeNextKey } from './key.ts';
import { withStartLock } from './migrate.ts';
import { BrokenSeal, createSealing } from './sealing.ts';
import type { Sealing } from './sealing.ts';
import { secretPlace } from './secrets.ts';

export interface RotatedKey {
  /** How many things were sealed anew. */
  readonly sealed: number;
  /** How many could not be opened with the old key either: they stay as they are. */
  readonly broken: number;
  readonly oldFingerprint: string;
  readonly newFingerprint: string;
  /** Where the old key is kept. */
  readonly oldKeyFile: string;
}

/**
 * Seals everything that is sealed with a new key, in one transaction, while no bridge uses the database. The new key is
 * written beside the old one before, and takes its place after that; interrupted at any moment, either nothing has
 * changed, or the next start ends what was begun.
 *
 * @param between is called when all is committed, before the key's file takes its place.
 * @throws CannotStart when a bridge runs, or the key isn't in a file of its own.
 */
export async function rotateKey(
  connection: DatabaseConnection,
  source: KeySource,
  between: () => void = () => undefined,
): Promise<RotatedKey> {
  if (source.value !== undefined)
    throw new CannotStart(
      `The key comes from the environment (MATRIX_SLACK_BRIDGE_SECRETS_KEY), where it can't be changed from here. Write it to ${source.file}, unset the variable, and say rotate-key again.`,
    );
  const { sealing: old } = await loadIdentity(connection, source);
  const client = await firstClient(connection);
  try {
    return await withStartLock(client, async () => {
      await refuseWhileUsed(client);
      const next = createSealing(await makeNextKey(source.file));
      const counts = await inOneTransaction(client, () => sealAnew(client, old, next));
      between();
      const isRight = (key: Buffer): boolean => createSealing(key).fingerprint === next.fingerprint;
      const oldKeyFile = (await takeNextKey(source.file, oldKeyName(old), isRight)) ?? source.file;
      return {
        ...counts,
        oldKeyFile,
        oldFingerprint: old.fingerprint,
        newFingerprint: next.fingerprint,
      };
    });
  } finally {
    await client.end();
  }
}

/** A bridge has read its key at the start, and would go on with the old one. */
async function refuseWhileUsed(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select from pg_stat_activity
    where datname = current_database() and application_name like 'matrix-slack-bridge %' and pid <> pg_backend_pid()`);
  if (rows.length > 0)
    throw new CannotStart(
      'A bridge uses this database. Stop it (all of its processes, if there are several), and say rotate-key again.',
    );
}

async function inOneTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Everything that the store seals: what, and by which name its place is known to the seal. */
const sealedThings = [
  {
    select: `select seq::text as id, delivery::text as place, payload as sealed from inbox
      where seq > $1::bigint and length(payload) > 0 order by seq limit $2`,
    first: '0',
    placeOf: payloadPlace,
    update: `update inbox set payload = next.sealed from unnest($1::bigint[], $2::bytea[]) as next(id, sealed)
      where inbox.seq = next.id`,
  },
  {
    select: `select id, id as place, sealed from secret where id > $1 order by id limit $2`,
    first: '',
    placeOf: secretPlace,
    update: `update secret set sealed = next.sealed from unnest($1::text[], $2::bytea[]) as next(id, sealed)
      where secret.id = next.id`,
  },
] as const;

const rowsOf = z.array(z.object({ id: z.string(), place: z.string(), sealed: z.instanceof(Buffer) }));

/** So many rows at a time: a payload can have megabytes. */
const batch = 100;

async function sealAnew(client: pg.Client, old: Sealing, next: Sealing) {
  await lockTables(client);
  let sealed = 0;
  let broken = 0;
  for (const { select, first, placeOf, update } of sealedThings) {
    for (let after: string = first; ;) {
      const rows = rowsOf.parse((await client.query(select, [after, batch])).rows);
      const anew = rows.flatMap(({ id, place, sealed: before }) => {
        const plain = opened(old, before, placeOf(place));
        return plain === undefined ? [] : [{ id, sealed: next.seal(plain, placeOf(place)) }];
      });
      await client.query(update, [anew.map(({ id }) => id), anew.map((row) => row.sealed)]);
      sealed += anew.length;
      broken += rows.length - anew.length;
      const last = rows.at(-1);
      if (!last || rows.length < batch) break;
      after = last.id;
    }
  }
  await client.query('delete from crypto_request'); // whoever asked is gone
  await client.query('update bridge set key_fingerprint = $1', [next.fingerprint]);
  return { sealed, broken };
}

async function lockTables(client: pg.Client): Promise<void> {
  await client.query(`set local lock_timeout = '15s'`);
  try {
    await client.query('lock table inbox, secret in access exclusive mode');
  } catch (error) {
    if (codeOf(error) !== '55P03') throw error;
    throw new CannotStart(
      'Another program holds the bridge’s tables (a backup?). Wait until it is done, and say rotate-key again.',
      { cause: error },
    );
  }
}

function opened(sealing: Sealing, sealed: Buffer, place: string): Buffer | undefined {
  try {
    return sealing.open(sealed, place);
  } catch (error) {
    if (error instanceof BrokenSeal) return undefined;
    throw error;
  }
}
