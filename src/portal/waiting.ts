import { CannotBridge, TryLater } from '../errors.ts';
import type { MatrixMessage, SlackMessage } from '../events.ts';
import { textDoc } from '../format/doc.ts';
import type { EventId, RoomId } from '../ids.ts';
import { portalId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import { reasonToLeaveOut } from './from-matrix/message.ts';
import type { Portal } from './ports.ts';
import { RoomPauses } from './room-pauses.ts';
import type { LateLane, WaitingItem, WaitingItems, WaitingMark, WaitingStore } from './waiting-ports.ts';

/** What waits longer than this is told to those who wrote it, in milliseconds. */
export const longWait = 5000;
/** In one room so many messages have a reaction of their own; for more there is one notice. */
const mostReactions = 3;
/** In one channel so many people are told; more see each other wait. */
const mostTold = 5;
/** Lanes that one look is about: many wait when a whole network is away, and looks come every second. */
const mostLanes = 25;
/** So many items of a lane are read, and counted. */
const most = { items: 8, counted: 1000 };
/** How often it is looked whether anything is left over, when nothing is known to be, in milliseconds. */
const seldom = 60_000;

const sign = '⏳';

/** Tells people that what they wrote waits, and takes that away when it went through. */
export interface WaitingTeller {
  /**
   * `late`: the lanes that are known to wait for long. Asked about once a second; what it does repeats safely, and
   * several processes may do it at once. Throws `TryLater` when the homeserver or the database is away: the next look
   * goes on. A room alone that can't take it now holds up no other.
   */
  look(late: readonly LateLane[]): Promise<void>;
}

export function createWaitingTeller(context: PortalContext, store: WaitingStore): WaitingTeller {
  const refused = new Set<string>();
  const pauses = new RoomPauses(() => context.clock.now());
  let nextLook = 0;
  let turn = 0;
  return {
    async look(late) {
      const told = late.flatMap((lane) => placeOf(context, lane) ?? []);
      if (told.length === 0 && context.clock.now() < nextLook) return;
      const marker: Marker = { context, store, refused, pauses, busy: pauses.rooms() };
      const marks = await store.marks(longWait);
      nextLook = marks.length + told.length === 0 ? context.clock.now() + seldom : 0;
      const standing = Map.groupBy(
        marks.filter(({ over }) => !over),
        ({ lane }) => lane,
      );
      const asked = told.filter(({ lane }) => isOpen(standing.get(lane)));
      const some = [...asked.slice(turn % asked.length), ...asked].slice(
        0,
        Math.min(mostLanes, asked.length),
      );
      turn += mostLanes;
      const placesOf = (side: Place['from']) => some.filter(({ from }) => from === side);
      // people in Slack first: most likely it is the homeserver that they wait for
      await tellAll(marker, placesOf('slack'), standing);
      for (const mark of marks)
        await inRoom(marker, mark.room, () => (mark.over ? takeAway : putAgain)(marker, mark));
      await tellAll(marker, placesOf('matrix'), standing);
    },
  };
}

interface Marker {
  readonly context: PortalContext;
  readonly store: WaitingStore;
  /** Marks that their rooms didn't take. */
  readonly refused: Set<string>;
  /** Rooms that take nothing in this look. */
  readonly busy: Set<RoomId>;
  readonly pauses: RoomPauses;
}

/** A room that can take nothing just now has its turn in the next look. */
async function inRoom({ busy }: Marker, room: RoomId, act: () => Promise<void>): Promise<void> {
  if (busy.has(room)) return;
  try {
    await act();
  } catch (error) {
    if (!busy.has(room)) throw error;
  }
}

/** Of what the homeserver answers for a room: the others may take theirs. */
function noteBusy({ busy, pauses, context: { log } }: Marker, room: RoomId, error: unknown): void {
  if (!(error instanceof TryLater) || error.target === 'matrix') return;
  busy.add(room);
  pauses.longer(room, error.after);
  log.debug('A room can’t take now what tells that something waits', { room, error });
}

interface Place extends LateLane {
  readonly portal: Portal;
  readonly from: 'slack' | 'matrix';
}

/** Where it is told. What waits in a paused portal does so by a reason that everybody there was told. */
function placeOf({ portals }: PortalContext, late: LateLane): Place | undefined {
  const [, id, from] = /^portal:(\d+):(slack|matrix)$/.exec(late.lane) ?? [];
  const portal = id === undefined ? undefined : portals.byId(portalId(Number(id)));
  if (portal?.status !== 'live' || portal.policy.waiting === 'off') return undefined;
  return { ...late, portal, from: from === 'slack' ? 'slack' : 'matrix' };
}

/** There may be something left to say: a notice speaks for all that comes after it. */
function isOpen(marks: readonly WaitingMark[] = []): boolean {
  return !marks.some(({ kind }) => kind === 'notice') && marks.length < mostTold;
}

async function tellAll(
  marker: Marker,
  places: readonly Place[],
  standing: ReadonlyMap<string, readonly WaitingMark[]>,
): Promise<void> {
  if (places.length === 0) return;
  const lanes = places.map(({ lane }) => lane);
  const late = await marker.store.late(lanes, longWait, most);
  for (const place of places) {
    const items = late.get(place.lane);
    if (!items) continue;
    const marks = standing.get(place.lane) ?? [];
    if (place.from === 'matrix')
      await inRoom(marker, place.portal.room, () => tellRoom({ ...marker, place, marks }, items));
    else await tellPeople({ ...marker, place, marks }, items.items);
  }
}

interface Telling extends Marker {
  readonly place: Place;
  /** Those that stand. */
  readonly marks: readonly WaitingMark[];
}

async function tellRoom(telling: Telling, { items, total }: WaitingItems): Promise<void> {
  const { context, place, marks } = telling;
  const waiting = items.flatMap((item) => messageOf(telling, item) ?? []);
  if (waiting.length === 0) return;
  const marked = new Set(marks.map(({ subject }) => subject));
  const fresh = waiting.filter(({ seq }) => !marked.has(String(seq)));
  const byReaction = place.portal.policy.waiting === 'reaction';
  const room = place.portal.room;
  const at = context.clock.now();
  for (const { seq, message } of byReaction ? fresh.slice(0, mostReactions - marks.length) : [])
    await send(telling, {
      lane: place.lane,
      kind: 'reaction',
      subject: String(seq),
      room,
      target: message.event,
      at,
    });
  if (byReaction && fresh.length <= mostReactions - marks.length) return;
  await send(telling, { lane: place.lane, kind: 'notice', subject: '', room, at }, noticeOf(place, total));
}

function messageOf(
  { context, place }: Telling,
  item: WaitingItem,
): { readonly seq: number; readonly message: MatrixMessage } | undefined {
  if (item.from !== 'matrix' || item.event?.type !== 'message') return undefined;
  const { event: message, seq } = item;
  if (context.matrix.isOurs(message.sender) || reasonToLeaveOut(place, message) !== undefined)
    return undefined;
  return { seq, message };
}

function noticeOf({ needs }: Place, total: number): string {
  const number = total >= most.counted ? `${most.counted} or more` : total;
  const what = total === 1 ? 'A message waits' : `${number} messages or changes wait`;
  return `${sign} ${what} to be sent to Slack: ${whyToSlack(needs)}. Nothing is lost; it goes on by itself.`;
}

/** In words, by what the queue waits for. */
function whyToSlack(needs: string | undefined): string {
  if (needs === undefined) return 'it takes longer than usual';
  const [network, , ...limited] = needs.split(':');
  if (network !== 'slack') return "the homeserver can't be reached";
  return limited.length > 0
    ? 'Slack limits how much may be sent there in a short time'
    : "Slack can't be reached";
}

/** The row first: after a crash it is known what may stand in the room. */
async function send(marker: Marker, mark: WaitingMark, words = ''): Promise<void> {
  if (await marker.store.begin(mark)) await put(marker, mark, words);
}

/** One that was begun, and nobody knows whether it is there: sending it again is the same effect. */
async function putAgain(marker: Marker, mark: WaitingMark): Promise<void> {
  if (mark.kind === 'told' || mark.event !== undefined || marker.refused.has(factOf(mark))) return;
  await put(
    marker,
    mark,
    `${sign} Messages wait to be sent to Slack. Nothing is lost; it goes on by itself.`,
  );
}

async function put(marker: Marker, mark: WaitingMark, words: string): Promise<void> {
  const event = await putOrRefuse(marker, mark, words);
  if (event !== undefined) await marker.store.placed(mark, event);
}

/** A room that doesn't take it goes without. */
async function putOrRefuse(marker: Marker, mark: WaitingMark, words: string): Promise<EventId | undefined> {
  const { matrix, log } = marker.context;
  const { room, target } = mark;
  const key = { fact: factOf(mark), part: mark.kind };
  try {
    const event =
      target === undefined
        ? await matrix.send(matrix.bot, room, { kind: 'notice', text: textDoc(words) }, key)
        : await matrix.react(matrix.bot, room, target, { key: sign }, key);
    marker.pauses.over(room);
    return event;
  } catch (error) {
    noteBusy(marker, room, error);
    if (!(error instanceof CannotBridge)) throw error;
    marker.refused.add(key.fact);
    log.debug('A room takes no sign that something waits', { reason: error.reason });
    return undefined;
  }
}

function factOf({ lane, subject, at }: WaitingMark): string {
  return `waiting:${lane}:${subject}:${at}`;
}

async function takeAway(marker: Marker, mark: WaitingMark): Promise<void> {
  const { store, refused } = marker;
  const isPut = mark.kind !== 'told' && !refused.has(factOf(mark));
  const event = isPut ? (mark.event ?? (await putOrRefuse(marker, mark, sign))) : undefined;
  if (event !== undefined) await redact(marker, mark, event);
  await store.remove(mark);
  refused.delete(factOf(mark));
}

async function redact(marker: Marker, mark: WaitingMark, event: EventId): Promise<void> {
  const { matrix, log } = marker.context;
  const key = { fact: factOf(mark), part: `${mark.kind}:over` };
  try {
    await matrix.redact(matrix.bot, mark.room, event, key);
    marker.pauses.over(mark.room);
  } catch (error) {
    noteBusy(marker, mark.room, error);
    if (!(error instanceof CannotBridge)) throw error;
    log.debug('A sign that something waited could not be taken away', { reason: error.reason });
  }
}

/** What is only slow, or limited by Slack, isn't worth words to people who can't see the room; that Matrix is away is. */
async function tellPeople(telling: Telling, items: readonly WaitingItem[]): Promise<void> {
  const { context, store, place: lane, marks } = telling;
  if (lane.needs === undefined || lane.needs.startsWith('slack')) return;
  const told = new Set(marks.map(({ subject }) => subject));
  for (const message of items.flatMap((item) => writtenBy(context, item) ?? [])) {
    const { author, threadTs } = message;
    if (told.has(author.id) || told.size >= mostTold) continue;
    told.add(author.id);
    const { room } = lane.portal;
    const mark = {
      lane: lane.lane,
      kind: 'told',
      subject: author.id,
      room,
      at: context.clock.now(),
    } as const;
    if (!(await store.begin(mark))) continue;
    await sayTo(context, message, author.id, threadTs);
  }
}

const inMatrixLater =
  "Matrix can't be reached just now. What you write here waits and is shown in the Matrix room as soon as it can be; nothing is lost.";

/** A kindness: where Slack can't take it now, the person goes without. */
async function sayTo(
  { notices, log }: PortalContext,
  message: SlackMessage,
  person: SlackMessage['author']['id'],
  threadTs: SlackMessage['threadTs'],
): Promise<void> {
  try {
    await notices.toPerson(message, person, inMatrixLater, threadTs);
  } catch (error) {
    if (!(error instanceof TryLater)) throw error;
    log.debug('A person in Slack could not be told that something waits', { error });
  }
}

function writtenBy({ slack }: PortalContext, item: WaitingItem): SlackMessage | undefined {
  if (item.from !== 'slack' || item.event?.type !== 'message') return undefined;
  const { event } = item;
  return event.author.type === 'user' && !slack.isOurs(event) ? event : undefined;
}
