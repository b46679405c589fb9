import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.ts';
import { readMetrics } from '../../support/bridge/web-side.ts';
import type { MetricsReading } from '../../support/bridge/web-side.ts';
import type { Scene } from '../../support/bridge.ts';
import { pick, planActs } from './acts.ts';
import type { Act } from './acts.ts';
import type { CrowdRoom } from './crowd.ts';
import { followDeliveries } from './deliveries.ts';
import type { Deliveries } from './deliveries.ts';
import { matrixHand, slackHand } from './hands.ts';
import type { Hand } from './hands.ts';
import { judge } from './judge.ts';
import type { Judgement } from './judge.ts';
import { readLate } from './late.ts';
import type { LateAmong } from './late.ts';
import { modelOf } from './model.ts';
import { readChannel, readRoom } from './reading.ts';
import { sumOf } from '../verdict.ts';

export interface ConversationOptions {
  /** From each side, unless it is ended before. */
  readonly messages: number;
  /** Acts a second from each side: one that takes longer holds up the others. */
  readonly rate: number;
  /** Also edits, deletes, reactions and threads, about as many as messages. */
  readonly changes: boolean;
  readonly random: Random;
}

/** People of many rooms write on both sides at once; in each room and side one after the other. */
export interface Conversation {
  /** Resolves when all is written. */
  readonly written: Promise<void>;
  /** Nobody writes anything more; resolves when that is so. */
  end(): Promise<void>;
  isWritten(): boolean;
  /**
   * After all is written: waits until both ends are as the model, or nothing moves any more, and a little longer for
   * what comes twice; then compares. In a hurry it doesn't wait for what is parked: the bridge waits half a minute for
   * a message that was deleted before it came.
   *
   * @param timeout milliseconds: when nothing changes for so long they are compared in any case.
   */
  settled(timeout: number, inAHurry?: boolean): Promise<Judgement>;
}

interface Stream {
  readonly room: CrowdRoom;
  readonly from: 'matrix' | 'slack';
  readonly acts: readonly Act[];
  readonly hand: Hand;
  /** So many of the acts were done, or are being done. */
  begun: number;
}

export function startConversation(
  scene: Scene,
  rooms: readonly CrowdRoom[],
  options: ConversationOptions,
): Conversation {
  const { random, rate, messages } = options;
  const streams = rooms.flatMap((room, index) => {
    const share = Math.floor(messages / rooms.length) + (index < messages % rooms.length ? 1 : 0);
    return streamsOf(scene, room, index, { ...options, messages: share });
  });
  const deliveries = followDeliveries(scene.slack.sandbox);
  const ofSide = (side: Stream['from']): readonly Stream[] => streams.filter(({ from }) => from === side);
  let isWritten = false;
  const ended = new AbortController();
  const write = async (): Promise<void> => {
    const backlog = watchBacklog(scene);
    const writeIn = (side: Stream['from']): Promise<void> => {
      const isTooMuch = (): boolean => backlog.from(side) > 50 + 5 * rooms.length;
      return perform(ofSide(side), { rate, random, isTooMuch, ended: ended.signal });
    };
    await Promise.all([writeIn('matrix'), writeIn('slack')]);
    backlog.stop();
    isWritten = true;
  };
  const written = write();
  const look = (): Promise<Judgement> => compare(scene, streams, deliveries);
  return {
    written,
    isWritten: () => isWritten,
    async end() {
      ended.abort();
      await written;
    },
    async settled(timeout, inAHurry = false) {
      const left = async (): Promise<number> => {
        const metrics = await readMetrics(scene.webUrl);
        return metrics.value('queue_items', inAHurry ? { state: 'ready' } : {});
      };
      await untilStill(left, look, timeout);
      await sleep(quiet);
      deliveries.stop();
      return look();
    },
  };
}

function streamsOf(
  { slack }: Scene,
  room: CrowdRoom,
  index: number,
  { messages, changes, random }: ConversationOptions,
): readonly Stream[] {
  const plan = (prefix: string, people: number): readonly Act[] =>
    planActs({ prefix, messages, people, changes, random });
  const inMatrix = plan(`M${index}`, room.matrixPeople.length);
  const inSlack = plan(`S${index}`, room.slackPeople.length);
  return [
    { room, from: 'matrix', acts: inMatrix, hand: matrixHand(room), begun: 0 },
    { room, from: 'slack', acts: inSlack, hand: slackHand(slack.control, room), begun: 0 },
  ];
}

