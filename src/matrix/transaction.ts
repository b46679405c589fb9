import { createHash } from 'node:crypto';
import { boundDepth } from '../format/bound-depth.ts';
import { eventId, InvalidId, matrixUserId, roomId } from '../ids.ts';
import type { Delivery } from '../queue/ports.ts';
import { isObject, objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { pollChangeOf } from './poll.ts';
import { readReceipts } from './receipts.ts';
import type { ReadReceipt } from './receipts.ts';

/** What a transaction of the homeserver holds. */
export interface Transaction {
  /** To be stored before it is acknowledged. */
  readonly deliveries: readonly Delivery[];
  /** All room events in it that could be read, our own too. */
  readonly events: readonly JsonObject[];
  /** How far people have read: kept nowhere. */
  readonly receipts: readonly ReadReceipt[];
}

/**
 * Reads the body of a transaction. Total: what can't be read becomes a malformed delivery, since the homeserver would
 * repeat a refused transaction for ever and send nothing else.
 *
 * Not stored: typing, receipts, presence and to-device messages, which are no events of a room; and everything that our
 * own users sent, which is what we did ourselves (the answer to the request that did it told us all). What people do to
 * our users (invitations, kicks) is theirs, and stored.
 *
 * @param isOwn whether a user of ours did it, or we did it as a double puppet.
 * @param isGhost whether somebody who is invited is one.
 * @see https://spec.matrix.org/latest/application-service-api/#put_matrixappv1transactionstxnid
 */
export function readTransaction(
  body: Buffer,
  isOwn: (event: JsonObject) => boolean,
  isCommand: (text: string) => boolean = () => false,
  isGhost: (user: string) => boolean = () => false,
): Transaction {
  const content = parsed(body);
  const listed = isObject(content) ? content['events'] : undefined;
  if (!isObject(content) || (listed !== undefined && !Array.isArray(listed))) {
    return {
      deliveries: [malformed(body, 'the transaction is no object with a list of events')],
      events: [],
      receipts: [],
    };
  }
  const all = (listed ?? []) as readonly unknown[]; // Array.isArray says any[]
  const read = readEvents(all, isOwn, isCommand, isGhost);
  return { ...read, receipts: readReceipts(content) };
}

/** The events of a transaction, or of a room's history: both become the same deliveries. */
export function readEvents(
  listed: readonly unknown[],
  isOwn: (event: JsonObject) => boolean,
  isCommand: (text: string) => boolean = () => false,
  isGhost: (user: string) => boolean = () => false,
): Omit<Transaction, 'receipts'> {
  const deliveries: Delivery[] = [];
  const events: JsonObject[] = [];
  for (const found of listed) {
    const event = boundDepth(found);
    if (isObject(event)) events.push(event);
    if (isObject(event) && isOwn(event)) continue;
    deliveries.push(delivery(event, { isCommand, isGhost }));
  }
  return { deliveries, events };
}

interface Meanings {
  readonly isCommand: (text: string) => boolean;
  readonly isGhost: (user: string) => boolean;
}

function delivery(event: unknown, meanings: Meanings): Delivery {
  const payload = Buffer.from(JSON.stringify(event));
  try {
    if (!isObject(event)) return malformed(payload, 'an event is no object');
    if (textAt(event, 'type') === undefined) return malformed(payload, 'an event has no type');
    const room = roomId(event['room_id']);
    const user = matrixUserId(event['sender']);
    return {
      from: 'matrix',
      route: { room, user },
      deliveryKey: `matrix:${eventId(event['event_id'])}`,
      ...laneOf(event, meanings),
      about: subjectsOf(event),
      srcTs: '',
      payload,
    };
  } catch (error) {
    if (error instanceof InvalidId) return malformed(payload, error.message);
    throw error;
  }
}

/** What a room shows of itself. */
const shownStates: ReadonlySet<unknown> = new Set(['m.room.name', 'm.room.pinned_events', 'm.room.topic']);

/** A command to the bot, or a change of the room's state, steers, but for what the room shows of itself. */
function laneOf(
  event: JsonObject,
  { isCommand, isGhost }: Meanings,
): Pick<Delivery, 'control' | 'shown' | 'votes' | 'growth'> {
  if (isVote(event)) return { votes: true };
  if (event['state_key'] === '' && shownStates.has(event['type'])) return { shown: true };
  if (event['state_key'] !== undefined)
    return { control: true, ...(isInvitationOf(event, isGhost) && { growth: true }) };
  const body = event['type'] === 'm.room.message' ? textAt(objectAt(event, 'content'), 'body') : undefined;
  return isCommand(body ?? '') ? { control: true } : {};
}

function isInvitationOf(event: JsonObject, isGhost: (user: string) => boolean): boolean {
  if (event['type'] !== 'm.room.member' || !isGhost(textAt(event, 'state_key') ?? '')) return false;
  return textAt(objectAt(event, 'content'), 'membership') === 'invite';
}

function isVote(event: JsonObject): boolean {
  if (event['state_key'] !== undefined) return false;
  return pollChangeOf(textAt(event, 'type') ?? '') !== undefined || isHiddenVote(event);
}

/** Of the kinds that are encrypted only votes belong to another event in this way, and what clients say to each other. */
function isHiddenVote(event: JsonObject): boolean {
  if (event['type'] !== 'm.room.encrypted') return false;
  return objectAt(objectAt(event, 'content'), 'm.relates_to')['rel_type'] === 'm.reference';
}

/**
 * The events that it answers, changes, reacts to or removes; and a message itself, which may have been posted before a crash.
 * First the message that it is, or that it changes: when that is removed, what was set aside of it goes, too.
 */
function subjectsOf(event: JsonObject): readonly string[] {
  const content = objectAt(event, 'content');
  const relation = objectAt(content, 'm.relates_to');
  const changesOther = event['type'] === 'm.reaction' || event['type'] === 'm.room.redaction';
  const message = changesOther || event['state_key'] !== undefined ? undefined : textAt(event, 'event_id');
  const related = textAt(relation, 'event_id');
  const subjects = [
    ...(relation['rel_type'] === 'm.replace' ? [related, message] : [message, related]),
    textAt(objectAt(relation, 'm.in_reply_to'), 'event_id'),
    textAt(event, 'redacts') ?? textAt(content, 'redacts'),
  ];
  return subjects.filter((subject) => subject !== undefined);
}

/** Keyed by what it holds: when the homeserver repeats it, it is the same. */
function malformed(payload: Buffer, why: string): Delivery {
  const hash = createHash('sha256').update(payload).digest('hex');
  return {
    from: 'matrix',
    route: {},
    deliveryKey: `matrix:malformed:${hash}`,
    srcTs: '',
    payload,
    malformed: why,
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined; // the caller stores it as it is
  }
}
