import { setTimeout as sleep } from 'node:timers/promises';
import type { LinkedRoom, Scene } from '../bridge.ts';
import { arrivalOf } from './arrival.ts';
import type { Arrival } from './arrival.ts';
import { eventually } from './eventually.ts';
import { arrivalsFromMatrix, lateAmong } from './late.ts';
import { sayForSure } from './matrix-side.ts';
import { shown } from './slack-side.ts';

/** Uniquely numbered messages that people on both sides write into several rooms and channels at once. */
export interface Traffic {
  /** Resolves when all is written, on both sides. */
  readonly written: Promise<void>;
  /** So many of them stand on the other side by now. */
  inSlack(): number;
  inMatrix(): number;
  /** Waits until everything arrived, then a little longer for what comes twice; what became of each room's texts. */
  settled(
    timeout: number,
  ): Promise<{ readonly toSlack: readonly Arrival[]; readonly toMatrix: readonly Arrival[] }>;
}

interface Stream {
  readonly linked: LinkedRoom;
  readonly fromMatrix: readonly string[];
  readonly fromSlack: readonly string[];
}

/** How long after the last arrival something would show that comes twice, in milliseconds. */
const quiet = 1_500;

/** Two people on each side write `count` messages, spread over the rooms, one after the other in each. */
export function startTraffic(scene: Scene, rooms: readonly LinkedRoom[], count: number): Traffic {
  const streams = rooms.map((linked, index) => streamOf(linked, index, rooms.length, count));
  const writing = streams.flatMap(({ linked, fromMatrix, fromSlack }) => [
    writeInMatrix(scene, linked, fromMatrix),
    writeInSlack(scene, linked, fromSlack),
  ]);
  const toSlack = (late?: ReadonlySet<string>): readonly Arrival[] =>
    streams.map(({ linked, fromMatrix }) => arrivalOf(fromMatrix, textsInSlack(scene, linked), late));
  const toMatrix = (): readonly Arrival[] => {
    const late = sentAgain(scene);
    return streams.map(({ linked, fromSlack }) => arrivalOf(fromSlack, textsInMatrix(scene, linked), late));
  };
  const missing = (): readonly string[] => [...toSlack(), ...toMatrix()].flatMap(({ lost }) => lost);

  return {
    written: Promise.all(writing).then(() => undefined),
    inSlack: () => count - lostIn(toSlack()),
    inMatrix: () => count - lostIn(toMatrix()),
    async settled(timeout) {
      await eventually(
        () => missing().length === 0,
        () => `Missing: ${JSON.stringify(missing())}`,
        timeout,
        250,
      );
      await scene.slack.control.idle({});
      await sleep(quiet);
      return { toSlack: toSlack(await sentLate(scene, rooms)), toMatrix: toMatrix() };
    },
  };
}

function streamOf(linked: LinkedRoom, index: number, rooms: number, count: number): Stream {
  const share = Array.from({ length: count }, (_, number) => number).filter(
    (number) => number % rooms === index,
  );
  const { name } = linked.channel;
  return {
    linked,
    fromMatrix: share.map((number) => `from Matrix ${name} ${number}`),
    fromSlack: share.map((number) => `from Slack ${name} ${number}`),
  };
}

function lostIn(arrivals: readonly Arrival[]): number {
  return arrivals.reduce((sum, { lost }) => sum + lost.length, 0);
}

function textsInSlack({ slack }: Scene, { channel }: LinkedRoom): readonly string[] {
  return slack.posts(channel).map(shown);
}

function textsInMatrix({ alice }: Scene, { room }: LinkedRoom): readonly string[] {
  return alice
    .room(room)
    .messages()
    .map(({ body }) => body);
}

async function writeInMatrix(scene: Scene, { room }: LinkedRoom, texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) {
    await sayForSure(index % 2 === 0 ? scene.alice : scene.bob, room, text);
  }
}

async function writeInSlack(scene: Scene, { channel }: LinkedRoom, texts: readonly string[]): Promise<void> {
  const { slack } = scene;
  for (const [index, text] of texts.entries()) {
    slack.say(channel, text, { user: index % 2 === 0 ? slack.ann : slack.ben });
    await sleep(20);
  }
}

/** The texts that the homeserver sent after younger ones of their room: the bridge keeps the order in which they come. */
async function sentLate(
  { alice, databaseUrl }: Scene,
  rooms: readonly LinkedRoom[],
): Promise<ReadonlySet<string>> {
  const arrivals = await arrivalsFromMatrix(databaseUrl);
  return new Set(
    rooms.flatMap(({ room }) => {
      const bodies = new Map(
        alice
          .room(room)
          .messages()
          .map(({ eventId, body }) => [eventId, body] as const),
      );
      return lateAmong([...bodies.keys()], arrivals).flatMap((event) => bodies.get(event) ?? []);
    }),
  );
}

/** The texts that Slack delivered at a later try only, after younger ones: the order on the other side isn't theirs. */
function sentAgain({ slack }: Scene): ReadonlySet<string> {
  const entries = slack.control.log({ kind: 'event', name: 'message', limit: 2_000 });
  const again = entries.filter(({ details }) => details['retry'] !== undefined);
  return new Set(again.flatMap(({ details }) => textIn(details['body'])));
}

function textIn(body: unknown): readonly string[] {
  const text = typeof body === 'string' ? /"text":"(from Slack [^"]*)"/.exec(body)?.[1] : undefined;
  return text === undefined ? [] : [text];
}
