import type pg from 'pg';
import { z } from 'zod';
import type { Reader } from './reader.ts';
import type { Sealing } from './sealing.ts';

/** Tokens, sealed to their id: what is copied to another id can't be opened there. */
export interface Secrets {
  get(id: string): Promise<string | undefined>;
  put(id: string, text: string): Promise<void>;
  /** Already gone is success. */
  remove(id: string): Promise<void>;
  /** The same as part of a transaction; nobody else changes what it got before that has ended. */
  within(client: pg.ClientBase): Omit<Secrets, 'within'>;
}

const rows = z.array(z.object({ sealed: z.instanceof(Buffer) }));

const get = { name: 'secret', text: 'select sealed from secret where id = $1' };
const put = {
  name: 'secret_put',
  text: `insert into secret (id, sealed) values ($1, $2) on conflict (id) do update set sealed = excluded.sealed`,
};
const remove = { name: 'secret_remove', text: 'delete from secret where id = $1' };

export function createSecrets(reader: Reader, sealing: Sealing): Secrets {
  const seal = (id: string, text: string): Buffer => sealing.seal(Buffer.from(text), secretPlace(id));
  const open = (id: string, found: unknown): string | undefined => {
    const [row] = rows.parse(found);
    return row && sealing.open(row.sealed, secretPlace(id)).toString('utf8');
  };
  return {
    get: async (id) => open(id, await reader.query(get, [id])),
    put: async (id, text) => void (await reader.query(put, [id, seal(id, text)])),
    remove: async (id) => void (await reader.query(remove, [id])),
    within: (client) => ({
      get: async (id) => open(id, (await client.query(`${get.text} for update`, [id])).rows),
      put: async (id, text) => void (await client.query(put.text, [id, seal(id, text)])),
      remove: async (id) => void (await client.query(remove.text, [id])),
    }),
  };
}

/** The stored form is a promise. */
export function secretPlace(id: string): string {
  return `secret:${id}`;
}
