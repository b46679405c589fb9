import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import { randomFrom } from '../../support/random.ts';
import type { Random } from '../../support/random.ts';
import { sumOf } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { changesDiffer, edit, react } from './changes.ts';
import { lateTexts, openInbox } from './inbox-view.ts';
import type { Late } from './inbox-view.ts';
import { roomMessages } from './room-messages.ts';
import type { Stream } from './stream.ts';

export interface SteadyOptions {
  /** The mean time between two messages of one writer, in milliseconds. */
  readonly every: number;
  readonly random: Random;
  /** Which side writes; absent: both. */
  readonly from?: 'slack' | 'matrix';
  /** Every fourth message from Matrix is edited, and somebody reacts to it. */
  readonly changes?: boolean;
  /** Told what is missing in the end. */
  readonly say?: (line: string) => void;
}

/** People on both sides who write, in every room and channel, until they are stopped. */
export interface SteadyTraffic {
  /** So many messages have been written. */
  written(): number;
  /** So many of them don't stand on the other side yet. */
  missing(): Promise<number>;
  /** Nobody writes any more when this resolves. */
  stop(): Promise<void>;
  /**
   * Waits until everything has arrived, or the bridge has had nothing to do for long, or for `timeout` milliseconds; then what
   * became of it.
   */
  verdict(timeout: number): Promise<Verdict>;
}

/** How long nothing may happen before what is missing counts as lost, in milliseconds. */
const still = 20_000;
/** How long after the last arrival something would show that comes twice, in milliseconds. */
const quiet = 2_000;
const look = 1_000;
/** Items of one room that may wait while people write. */
const mostWaiting = 6;

export function startSteadyTraffic(
  scene: Scene,
  rooms: readonly LinkedRoom[],
  options: SteadyOptions,
): SteadyTraffic {
  const streams = rooms.map((linked): Stream => ({ linked, fromMatrix: [], fromSlack: [] }));
  const stopping = new AbortController();
  const writers = [
    ...(options.from === 'matrix' ? [] : [writeInSlack]),
    ...(options.from === 'slack' ? [] : [writeInMatrix]),
  ];
  const crowded = watchBacklog(scene, rooms.length * mostWaiting, stopping.signal);
  const writing = streams.flatMap((stream) =>
    writers.map((write) => {
      // Each has chance of their own: what else the scenario leaves to chance doesn't depend on who is faster.
      const random = randomFrom(Math.floor(options.random() * 2 ** 32));
      const pause = async (): Promise<void> => {
        do
          await sleep(options.every * 2 * random(), undefined, { signal: stopping.signal }).catch(
            () => undefined,
          );
        while (crowded() && !stopping.signal.aborted);
      };
      return write(scene, stream, { ...options, pause }, stopping.signal);
    }),
  );
  const written = (): number =>
    streams.reduce((sum, { fromMatrix, fromSlack }) => sum + fromMatrix.length + fromSlack.length, 0);
  const missing = async (): Promise<number> => {
    let sum = 0;
    for (const stream of streams) sum += (await missingIn(scene, stream)).length;
    return sum;
  };

  return {
    written,
    missing,
    async stop() {
      stopping.abort();
      await Promise.all(writing);
    },
    async verdict(timeout) {
      await untilNothingMoves(scene, missing, timeout);
      await scene.slack.control.idle({});
      await sleep(quiet);
      const late = await lateTexts(scene, streams);
      for (const stream of streams) await tellMissing(scene, stream, options.say);
      const verdicts: Verdict[] = [];
      for (const stream of streams) verdicts.push(await verdictOf(scene, stream, late.get(stream) ?? none));
      return sumOf(verdicts);
    },
  };
}

interface Writing extends Pick<SteadyOptions, 'changes'> {
  /** Between two messages. */
  readonly pause: () => Promise<void>;
}

/** Whether more items than this wait: then nobody writes, so that a slow machine isn't asked for more than it can do. */
function watchBacklog(scene: Scene, most: number, signal: AbortSignal): () => boolean {
  let waiting = 0;
  const watch = async (): Promise<void> => {
    const inbox = await openInbox(scene);
    while (!signal.aborted) {
      waiting = await inbox.waiting();
      await sleep(look, undefined, { signal }).catch(() => undefined);
    }
    await inbox.close();
  };
  void watch();
  return () => waiting > most;
}

