import { z } from 'zod';
import { eventId, portalId } from '../ids.ts';
import type { EventId, PortalId } from '../ids.ts';
import { seenKey } from './keys.ts';
import type { Reader } from './reader.ts';
import { seenNames } from './seen.ts';

/** How far a portal's room was read. */
export interface RoomCursor {
  /** The newest event of the last reading, whoever wrote it. */
  readonly event: EventId;
  /** When that was, in milliseconds since 1970. */
  readonly readAt: number;
}

/** How far the networks' own histories were read for each portal. All throw `TryLater` while the database is out of reach. */
export interface Cursors {
  /** Of the portal's room; `undefined` before its first reading. */
  room(portal: PortalId): Promise<RoomCursor | undefined>;
  setRoom(portal: PortalId, cursor: RoomCursor): Promise<void>;
  /** Those of the deliveries, by their key, that were stored in the last 7 days. */
  knownDeliveries(deliveryKeys: readonly string[]): Promise<ReadonlySet<string>>;
  /** All portals with a message, the one with the newest first. */
  byActivity(): Promise<readonly PortalId[]>;
}

const roomCursor = {
  name: 'room_cursor',
  text: `select room_event as event, extract(epoch from room_read_at)::float8 * 1000 as "readAt"
    from cursor where portal = $1 and room_event is not null and room_read_at is not null`,
};
const roomCursors = z.array(z.object({ event: z.string().transform(eventId), readAt: z.number() }));

const setRoomCursor = {
  name: 'set_room_cursor',
  text: `insert into cursor (portal, room_event, room_read_at) values ($1, $2, to_timestamp($3::float8 / 1000))
    on conflict (portal) do update set room_event = excluded.room_event, room_read_at = excluded.room_read_at`,
};

const activity = {
  name: 'portals_by_activity',
  text: `select p.id from portal p
    cross join lateral (select m.ts from message m where m.portal = p.id order by m.ts desc limit 1) newest
    where p.status <> 'unlinked' order by newest.ts desc`,
};
const activityRows = z.array(z.object({ id: z.number().transform(portalId) }));

export function createCursors(reader: Reader): Cursors {
  return {
    room: async (portal) => roomCursors.parse(await reader.query(roomCursor, [portal]))[0],
    async setRoom(portal, { event, readAt }) {
      await reader.query(setRoomCursor, [portal, event, readAt]);
    },
    knownDeliveries: (deliveryKeys) => seenNames(reader, deliveryKeys, (name) => seenKey('delivery', name)),
    byActivity: async () => activityRows.parse(await reader.query(activity, [])).map(({ id }) => id),
  };
}
