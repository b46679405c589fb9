import type { MatrixReaction } from '../events.ts';
import type { EventId, RoomId } from '../ids.ts';
import { eventId } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { readReaction } from './reaction.ts';

/** A reaction that stands in a room. */
export interface StandingReaction extends MatrixReaction {
  readonly event: EventId;
  readonly sender: string;
  /** As the homeserver has it. */
  readonly raw: JsonObject;
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
  const related = await readRelated(client, as, room, [event, 'm.annotation', 'm.reaction']);
  return related.flatMap(reactionIn);
}

/** What isn't looked at any more, of an event that very much relates to. */
const mostPages = 100;

/**
 * The events that relate to an event in a way, newest first; redacted ones aren't among them.
 *
 * @param which the event, the kind of relation, and the type of the events where only one counts
 * @throws like `HomeserverClient.call`
 */
export async function readRelated(
  client: HomeserverClient,
  as: Acting,
  room: RoomId,
  which: readonly [event: EventId, relation: string, type?: string],
): Promise<readonly JsonObject[]> {
  const path = ['client', 'v1', 'rooms', room, 'relations', ...which.filter((part) => part !== undefined)];
  const found: JsonObject[] = [];
  let from: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { from, limit: 100 };
    const answer = await client.call({ name: 'relations', method: 'GET', path, query, as, room });
    for (const event of objectsAt(answer, 'chunk')) found.push(event);
    const next = textAt(answer, 'next_batch');
    if (next === undefined || next === from) break;
    from = next;
  }
  return found;
}

function reactionIn(reaction: JsonObject): readonly StandingReaction[] {
  const shown = readReaction(objectAt(reaction, 'content'));
  const sender = textAt(reaction, 'sender');
  const event = textAt(reaction, 'event_id');
  if (shown === undefined || sender === undefined || event === undefined) return [];
  return [{ event: eventId(event), sender, raw: reaction, ...shown }];
}