async function writeInMatrix(
  { alice, bob }: Scene,
  { linked, fromMatrix }: Stream,
  { pause, changes = false }: Writing,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const number = fromMatrix.length;
    const [writer, other] = number % 2 === 0 ? [alice, bob] : [bob, alice];
    const text = `from Matrix ${linked.channel.name} ${number}`;
    const changed = changes && number % 4 === 3;
    const event = await writer.say(linked.room, text);
    fromMatrix.push({ text, event, changed });
    if (changed) {
      await edit(writer, linked.room, event, text);
      await react(other, linked.room, event);
    }
    await pause();
  }
}

async function writeInSlack(
  { slack }: Scene,
  { linked, fromSlack }: Stream,
  { pause }: Writing,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const number = fromSlack.length;
    const text = `from Slack ${linked.channel.name} ${number}`;
    const ts = slack.say(linked.channel, text, { user: number % 2 === 0 ? slack.ann : slack.ben });
    fromSlack.push({ text, ts });
    await pause();
  }
}

async function missingIn(
  scene: Scene,
  { linked, fromMatrix, fromSlack }: Stream,
): Promise<readonly string[]> {
  const inSlack = new Set(textsInSlack(scene, linked));
  const inMatrix = new Set(await textsInMatrix(scene, linked));
  const missing = [
    ...fromMatrix.filter(({ text }) => !inSlack.has(text)),
    ...fromSlack.filter(({ text }) => !inMatrix.has(text)),
  ];
  return missing.map(({ text }) => text);
}

async function tellMissing(scene: Scene, stream: Stream, say: SteadyOptions['say']): Promise<void> {
  const missing = await missingIn(scene, stream);
  if (missing.length > 0) say?.(`missing: ${missing.join(', ')}`);
}

/** What an edit added isn't part of the text by which a message is known. */
function textsInSlack({ slack }: Scene, { channel }: LinkedRoom): readonly string[] {
  return slack.posts(channel).map((post) => shown(post).replace(/ \(edited\)$/, ''));
}

/** Nor is the name before what the bot says for somebody whose ghost was removed. */
async function textsInMatrix(scene: Scene, { room }: LinkedRoom): Promise<readonly string[]> {
  return (await roomMessages(scene, room)).map(({ body }) => body.replace(/^\*\*[^*]+:\*\* /, ''));
}

const none: Late = { slack: new Set(), matrix: new Set() };

async function untilNothingMoves(
  scene: Scene,
  missing: () => Promise<number>,
  timeout: number,
): Promise<void> {
  const inbox = await openInbox(scene);
  const deadline = Date.now() + timeout;
  let last = { left: -1, at: Date.now() };
  while (Date.now() < deadline) {
    const left = await missing();
    const waiting = await inbox.waiting();
    if (left + waiting === 0) break;
    if (left !== last.left || waiting > 0) last = { left, at: Date.now() };
    if (Date.now() - last.at > still) break;
    await sleep(look);
  }
  await inbox.close();
}

async function verdictOf(scene: Scene, stream: Stream, late: Late): Promise<Verdict> {
  const { linked, fromMatrix, fromSlack } = stream;
  const textOf = ({ text }: { readonly text: string }): string => text;
  const all = [
    arrivalOf(fromMatrix.map(textOf), textsInSlack(scene, linked), late.matrix),
    arrivalOf(fromSlack.map(textOf), await textsInMatrix(scene, linked), late.slack),
  ];
  return {
    sent: fromMatrix.length + fromSlack.length,
    lost: all.flatMap(({ lost }) => lost).length,
    doubled: all.flatMap(({ doubled }) => doubled).length,
    outOfOrder: all.flatMap(({ outOfOrder }) => outOfOrder).length,
    late: late.matrix.size + late.slack.size,
    stateDiffers: changesDiffer(scene, stream),
  };
}
