import { z } from 'zod';
import type { Reader } from './reader.ts';

const seenAmong = { name: 'seen_among', text: 'select key from seen where key = any($1::uuid[])' };
const seenKeys = z.array(z.object({ key: z.string() }));

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
