import { failpoint } from '#failpoint';
import { z } from 'zod';
import { TryLater } from '../../errors.ts';
import type { CryptoRows, DatabaseChange, DatabaseSchema } from '../../matrix/crypto/ports.ts';
import type { Query } from '../reader.ts';
import type { RowSealing, SealedRow } from './row-sealing.ts';
import type { CryptoSession } from './session.ts';

const findDatabase: Query = {
  name: 'crypto_database',
  text: 'select id, schema from crypto_database where name = $1',
};

const readRows: Query = {
  name: 'crypto_rows',
  text: `select store, key, value from crypto_row
    where database = (select id from crypto_database where name = $1)`,
};

/** A database's stores, and all of its rows. */
const writeWhole: Query = {
  name: 'crypto_whole',
  text: `with written as (
      insert into crypto_database (name, schema) values ($1, $2)
      on conflict (name) do update set schema = excluded.schema
      returning id),
    given as (select * from unnest($3::text[], $4::bytea[], $5::bytea[]) as t(store, key, value)),
    gone as (
      delete from crypto_row r using written w where r.database = w.id
        and not exists (select from given g where g.store = r.store and g.key = r.key)),
    kept as (
      insert into crypto_row (database, store, key, value) select w.id, g.* from written w, given g
      on conflict (database, store, key) do update set value = excluded.value)
    select id from written`,
};

/** Changed rows of any databases; each row once. */
const writeRows: Query = {
  name: 'crypto_write',
  text: `with gone as (
      delete from crypto_row r using unnest($1::bigint[], $2::text[], $3::bytea[]) as t(database, store, key)
      where r.database = t.database and r.store = t.store and r.key = t.key)
    insert into crypto_row (database, store, key, value)
    select * from unnest($4::bigint[], $5::text[], $6::bytea[], $7::bytea[])
    on conflict (database, store, key) do update set value = excluded.value`,
};

/** The last of all characters ends the names that begin so. */
const removeDatabases: Query = {
  name: 'crypto_remove',
  text: `with gone as (
      delete from crypto_database where name >= $1 and name < $1 || U&'\\+10FFFF' and starts_with(name, $1) returning id)
    delete from crypto_row r using gone g where r.database = g.id`,
};

export const rowStatements: readonly string[] = [findDatabase, readRows, writeRows, removeDatabases].map(
  ({ text }) => text,
);

const foundDatabase = z.array(z.object({ id: z.number(), schema: z.custom<DatabaseSchema>(isSchema) }));
const foundRows = z.array(
  z.object({ store: z.string(), key: z.instanceof(Buffer), value: z.instanceof(Buffer) }),
);
const written = z.tuple([z.object({ id: z.number() })]);

/** Only this module's own JSON is there. */
function isSchema(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'version' in json && 'stores' in json;
}

/** A database that this process has loaded since it leads. */
interface Loaded {
  readonly term: object;
  /** Absent until the first commit of a new one. */
  id?: number;
}

interface WaitingChange {
  readonly loaded: Loaded;
  readonly name: string;
  readonly schema: DatabaseSchema | undefined;
  readonly puts: readonly SealedRow[];
  readonly deletes: readonly Omit<SealedRow, 'value'>[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Rows through the leader's own connection: a process that lost the lead, or has gained it again since it loaded a
 * database, can't write to it any more.
 *
 * @param sealing rejects with `CannotStart` when the key is lost.
 */
export function createCryptoRows(session: CryptoSession, sealing: () => Promise<RowSealing>): CryptoRows {
  const databases = new Map<string, Loaded>();
  const line: WaitingChange[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (line.length > 0) {
      const group = takeGroup(line);
      try {
        failpoint('crypto.before', group.length);
        await write(session, group);
        failpoint('crypto.after', group.length);
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of [...group, ...line.splice(0)]) failed(error);
      }
    }
    running = false;
  }

  return {
    async load(name) {
      const seal = await sealing();
      const term = session.term();
      if (!term) throw notLeading();
      const found = session.query(findDatabase, [name]);
      const rows = session.query(readRows, [name]);
      const [[database], stored] = await Promise.all([
        found.then((all) => foundDatabase.parse(all)),
        rows.then((all) => foundRows.parse(all)),
      ]);
      databases.set(name, { term, ...(database && { id: database.id }) });
      return database && { schema: database.schema, rows: stored.map((row) => seal.open(name, row)) };
    },
    async commit({ name, schema, puts, deletes }: DatabaseChange) {
      const seal = await sealing();
      const loaded = databases.get(name);
      if (!loaded || loaded.term !== session.term()) throw notLeading();
      const { promise, resolve: done, reject: failed } = Promise.withResolvers<void>();
      line.push({
        loaded,
        name,
        schema,
        puts: puts.map((row) => seal.seal(name, row)),
        deletes: deletes.map(({ store, key }) => ({ store, key: seal.keyName(name, store, key) })),
        done,
        failed,
      });
      if (!running) void run();
      return promise;
    },
    async remove(prefix) {
      await session.query(removeDatabases, [prefix]);
      for (const name of databases.keys()) if (name.startsWith(prefix)) databases.delete(name);
    },
  };
}

function notLeading(): TryLater {
  return new TryLater('this process has no lead over crypto stores', { after: 1000 });
}

const mostBytes = 4 * 1024 * 1024;

/** What waits together is written together; a change of stores alone. */
function takeGroup(line: WaitingChange[]): readonly WaitingChange[] {
  let bytes = 0;
  let count = 0;
  for (const { schema, puts } of line) {
    if (schema !== undefined && count > 0) break;
    for (const { value } of puts) bytes += value.length;
    if (count > 0 && bytes > mostBytes) break;
    count += 1;
    if (schema !== undefined) break;
  }
  return line.splice(0, count);
}

async function write(session: CryptoSession, group: readonly WaitingChange[]): Promise<void> {
  for (const { loaded } of group) if (loaded.term !== session.term()) throw notLeading();
  const [first] = group;
  if (first?.schema === undefined) return writeChanges(session, group);
  const { loaded, name, schema, puts } = first;
  const values = [name, JSON.stringify(schema), ...columns(puts), puts.map(({ value }) => value)];
  loaded.id = written.parse(await session.query(writeWhole, values))[0].id;
}

/** Later changes of a row take the place of earlier ones. */
async function writeChanges(session: CryptoSession, group: readonly WaitingChange[]): Promise<void> {
  const rows = new Map<string, Omit<SealedRow, 'value'> & { id: number; value?: Buffer }>();
  for (const { loaded, name, puts, deletes } of group) {
    const { id } = loaded;
    if (id === undefined) throw new Error(`the database ${name} has rows before it has stores`);
    for (const row of [...puts, ...deletes])
      rows.set(`${id} ${row.store} ${row.key.toString('hex')}`, { id, ...row });
  }
  const all = [...rows.values()];
  const gone = all.filter(({ value }) => value === undefined);
  const put = all.filter(({ value }) => value !== undefined);
  const ids = (some: typeof all): readonly number[] => some.map(({ id }) => id);
  const values = [ids(gone), ...columns(gone), ids(put), ...columns(put), put.map(({ value }) => value)];
  await session.query(writeRows, values);
}

function columns(rows: readonly Omit<SealedRow, 'value'>[]): [readonly string[], readonly Buffer[]] {
  return [rows.map(({ store }) => store), rows.map(({ key }) => key)];
}
