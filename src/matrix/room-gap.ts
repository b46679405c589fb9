import { eventId } from '../ids.ts';
import type { EventId, RoomId } from '../ids.ts';
import { numberAt } from './json.ts';
import type { JsonObject } from './json.ts';
import type { HistoryPage, RoomHistory } from './room-history.ts';

/** From where on a room's events count as not read. */
export interface ReadFrom {
  /** The newest event of the last reading: all that stands after it in the room counts. */
  readonly after: EventId | undefined;
  /**
   * Milliseconds since 1970. What stands before `after`, or anywhere in a room that doesn't have it, counts if it is
   * younger than this: events that are made at the same moment can change places.
   */
  readonly since: number;
}

export interface Gap {
  readonly history: RoomHistory;
  readonly room: RoomId;
  readonly from: ReadFrom;
  /** What we did ourselves: it has the times of Slack, which say nothing of when that was. */
  readonly isOwn: (event: JsonObject) => boolean;
  /** Is given the events, oldest first, some at a time. */
  readonly visit: (events: readonly JsonObject[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** So many events before the last reading's newest are looked at again. */
const overlap = 20;
/** Where the last reading's newest event isn't in the room any more, its time ends the reading, on whatever clock. */
const otherClock = 86_400_000;

/**
 * Reads what happened in a room since the last reading, oldest first: back from the end without keeping anything, then
 * forward again, one page in memory at a time. One request where all fits a page.
 *
 * @returns the event that was the newest one as the reading began.
 */
export async function readGap(gap: Gap): Promise<EventId | undefined> {
  const { history, room, visit, signal } = gap;
  const isReached = reachedBy(gap);
  const counts = countingFrom(gap.from);
  let began: string | undefined;
  let page = await history.older(room);
  const newest = page.events[0] && eventId(page.events[0]['event_id']);
  while (!isReached(page) && page.next !== undefined) {
    signal.throwIfAborted();
    began = page.next;
    page = await history.older(room, began);
  }
  await visit(page.events.toReversed().filter(counts));
  while (began !== undefined) {
    signal.throwIfAborted();
    page = await history.newer(room, began);
    await visit(page.events.filter(counts));
    const atEnd = page.events.length === 0 || page.events.some((event) => event['event_id'] === newest);
    began = atEnd ? undefined : page.next;
  }
  return newest;
}

/** Whether a page, asked for one after the other towards older ones, goes back far enough. */
function reachedBy({ from, isOwn, room }: Gap): (page: HistoryPage) => boolean {
  const longAgo = from.after === undefined ? from.since : from.since - otherClock;
  let found = false;
  return ({ events }) => {
    if (found) return true;
    const place =
      from.after === undefined ? -1 : events.findIndex((event) => event['event_id'] === from.after);
    found = place !== -1;
    if (found) return events.length - place > overlap;
    const others = events.filter((event) => !isOwn({ room_id: room, ...event }));
    return others.length > 0 && others.every((event) => timeOf(event) < longAgo);
  };
}

/** Whether an event counts; has to be asked oldest first. */
function countingFrom({ after, since }: ReadFrom): (event: JsonObject) => boolean {
  let passed = false;
  return (event) => {
    const counts = passed || timeOf(event) >= since;
    passed ||= after !== undefined && event['event_id'] === after;
    return counts;
  };
}

function timeOf(event: JsonObject): number {
  return numberAt(event, 'origin_server_ts') ?? 0;
}
