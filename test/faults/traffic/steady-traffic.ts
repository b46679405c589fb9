import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import type { Random } from '../../support/random.ts';
import { sumOf } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { changesDiffer, edit, react } from './changes.ts';
import { openInboxView } from './inbox-view.ts';
import type { InboxView } from './inbox-view.ts';
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
      const inbox = await openInboxView(scene.databaseUrl);
      try {
        await untilNothingMoves(missing, inbox, timeout);
        await scene.slack.control.idle({});
        await sleep(quiet);
        const verdicts: Verdict[] = [];
        for (const stream of streams) verdicts.push(await verdictOf(scene, stream, inbox));
        return sumOf(verdicts);
      } finally {
        await inbox.close();
      }
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
/** Nor is the name before what the bot says for somebody whose ghost was removed. */

/** What an edit added isn't part of the text by which a message is known. */
function textsInSlack({ slack }: Scene, { channel }: LinkedRoom): readonly string[] {
  return slack.posts(channel).map((post) => shown(post).replace(/ \(edited\)$/, ''));
}

function textsInMatrix({ alice }: Scene, { room }: LinkedRoom): readonly string[] {
  return alice
    .room(room)
    .messages()
    .map(({ body }) => body.replace(/^\*\*[^*]+:\*\* /, ''));
}

async function untilNothingMoves(missing: () => number, inbox: InboxView, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  let last = { left: -1, at: Date.now() };
  while (Date.now() < deadline) {
    const left = missing();
    const waiting = await inbox.waiting();
    if (left + waiting === 0) return;
    if (left !== last.left || waiting > 0) last = { left, at: Date.now() };
    if (Date.now() - last.at > still) return;
    await sleep(look);
  }
}

async function verdictOf(scene: Scene, stream: Stream, inbox: InboxView): Promise<Verdict> {
  const { linked, fromMatrix, fromSlack } = stream;
  const order = await inbox.late(fromSlack, fromMatrix);
  const toSlack = arrivalOf(
    fromMatrix.map(({ text }) => text),
    textsInSlack(scene, linked),
    order.fromMatrix,
  );
  const toMatrix = arrivalOf(
    fromSlack.map(({ text }) => text),
    textsInMatrix(scene, linked),
    order.fromSlack,
  );
  const all = [toSlack, toMatrix];
  return {
    sent: fromMatrix.length + fromSlack.length,
    lost: all.flatMap(({ lost }) => lost).length,
    doubled: all.flatMap(({ doubled }) => doubled).length,
    outOfOrder: all.flatMap(({ outOfOrder }) => outOfOrder).length,
    late: order.fromMatrix.size + order.fromSlack.size,
    stateDiffers: changesDiffer(scene, stream),
  };
}
