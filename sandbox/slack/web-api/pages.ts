import { SlackError } from './call.ts';
import type { Call } from './call.ts';
import { limit, text } from './arguments.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Empty on the last page. */
  readonly nextCursor: string;
}

/** One page of a list, by `limit` and `cursor`. Cursors are opaque: they hold the index of the next item. */
export function page<Item>(call: Call, items: readonly Item[], usual = 100, most = 1000): Page<Item> {
  const count = limit(call, 'limit', usual, most);
  const start = decodeCursor(text(call, 'cursor'), 'next');
  const end = Number(start ?? 0) + count;
  return {
    items: items.slice(Number(start ?? 0), end),
    nextCursor: end < items.length ? encodeCursor('next', String(end)) : '',
  };
}

export function encodeCursor(kind: string, value: string): string {
  return Buffer.from(`${kind}:${value}`).toString('base64');
}

export function decodeCursor(cursor: string | undefined, kind: string): string | undefined {
  if (cursor === undefined) return undefined;
  const decoded = Buffer.from(cursor, 'base64').toString();
  if (!decoded.startsWith(`${kind}:`)) throw new SlackError('invalid_cursor');
  return decoded.slice(kind.length + 1);
}
