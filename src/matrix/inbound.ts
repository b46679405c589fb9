import type { MatrixEvent, MatrixPlace } from '../events.ts';
import { eventId, InvalidId, matrixUserId, roomId } from '../ids.ts';
import { countAt, isObject, objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { messageOf, targetOf, relationOf } from './inbound-message.ts';
import { pollChangeOf } from './poll.ts';
import { readReaction } from './reaction.ts';

type MemberEvent = Extract<MatrixEvent, { readonly type: 'member' }>;

/**
 * A stored Matrix event as a neutral one.
 *
 * | Matrix                                              | neutral                                             |
 * | --------------------------------------------------- | --------------------------------------------------- |
 * | `m.room.message`, `m.sticker`, types with a text    | message                                             |
 * | the same with `m.replace`                           | edit, with the new content                          |
 * | `m.reaction`                                        | reaction                                            |
 * | a poll's start                                      | message, with the poll                              |
 * | a vote, a poll's end                                | poll-change                                         |
 * | `m.room.redaction`                                  | redaction, of `content.redacts`, else of `redacts`  |
 * | `m.room.member`                                     | member                                              |
 * | any other state                                     | state                                               |
 * | `m.room.encrypted`                                  | encrypted, with the relation that stands outside    |
 * | something that was deleted before it came           | ignored: `redacted`                                 |
 * | what says nothing (no text, no file, no target)     | ignored, with the reason                            |
 *
 * @throws InvalidId when the event isn't one: an id, the sender, the type is missing or wrong
 * @see https://spec.matrix.org/latest/client-server-api/#room-event-format
 */
export function matrixEvent(payload: Buffer): MatrixEvent {
  return neutralEvent(JSON.parse(payload.toString('utf8')));
}

/** The same for an event that was read from the homeserver. */
export function neutralEvent(event: unknown): MatrixEvent {
  if (!isObject(event)) throw new InvalidId('Matrix event', event);
  const type = textAt(event, 'type');
  if (type === undefined) throw new InvalidId('type of a Matrix event', event['type']);
  const place = placeOf(event);
  const content = objectAt(event, 'content');
  const stateKey = textAt(event, 'state_key');
  if (type === 'm.room.member') return memberOf(place, event, stateKey);
  if (stateKey !== undefined) return { type: 'state', ...place, kind: type, stateKey, content };
  if (type === 'm.room.redaction') return redactionOf(place, event, content);
  if (isRedacted(event)) return ignored('redacted');
  if (pollChangeOf(type) !== undefined) return pollChange(place, content);
  switch (type) {
    case 'm.room.encrypted':
      return encryptedOf(place, content);
    case 'm.reaction':
      return reactionOf(place, content);
    default:
      return messageOf(place, type, content);
  }
}

/** The same for what an encrypted event turned out to be. What the homeserver has to check can't be hidden from it. */
export function openedEvent(event: JsonObject): MatrixEvent {
  if (event['state_key'] !== undefined || notToBeHidden.has(event['type'])) return ignored('hidden');
  return neutralEvent(event);
}

const notToBeHidden: ReadonlySet<unknown> = new Set([
  'm.room.encrypted',
  'm.room.member',
  'm.room.redaction',
]);

function ignored(reason: string): MatrixEvent {
  return { type: 'ignored', reason };
}

/** The time is anybody's claim: one that is none becomes 0. */
function placeOf(event: JsonObject): MatrixPlace {
  const at = event['origin_server_ts'];
  const age = countAt(objectAt(event, 'unsigned'), 'age');
  return {
    event: eventId(event['event_id']),
    room: roomId(event['room_id']),
    sender: matrixUserId(event['sender']),
    at: typeof at === 'number' && Number.isSafeInteger(at) && at > 0 ? at : 0,
    ...(age !== undefined && { age }),
  };
}

/** What people removed comes without its content. */
export function isRedacted(event: JsonObject): boolean {
  return isObject(objectAt(event, 'unsigned')['redacted_because']);
}

function memberOf(place: MatrixPlace, event: JsonObject, stateKey: string | undefined): MatrixEvent {
  const content = objectAt(event, 'content');
  const before = textAt(objectAt(objectAt(event, 'unsigned'), 'prev_content'), 'membership');
  const membership = membershipIn(content);
  if (membership === undefined) return ignored('unknown membership');
  return {
    type: 'member',
    ...place,
    user: matrixUserId(stateKey),
    membership,
    ...(before !== undefined && { before }),
    direct: content['is_direct'] === true,
  };
}

function membershipIn(content: JsonObject): MemberEvent['membership'] | undefined {
  switch (content['membership']) {
    case 'invite':
    case 'join':
    case 'leave':
    case 'ban':
    case 'knock':
      return content['membership'];
    default:
      return undefined;
  }
}

/** From room version 11 on the target stands in the content; homeservers show the other place as well. */
function redactionOf(place: MatrixPlace, event: JsonObject, content: JsonObject): MatrixEvent {
  const target = textAt(content, 'redacts') ?? textAt(event, 'redacts');
  if (target === undefined) return ignored('redaction without a target');
  return { type: 'redaction', ...place, target: eventId(target) };
}

function encryptedOf(place: MatrixPlace, content: JsonObject): MatrixEvent {
  const relation = objectAt(content, 'm.relates_to');
  const target = targetOf(relation);
  return {
    type: 'encrypted',
    ...place,
    relation: relationOf(relation),
    ...(target !== undefined && { target }),
  };
}

function pollChange(place: MatrixPlace, content: JsonObject): MatrixEvent {
  const relation = objectAt(content, 'm.relates_to');
  const target = textAt(relation, 'event_id');
  if (relation['rel_type'] !== 'm.reference' || target === undefined) return ignored('vote without a poll');
  return { type: 'poll-change', ...place, target: eventId(target) };
}

function reactionOf(place: MatrixPlace, content: JsonObject): MatrixEvent {
  const relation = objectAt(content, 'm.relates_to');
  const target = textAt(relation, 'event_id');
  const reaction = readReaction(content);
  if (relation['rel_type'] !== 'm.annotation' || target === undefined || !reaction) {
    return ignored('reaction without a target or key');
  }
  return { type: 'reaction', ...place, target: eventId(target), ...reaction };
}
