import { z } from 'zod';
import type { RoomKey } from '../errors.ts';
import type { Reader } from './reader.ts';

/** Items that were set aside because what they hold can't be read yet. */
export interface KeyWaits {
  /** These keys came, or may have: what waits for them is handed out again, in its old places. Resolves with how many items. */
  wake(keys: readonly RoomKey[] | 'all'): Promise<number>;
}

/** What waited long enough to be told of still counts as such. */
const wake = {
  name: 'wake_for_keys',
  text: `update inbox set state = 'ready', not_before = null, parent_key = null
    where state = 'parked' and parent_key >= 'key:' and parent_key < 'key;'
      and ($1::text[] is null or parent_key = any($1)) returning lane`,
};

const lanes = z.array(z.object({ lane: z.string() }));

/** @param hint there is something to do again in this lane. */
export function createKeyWaits(reader: Reader, hint: (lane: string) => void): KeyWaits {
  return {
    async wake(keys) {
      const woken = lanes.parse(await reader.query(wake, [keys === 'all' ? null : keys]));
      for (const lane of new Set(woken.map((row) => row.lane))) hint(lane);
      return woken.length;
    },
  };
}
