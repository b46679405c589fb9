import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../../support/bridge.ts';
import { randomFrom } from '../../support/random.ts';
import { planActs } from './acts.ts';
import type { Act, ActOptions } from './acts.ts';
import { compare } from './compare.ts';
import type { Side, Stream } from './compare.ts';
import { followDeliveries } from './deliveries.ts';
import { matrixHand, slackHand } from './hands.ts';
import { endPatience, readWaiting } from './inbox.ts';
import type { Judgement } from './judge.ts';
import { readLate } from './late.ts';
import type { Late } from './late.ts';
import { perform, watchBacklog } from './pace.ts';
import type { PeopledRoom } from './people.ts';

export interface ConversationOptions extends Pick<
  ActOptions,
  'changes' | 'random' | 'reach' | 'deletesRoots'
> {
  /** From each side, unless it is ended before; absent: until it is ended. */
  readonly messages?: number;
  /** Acts a second from each side: one that takes longer holds up the others. */
  readonly rate: number;
  /** Who writes; absent: both. */
  readonly from?: Side;
  /**
   * While more events of a side wait in the bridge its people wait, too, so that a slow machine isn't asked for more than it
   * can do. Absent: 50, and 5 for each room.
   */
  readonly mostWaiting?: number;
  /** Slack tells of all that is written there in any order: nothing has a place in it. Absent: it doesn't. */
  readonly inAnyOrder?: boolean;
  /** See `followDeliveries`; absent: as long as Slack waits. */
  readonly acknowledgedWithin?: number;
}

/** People of many rooms write on both sides at once; in each room and side one after the other. */
export interface Conversation extends Disposable {
  /** Resolves when all is written. */
  readonly written: Promise<void>;
  /** Nobody writes anything more; resolves when that is so. Who is at something in Matrix repeats it until it is taken. */
  end(): Promise<void>;
  isWritten(): boolean;
  /** How many acts were done by now. */
  done(): number;
  /** The ids of all messages that were written by now. */
  said(): readonly string[];
  /** Before the bridge's database is put back: what came late until then is forgotten there, but not in the rooms. */
  noteLate(): Promise<void>;
  /**
   * After all is written: waits until both ends are as the model and nothing is under way, or nothing moves any more, and
   * a little longer for what comes twice; then compares.
   *
   * In a hurry, when nothing is to complain of, what is parked has waited long enough: the bridge waits half a minute for a
   * message, and one that was deleted before it came never comes. What it does then must change nothing. While something
   * is to complain of nobody helps.
   *
   * @param timeout milliseconds: when nothing changes for so long they are compared in any case.
   */
  settled(timeout: number, inAHurry?: boolean): Promise<Judgement>;
  /** Nobody goes on with anything: for a scenario that failed. */
  [Symbol.dispose](): void;
}

/** From each side: more than anybody writes until it is ended. */
const enough = 20_000;

export function startConversation(
  scene: Scene,
  rooms: readonly PeopledRoom[],
  options: ConversationOptions,
): Conversation {
  const { mostWaiting = 50 + 5 * rooms.length, inAnyOrder = false } = options;
  const ended = new AbortController();
  const abandoned = new AbortController();
  const streams = streamsOf(scene, rooms, options, abandoned.signal);
  const deliveries = followDeliveries(scene.slack.sandbox, options.acknowledgedWithin);
  const backlog = watchBacklog(scene.databaseUrl);
  const writeIn = (side: Side): Promise<void> =>
    perform(ofSide(streams, side), {
      rate: options.rate,
      // each side has chance of its own: what else the scenario leaves to chance doesn't depend on who is faster
      random: randomFrom(Math.floor(options.random() * 2 ** 32)),
      isTooMuch: () => backlog.waiting()[side] > mostWaiting,
      ended: ended.signal,
    });
  let isWritten = false;
  const written = Promise.all([writeIn('matrix'), writeIn('slack')]).then(() => {
    backlog.stop();
    isWritten = true;
  });
  void written.catch((error: unknown) => {
    if (!abandoned.signal.aborted) throw error; // ends the scenario, whatever it waits for
  });
  const noted: Late[] = [];
  const look = (): Promise<Judgement> => compare(scene, streams, deliveries, inAnyOrder ? 'any' : noted);
  return {
    written,
    isWritten: () => isWritten,
    done: () => streams.reduce((sum, { begun }) => sum + begun, 0),
    said: () =>
      streams.flatMap(({ acts, begun }) =>
        acts.slice(0, begun).flatMap(({ type, id }) => (type === 'say' ? id : [])),
      ),
    async end() {
      ended.abort();
      await written;
    },
    async noteLate() {
      noted.push(await readLate(scene.databaseUrl, deliveries));
    },
    async settled(timeout, inAHurry = false) {
      await untilStill(scene, look, { timeout: inAHurry ? Math.min(timeout, hurried) : timeout, inAHurry });
      await scene.slack.control.idle({});
      await sleep(quiet);
      deliveries.stop();
      return look();
    },
    [Symbol.dispose]() {
      ended.abort();
      abandoned.abort();
      backlog.stop();
      deliveries.stop();
    },
  };
}

function ofSide(streams: readonly Stream[], side: Side | undefined): readonly Stream[] {
  return side === undefined ? streams : streams.filter(({ from }) => from === side);
}

function streamsOf(
  { slack }: Scene,
  rooms: readonly PeopledRoom[],
  { messages = enough, from, ...options }: ConversationOptions,
  abandoned: AbortSignal,
): readonly Stream[] {
  const streams = rooms.flatMap((room, index): readonly Stream[] => {
    const share = Math.floor(messages / rooms.length) + (index < messages % rooms.length ? 1 : 0);
    const plan = (prefix: string, { length: people }: readonly unknown[]): readonly Act[] =>
      planActs({ ...options, prefix, messages: share, people });
    const { matrixPeople, slackPeople } = room;
    const inMatrix = plan(`M${index}`, matrixPeople);
    const inSlack = plan(`S${index}`, slackPeople);
    return [
      { room, from: 'matrix', acts: inMatrix, hand: matrixHand(room, abandoned), begun: 0 },
      { room, from: 'slack', acts: inSlack, hand: slackHand(slack.control, room), begun: 0 },
    ];
  });
  return ofSide(streams, from);
}

/** Who is in a hurry waits no longer than this without a change, and can still say what is to complain of. Milliseconds. */
const hurried = 60_000;

/** How long after the last change something would show that comes twice, in milliseconds. */
const quiet = 2_000;

/** Waits until the bridge has nothing left to do and nothing is to complain of, or nothing has changed for `timeout`. */
async function untilStill(
  { databaseUrl }: Scene,
  look: () => Promise<Judgement>,
  { timeout, inAHurry }: { readonly timeout: number; readonly inAHurry: boolean },
): Promise<void> {
  let last = { seen: '', at: performance.now() };
  for (;;) {
    const { matrix, slack, parked } = await readWaiting(databaseUrl);
    const isOver = matrix + slack === 0 && (parked === 0 || inAHurry);
    const complaints = isOver ? (await look()).complaints : undefined;
    if (complaints?.length === 0) {
      if (parked === 0) return;
      await endPatience(databaseUrl);
    }
    const seen = JSON.stringify([matrix, slack, parked, complaints]);
    if (seen !== last.seen) last = { seen, at: performance.now() };
    if (performance.now() - last.at > timeout) return;
    await sleep(500);
  }
}
