import type { EventId, RoomId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { IntakePort } from '../queue/ports.ts';
import type { JsonObject } from './json.ts';
import { isRefusal } from './refusal.ts';
import { readGap } from './room-gap.ts';
import type { ReadFrom } from './room-gap.ts';
import type { RoomHistory } from './room-history.ts';
import { readEvents } from './transaction.ts';

/** What a reading of a room came to. */
export type RoomReading =
  /** `newest` is absent in a room without events; `found`: so many events were stored that no transaction had brought. */
  | { readonly outcome: 'read'; readonly newest: EventId | undefined; readonly found: number }
  /** The bot may not read there: it isn't a member, or the room is gone. */
  | { readonly outcome: 'refused'; readonly reason: string };

export interface CatchUpOptions {
  readonly history: RoomHistory;
  readonly intake: IntakePort;
  /** Whether we did what the event says. */
  readonly isOwn: (event: JsonObject) => boolean;
  readonly isCommand: (text: string) => boolean;
  readonly isGhost?: (user: string) => boolean;
  /** Told of all events among which some were found, once these are stored; must not throw. */
  readonly onRead: (event: JsonObject) => void;
  readonly log: Logger;
}

/** Which deliveries, by their key, were stored before. */
export type KnownDeliveries = (deliveryKeys: readonly string[]) => Promise<ReadonlySet<string>>;

/** Reads one room; throws `TryLater`, or what storing failed with: it may be read again from the same place. */
export type ReadRoom = (
  room: RoomId,
  from: ReadFrom,
  known: KnownDeliveries,
  signal: AbortSignal,
) => Promise<RoomReading>;

/**
 * Finds what the homeserver has in a room and never sent, and stores it as a transaction would have: with the same keys,
 * so nothing is bridged twice, and oldest first. What we did isn't stored, as in transactions.
 */
export function createRoomReader(options: CatchUpOptions): ReadRoom {
  const { history, intake, isOwn, isCommand, isGhost, onRead, log } = options;

  async function storeUnknown(events: readonly JsonObject[], known: KnownDeliveries): Promise<number> {
    const read = readEvents(events, isOwn, isCommand, isGhost).deliveries;
    const wellFormed = read.filter(({ malformed }) => malformed === undefined);
    if (wellFormed.length === 0) return 0;
    const before = await known(wellFormed.map(({ deliveryKey }) => deliveryKey));
    const missing = wellFormed.filter(({ deliveryKey }) => !before.has(deliveryKey));
    if (missing.length === 0) return 0;
    await intake.store(missing);
    for (const event of events) onRead(event);
    return missing.length;
  }

  return async (room, from, known, signal) => {
    let found = 0;
    const visit = async (page: readonly JsonObject[]): Promise<void> => {
      const events = page.map((event) => ({ room_id: room, ...event }));
      found += await storeUnknown(events, known);
    };
    try {
      const newest = await readGap({ history, room, from, isOwn, visit, signal });
      if (found > 0)
        log.info('events that the homeserver had not sent were found in a room', { room, found });
      return { outcome: 'read', newest, found };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { outcome: 'refused', reason: `${error.code}: ${error.message}` };
    }
  };
}
