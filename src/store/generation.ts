import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import type { Logger } from '../log.ts';
import { retireAll } from './crypto/retire.ts';
import type { DatabaseConnection } from './db.ts';
import { firstClient } from './db.ts';
import { withStartLock } from './migrate.ts';
import type { Reader } from './reader.ts';

/** The database is in an earlier state than this process has seen: what is in memory doesn't fit it. */
export class DatabaseWentBack extends Error {
  constructor() {
    super(
      'The database went back to an earlier state: a backup was restored. The bridge ends; started again it finds out what happened since.',
    );
    this.name = 'DatabaseWentBack';
  }
}

/** A number in the database that rises, and is noted beside the key file: so a restored backup is noticed. */
export interface Generation {
  /** Throws `DatabaseWentBack`. Before a new connection is used for anything else. */
  check(client: pg.ClientBase): Promise<void>;
  /** Raises it from now on, every 10 s. When that shows that the database went back, the process ends. */
  beat(reader: Reader): void;
  stop(): void;
}

export interface GenerationOptions {
  readonly connection: DatabaseConnection;
  readonly bridgeId: string;
  /** Where this process notes the generation. Not part of a backup of the database. */
  readonly file: string;
  readonly log: Logger;
}

const every = 10_000;
/** Row numbers that were used since the backup aren't used for anything else: they name notices. */
const jump = 1_000_000;

const row = z.tuple([z.object({ generation: z.number() })]);
const note = z.object({ bridge: z.string(), generation: z.number() });

/**
 * Compares the database with what was noted. When it is older, everything that could be taken for something else since then
 * jumps (lanes' epochs, row numbers), and all portals are marked: see `Restored`.
 *
 * @throws CannotStart
 */
export async function openGeneration(options: GenerationOptions): Promise<Generation> {
  const { connection, bridgeId, log } = options;
  const bridge = createHash('sha256').update(`generation ${bridgeId}`).digest('hex').slice(0, 32);
  const client = await firstClient(connection);
  let known = 0;
  let timer: NodeJS.Timeout | undefined;
  let warned = false;
  const raised = async (generation: number): Promise<void> => {
    known = generation;
    try {
      await writeNote(options.file, { bridge, generation });
    } catch (error) {
      const { file } = options;
      if (!warned)
        log.warn('a restored backup of the database would not be noticed: no file for it', { file, error });
      warned = true;
    }
  };
  try {
    await withStartLock(client, async () => {
      const noted = await readNote(options.file, bridge);
      await raised(await begin(client, noted, log));
    });
  } finally {
    await client.end();
  }

  async function raise(reader: Reader): Promise<void> {
    const rows = await reader.query(rise, [known]);
    if (rows.length > 0) return raised(row.parse(rows)[0].generation);
    setImmediate(() => {
      throw new DatabaseWentBack(); // nobody catches it
    });
  }

  return {
    async check(other) {
      const { rows } = await other.query('select generation::float8 as generation from bridge');
      if (row.parse(rows)[0].generation < known) throw new DatabaseWentBack();
    },
    beat(reader) {
      timer = setInterval(() => {
        raise(reader).catch((error: unknown) => log.debug('the generation didn’t rise', { error }));
      }, every).unref();
    },
    stop: () => clearInterval(timer),
  };
}

const rise = {
  name: 'rise',
  text: 'update bridge set generation = generation + 1, beat_at = now() where generation >= $1 returning generation',
};

/** The generation of this start. */
async function begin(client: pg.Client, noted: number, log: Logger): Promise<number> {
  await client.query('begin');
  const [{ generation }] = row.parse((await client.query('select generation from bridge for update')).rows);
  if (noted > generation) {
    log.error(
      'the database is older than the bridge was: a backup was restored. Both sides are compared before anything is bridged',
      { generation, noted },
    );
    for (const statement of afterRestore) await client.query(statement);
  }
  const next = Math.max(noted, generation) + 1;
  await client.query('update bridge set generation = $1, beat_at = now()', [next]);
  await client.query('commit');
  return next;
}

/** Lanes have no owner any more, whoever thinks so; unlinked portals need nothing. */
const afterRestore: readonly string[] = [
  `select setval('lane_epoch', nextval('lane_epoch') + ${jump})`,
  `select setval(pg_get_serial_sequence('inbox', 'seq'), nextval(pg_get_serial_sequence('inbox', 'seq')) + ${jump})`,
  `select setval(pg_get_serial_sequence('portal', 'id'), nextval(pg_get_serial_sequence('portal', 'id')) + ${jump})`,
  `update lane set owner = null, epoch = nextval('lane_epoch')`,
  'delete from process',
  'delete from crypto_request',
  retireAll(),
  `insert into cursor as old (portal, restored_to)
    select p.id, coalesce(b.beat_at, now() - interval '7 days') from portal p cross join bridge b where p.status <> 'unlinked'
    on conflict (portal) do update set restored_to = least(old.restored_to, excluded.restored_to)`,
];

/** 0 where nothing was noted for this bridge. */
async function readNote(file: string, bridge: string): Promise<number> {
  try {
    const noted = note.parse(JSON.parse(await readFile(file, 'utf8')));
    return noted.bridge === bridge ? noted.generation : 0;
  } catch {
    return 0; // the first start, or a file that says nothing
  }
}

/** The whole of it or nothing, also when the power fails. */
async function writeNote(file: string, content: z.infer<typeof note>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const next = `${file}.${randomUUID()}`;
  const handle = await open(next, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(next, file);
}
