import { z } from 'zod';
import { seenKey } from './keys.ts';
import type { Reader } from './reader.ts';

const seenAmong = { name: 'seen_among', text: 'select key from seen where key = any($1::uuid[])' };
const seenKeys = z.array(z.object({ key: z.string() }));

const noteSeen = {
  name: 'seen_note',
  text: 'insert into seen (key) values ($1::uuid) on conflict do nothing returning key',
};

/** Whether this is the first time, in all processes and in the last 7 days. Throws `TryLater` as all do. */
export type FirstTime = (name: string) => Promise<boolean>;

export function createFirstTime(reader: Reader): FirstTime {
  return async (name) => (await reader.query(noteSeen, [seenKey('delivery', name)])).length > 0;
}

/** Those of the names whose key was stored in the last 7 days. Throws `TryLater` while the database is out of reach. */
export async function seenNames(
  reader: Reader,
  names: readonly string[],
  keyOf: (name: string) => string,
): Promise<ReadonlySet<string>> {
  const byKey = new Map(names.map((name) => [keyOf(name), name] as const));
  const rows = seenKeys.parse(await reader.query(seenAmong, [[...byKey.keys()]]));
  return new Set(rows.flatMap(({ key }) => byKey.get(key) ?? []));
}