interface Backlog {
  from(side: Stream['from']): number;
  stop(): void;
}

/** Looks from time to time how many events wait in the bridge; while it is away the last number counts. */
function watchBacklog({ webUrl }: Scene): Backlog {
  let last: MetricsReading | undefined;
  const timer = setInterval(() => {
    readMetrics(webUrl).then(
      (metrics) => (last = metrics),
      () => undefined,
    );
  }, 1000);
  return {
    from: (side) => last?.value('queue_items', { from: side, state: 'ready' }) ?? 0,
    stop: () => clearInterval(timer),
  };
}

/** Acts of different rooms that wait for the network at the same time. */
const mostAtOnce = 12;

interface Pace {
  readonly rate: number;
  /** The bridge has much to do already with what is written here: everybody waits. */
  readonly isTooMuch: () => boolean;
  readonly random: Random;
  readonly ended: AbortSignal;
}

/** Does all acts, those of each stream in order, in any order among the streams, about `rate` a second. */
async function perform(streams: readonly Stream[], { rate, random, isTooMuch, ended }: Pace): Promise<void> {
  const underWay = new Map<Stream, Promise<void>>();
  for (let due = performance.now(); !ended.aborted; due = Math.max(due + 1000 / rate, performance.now())) {
    await sleep(Math.max(0, due - performance.now()));
    while (isTooMuch() && !ended.aborted) await sleep(200);
    while (underWay.size >= mostAtOnce) await Promise.race(underWay.values());
    const left = streams.filter(({ acts, begun }) => begun < acts.length);
    const stream = pick(left, random);
    const act = stream?.acts[stream.begun];
    if (!stream || !act) break;
    await underWay.get(stream);
    stream.begun += 1;
    underWay.set(
      stream,
      stream.hand.act(act).then(() => void underWay.delete(stream)),
    );
  }
  await Promise.all(underWay.values());
}

/** How long after the last change something would show that comes twice, in milliseconds. */
const quiet = 1_500;

/** Waits until the bridge has nothing left to do and nothing is to complain of, or nothing has changed for `timeout`. */
async function untilStill(
  left: () => Promise<number>,
  look: () => Promise<Judgement>,
  timeout: number,
): Promise<Judgement> {
  let last = { seen: '', at: performance.now() };
  for (;;) {
    const waiting = await left();
    const judgement = waiting === 0 ? await look() : undefined;
    if (judgement?.complaints.length === 0) return judgement;
    const seen = JSON.stringify([waiting, judgement?.complaints]);
    if (seen !== last.seen) last = { seen, at: performance.now() };
    if (performance.now() - last.at > timeout) return judgement ?? look();
    await sleep(500);
  }
}

async function compare(scene: Scene, streams: readonly Stream[], deliveries: Deliveries): Promise<Judgement> {
  const late = await readLate(scene.databaseUrl, deliveries);
  const judgements: Judgement[] = [];
  for (const { room, from, acts, begun, hand } of streams) {
    const model = modelOf(acts.slice(0, begun), from === 'matrix');
    const standing = from === 'matrix' ? readChannel(scene, room) : await readRoom(scene, room);
    const own = new Set(model.said);
    judgements.push(
      judge(
        model,
        standing.filter(({ id }) => own.has(id)),
        new Set(
          from === 'matrix'
            ? lateIn(hand, '', late.fromMatrix)
            : lateIn(hand, `${room.channel.id} `, late.fromSlack),
        ),
      ),
    );
  }
  return { ...sumOf(judgements), complaints: judgements.flatMap(({ complaints }) => complaints) };
}

function lateIn({ places }: Hand, prefix: string, lateAmong: LateAmong): readonly string[] {
  const ids = new Map([...places].map(([id, place]) => [prefix + place, id] as const));
  return lateAmong([...ids.keys()]).flatMap((message) => ids.get(message) ?? []);
}
