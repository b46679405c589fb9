import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import type { Random } from '../../support/random.ts';
import { sumOf } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { changesDiffer, edit, react } from './changes.ts';
import { lateTexts, openInbox } from './inbox-view.ts';
import type { Late } from './inbox-view.ts';
import type { Stream } from './stream.ts';

export interface SteadyOptions {
  /** The mean time between two messages of one writer, in milliseconds. */
  readonly every: number;
  readonly random: Random;
  /** Which side writes; absent: both. */
  readonly from?: 'slack' | 'matrix';
  /** Every fourth message from Matrix is edited, and somebody reacts to it. */
  readonly changes?: boolean;
}

/** People on both sides who write, in every room and channel, until they are stopped. */
export interface SteadyTraffic {
  /** So many messages have been written. */
  written(): number;
  /** So many of them don't stand on the other side yet. */
  missing(): number;
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
const look = 500;

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
  const writing = streams.flatMap((stream) =>
    writers.map((write) => write(scene, stream, options, stopping.signal)),
  );
  const written = (): number =>
    streams.reduce((sum, { fromMatrix, fromSlack }) => sum + fromMatrix.length + fromSlack.length, 0);
  const missing = (): number => streams.reduce((sum, stream) => sum + missingIn(scene, stream), 0);

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
      return sumOf(streams.map((stream) => verdictOf(scene, stream, late.get(stream) ?? none)));
    },
  };
}

async function writeInMatrix(
  { alice, bob }: Scene,
  { linked, fromMatrix }: Stream,
  { every, random, changes = false }: SteadyOptions,
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
    await sleep(every * 2 * random(), undefined, { signal }).catch(() => undefined);
  }
}

async function writeInSlack(
  { slack }: Scene,
  { linked, fromSlack }: Stream,
  { every, random }: SteadyOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const number = fromSlack.length;
    const text = `from Slack ${linked.channel.name} ${number}`;
    const ts = slack.say(linked.channel, text, { user: number % 2 === 0 ? slack.ann : slack.ben });
    fromSlack.push({ text, ts });
    await sleep(every * 2 * random(), undefined, { signal }).catch(() => undefined);
  }
}

function missingIn(scene: Scene, { linked, fromMatrix, fromSlack }: Stream): number {
  const inSlack = new Set(textsInSlack(scene, linked));
  const inMatrix = new Set(textsInMatrix(scene, linked));
  const missing = [
    ...fromMatrix.filter(({ text }) => !inSlack.has(text)),
    ...fromSlack.filter(({ text }) => !inMatrix.has(text)),
  ];
  return missing.length;
}

/** What an edit added isn't part of the text by which a message is known. */
function textsInSlack({ slack }: Scene, { channel }: LinkedRoom): readonly string[] {
  return slack.posts(channel).map((post) => shown(post).replace(/ \(edited\)$/, ''));
}

/** Nor is the name before what the bot says for somebody whose ghost was removed. */
function textsInMatrix({ alice }: Scene, { room }: LinkedRoom): readonly string[] {
  return alice
    .room(room)
    .messages()
    .map(({ body }) => body.replace(/^\*\*[^*]+:\*\* /, ''));
}

const none: Late = { slack: new Set(), matrix: new Set() };

async function untilNothingMoves(scene: Scene, missing: () => number, timeout: number): Promise<void> {
  const inbox = await openInbox(scene);
  const deadline = Date.now() + timeout;
  let last = { left: -1, at: Date.now() };
  while (Date.now() < deadline) {
    const left = missing();
    const waiting = await inbox.waiting();
    if (left + waiting === 0) break;
    if (left !== last.left || waiting > 0) last = { left, at: Date.now() };
    if (Date.now() - last.at > still) break;
    await sleep(look);
  }
  await inbox.close();
}

function verdictOf(scene: Scene, stream: Stream, late: Late): Verdict {
  const { linked, fromMatrix, fromSlack } = stream;
  const textOf = ({ text }: { readonly text: string }): string => text;
  const all = [
    arrivalOf(fromMatrix.map(textOf), textsInSlack(scene, linked), late.matrix),
    arrivalOf(fromSlack.map(textOf), textsInMatrix(scene, linked), late.slack),
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
