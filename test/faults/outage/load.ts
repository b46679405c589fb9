import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MatrixRefusal } from '../../../sandbox/matrix-user/api.ts';
import type { MatrixUser } from '../../../sandbox/matrix-user.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import { followDeliveries } from '../support/deliveries.ts';
import type { Verdict } from '../verdict.ts';
import { judge, missing, textsInMatrix } from './judge.ts';
import type { Stream } from './judge.ts';

/** People on both sides who write into all rooms and channels, until they are told to stop. Each text says its number. */
export interface Load extends Disposable {
  /** How many texts were written so far, on both sides. */
  written(): number;
  /** Those that were written in Slack. */
  fromSlack(): readonly string[];
  /** The texts that don't stand on the other side (yet). */
  missing(): readonly string[];
  /** All texts that stand in Matrix. */
  inMatrix(): ReadonlySet<string>;
  /**
   * Waits until a text from Slack stands in Matrix that isn't one of these; the time (as `performance.now()`) when it was
   * seen.
   */
  nextInMatrix(there: ReadonlySet<string>): Promise<number>;
  /** They end the sentence that they are at: a person in Matrix repeats it until the homeserver takes it. */
  stop(): Promise<void>;
  /** After `stop`: waits until all stands on the other side, or nothing has come for `patience` milliseconds, and compares. */
  verdict(patience: number): Promise<Verdict>;
  /** Nobody goes on with anything: for a scenario that failed. */
  [Symbol.dispose](): void;
}

export interface LoadOptions {
  /** In each channel, by two people in turn. */
  readonly slackPerSecond: number;
  /** The pause between two messages of a room, in milliseconds; before it each waits for the homeserver's answer. */
  readonly matrixPause: number;
  /** Of each room and side; then its people are silent. Absent: no limit. */
  readonly most?: number;
}

interface Signals {
  readonly stopped: AbortSignal;
  readonly abandoned: AbortSignal;
}

/** How long after the last arrival something would show that comes twice, in milliseconds. */
const quiet = 2_000;

export function startLoad(scene: Scene, rooms: readonly LinkedRoom[], options: LoadOptions): Load {
  const streams: readonly Stream[] = rooms.map((linked) => ({ linked, fromSlack: [], fromMatrix: [] }));
  const deliveries = followDeliveries(scene.slack.sandbox);
  const stopping = new AbortController();
  const abandoning = new AbortController();
  const signals = { stopped: stopping.signal, abandoned: abandoning.signal };
  const writers = streams.flatMap((stream) => [
    writeInSlack(scene, stream, options, signals),
    writeInMatrix(scene, stream, options, signals),
  ]);
  const inMatrix = (): ReadonlySet<string> =>
    new Set(rooms.flatMap((linked) => textsInMatrix(scene, linked)));
  const allMissing = (): readonly string[] => streams.flatMap((stream) => missing(scene, stream));
  return {
    missing: allMissing,
    written: () =>
      streams.reduce((sum, stream) => sum + stream.fromSlack.length + stream.fromMatrix.length, 0),
    fromSlack: () => streams.flatMap((stream) => stream.fromSlack.map(({ text }) => text)),
    inMatrix,
    async nextInMatrix(there) {
      await eventually(
        () => [...inMatrix()].some((text) => text.startsWith('S ') && !there.has(text)),
        () => 'Nothing came from Slack.',
        240_000,
        50,
      );
      return performance.now();
    },
    async stop() {
      stopping.abort();
      await Promise.all(writers);
    },
    async verdict(patience) {
      await untilNothingComes(() => allMissing().length, patience);
      await sleep(quiet);
      return judge(scene, streams, deliveries);
    },
    [Symbol.dispose]() {
      stopping.abort();
      abandoning.abort();
      deliveries.stop();
    },
  };
}

/** However slow the machine is: what still comes isn't lost. */
async function untilNothingComes(left: () => number, patience: number): Promise<void> {
  let last = { left: left(), at: performance.now() };
  while (last.left > 0 && performance.now() - last.at < patience) {
    await sleep(500);
    const now = left();
    if (now !== last.left) last = { left: now, at: performance.now() };
  }
}

async function writeInSlack(
  { slack }: Scene,
  { linked, fromSlack }: Stream,
  { slackPerSecond, most = Infinity }: LoadOptions,
  { stopped }: Signals,
): Promise<void> {
  while (!stopped.aborted && fromSlack.length < most) {
    const number = fromSlack.length;
    const [user, author] = number % 2 === 0 ? [slack.ann, 'Ann'] : [slack.ben, 'Ben'];
    const text = `S ${linked.channel.name} ${number}`;
    fromSlack.push({ text, author });
    slack.say(linked.channel, text, { user });
    await sleep(1000 / slackPerSecond, undefined, { signal: stopped }).catch(() => undefined);
  }
}

async function writeInMatrix(
  { alice, bob }: Scene,
  { linked, fromMatrix }: Stream,
  { matrixPause, most = Infinity }: LoadOptions,
  { stopped, abandoned }: Signals,
): Promise<void> {
  while (!stopped.aborted && fromMatrix.length < most) {
    const number = fromMatrix.length;
    const [person, author] = number % 2 === 0 ? [alice, 'Alice'] : [bob, 'Bob'];
    const text = `M ${linked.channel.name} ${number}`;
    fromMatrix.push({ text, author });
    await sayUntilTaken(person, linked.room, text, abandoned);
    await sleep(matrixPause, undefined, { signal: stopped }).catch(() => undefined);
  }
}

/** Says something and, while the homeserver can't be reached, says it again as one and the same, like any client. */
async function sayUntilTaken(
  person: MatrixUser,
  room: string,
  text: string,
  abandoned: AbortSignal,
): Promise<void> {
  const body = { msgtype: 'm.text', body: text, 'm.mentions': {} };
  const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/${randomUUID()}`;
  while (!abandoned.aborted) {
    try {
      await person.api.call('PUT', path, {
        body,
        signal: AbortSignal.any([abandoned, AbortSignal.timeout(20_000)]),
      });
      return;
    } catch (error) {
      if (error instanceof MatrixRefusal && error.status < 500) throw error;
      await sleep(200);
    }
  }
}
