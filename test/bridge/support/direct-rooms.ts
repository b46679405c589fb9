import { z } from 'zod';
import type { MatrixUser } from '../../../sandbox/matrix-user.ts';
import { eventually } from '../../support/bridge/eventually.ts';

const directRooms = z.record(z.string(), z.array(z.string()));

/** The rooms that a person's client shows as direct chats with somebody. */
export async function directWith(person: MatrixUser, other: string): Promise<readonly string[]> {
  const path = `/user/${encodeURIComponent(person.userId)}/account_data/m.direct`;
  const known = await person.api.call('GET', path).catch(() => ({}));
  return directRooms.parse(known)[other] ?? [];
}

/** The newest of them, when there are as many as `count`. */
export function newChat(person: MatrixUser, other: string, count = 1): Promise<string> {
  return eventually(
    async () => {
      const rooms = await directWith(person, other);
      return rooms.length >= count ? rooms.at(-1) : undefined;
    },
    () => `${person.userId} sees no chat with ${other}.`,
    20_000,
  );
}
