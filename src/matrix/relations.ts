import type { EventId, RoomId } from '../ids.ts';
import { eventId } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** A reaction that stands in a room. */
export interface StandingReaction {
  readonly event: EventId;
  readonly sender: string;
  /** What it shows: an emoji, or any other text. */
  readonly key: string;
}

/**
 * All reactions to an event that weren't taken back.
 *
 * @see https://spec.matrix.org/latest/client-server-api/#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype
 * @throws like `HomeserverClient.call`
 */
export async function readReactions(
  client: HomeserverClient,
  as: Acting,
  room: RoomId,
  event: EventId,
): Promise<readonly StandingReaction[]> {
  const path = ['client', 'v1', 'rooms', room, 'relations', event, 'm.annotation', 'm.reaction'];
  const found: StandingReaction[] = [];
  for (let from: string | undefined; ;) {
    const query = { from, limit: 100 };
    const answer = await client.call({ name: 'relations', method: 'GET', path, query, as, room });
    found.push(...objectsAt(answer, 'chunk').flatMap(reactionIn));
    const next = textAt(answer, 'next_batch');
    if (next === undefined || next === from) return found;
    from = next;
  }
}

function reactionIn(reaction: JsonObject): readonly StandingReaction[] {
  const key = textAt(objectAt(objectAt(reaction, 'content'), 'm.relates_to'), 'key');
  const sender = textAt(reaction, 'sender');
  const event = textAt(reaction, 'event_id');
  if (key === undefined || sender === undefined || event === undefined) return [];
  return [{ event: eventId(event), sender, key }];
}
