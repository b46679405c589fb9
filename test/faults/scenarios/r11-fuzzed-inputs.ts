import fc from 'fast-check';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { startScene } from '../../support/bridge.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { readMetrics } from '../../support/bridge/web-side.ts';
import type { Random } from '../../support/random.ts';
import { bytesOf } from '../../fuzz/corpus.ts';
import type { Kind } from '../../fuzz/corpus.ts';
import { fuzzed } from '../../fuzz/fuzzed.ts';
import { aimed, endsTheApp, steers } from '../fuzz/aim.ts';
import type { Aim } from '../fuzz/aim.ts';
import { sendersFor } from '../fuzz/senders.ts';
import type { Send } from '../fuzz/senders.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { gatherCrowd } from '../support/crowd.ts';
import { sayComplaints } from '../support/judge.ts';
import type { Judgement } from '../support/judge.ts';
import { sumOf, verdictFigures } from '../verdict.ts';

type Transport = 'http' | 'socket';

interface Plan {
  readonly transports: readonly Transport[];
  /** Of each kind, over each transport. */
  readonly inputs: number;
  /** Rooms that get nothing but fuzzed inputs, and rooms in which people write. */
  readonly odd: number;
  readonly good: number;
  /** Of people, each way, over each transport. */
  readonly messages: number;
  readonly rate: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { transports: ['http'], inputs: 40, odd: 1, good: 1, messages: 15, rate: 10 },
  short: { transports: ['http', 'socket'], inputs: 400, odd: 2, good: 2, messages: 80, rate: 4 },
  long: { transports: ['http', 'socket'], inputs: 5_000, odd: 4, good: 4, messages: 1_000, rate: 4 },
};

const kinds: readonly Kind[] = ['slack-bodies', 'matrix-events', 'mrkdwn', 'html'];
/** Inputs of one kind that are under way at the same time. */
const atOnce = 4;
/** Of the inputs that steer nothing, one in so many goes among what people write. */
const amongGood = 8;
/** For everything to arrive afterwards, in milliseconds. */
const patience = 240_000;

export const r11: Scenario = {
  id: 'R11',
  title: 'inputs of all kinds that are nearly right, among what people write',
  minutes: { quick: 0.3, short: 2, long: 28 },
  async run(run) {
    const plan = plans[run.size];
    const outcomes: Outcome[] = [];
    for (const transport of plan.transports) outcomes.push(await fuzzScene(transport, plan, run));
    const sum = (count: (outcome: Outcome) => number): number =>
      outcomes.reduce((total, outcome) => total + count(outcome), 0);
    const inputs = plan.transports.length * plan.inputs;
    return [
      ...kinds.map((kind) =>
        figure(
          `R11.${kind.replace('-', '_')}`,
          sum(({ sent }) => sent.get(kind) ?? 0),
          'inputs',
          {
            atLeast: inputs,
          },
        ),
      ),
      figure(
        'R11.crashes',
        sum(({ crashes }) => crashes),
        'times',
        { atMost: 0 },
      ),
      figure(
        'R11.unhandled',
        sum(({ unhandled }) => unhandled),
        'times',
        { atMost: 0 },
      ),
      figure(
        'R11.refused',
        sum(({ refused }) => refused),
        'inputs',
        { atMost: 0 },
      ),
      figure(
        'R11.set_aside',
        sum(({ setAside }) => setAside),
        'inputs',
      ),
      ...verdictFigures(
        'R11',
        sumOf(outcomes.map(({ verdict }) => verdict)),
        2 * plan.transports.length * plan.messages,
      ),
    ] satisfies readonly Figure[];
  },
};

interface Outcome {
  readonly sent: ReadonlyMap<Kind, number>;
  readonly crashes: number;
  /** Errors that nobody expected, by the bridge's log. */
  readonly unhandled: number;
  /** Answered with an error of the bridge, so that the network would send it again. */
  readonly refused: number;
  readonly setAside: number;
  readonly verdict: Judgement;
}

async function fuzzScene(transport: Transport, plan: Plan, run: Run): Promise<Outcome> {
  const scene = await startScene({ transport, config: { logging: { level: 'info' } } });
  try {
    scene.slack.control.settings({ eventsPerHour: 1_000_000 });
    const good = await gatherCrowd(scene, { rooms: plan.good, people: 3 });
    const rooms = await oddRooms(scene, plan.odd + 1);
    const aims: Aims = { steering: rooms.slice(0, 1), odd: rooms.slice(1), good: await aimsAt(scene, good) };
    run.say(`${transport}: the rooms are linked`);
    const pid = scene.bridge.pid();
    using conversation = startConversation(scene, good, { ...plan, changes: true, random: run.random });
    const shots = await shootAll(scene, transport, aims, plan, run);
    run.say(`${transport}: all inputs are sent`);
    await conversation.written;
    const crashes = isAlive(pid) ? 0 : 1;
    const verdict = await conversation.settled(patience);
    sayComplaints(verdict, run.say);
    const unhandled = unexpected(await scene.log());
    for (const line of unhandled.slice(0, 20)) run.say(line);
    const setAside = (await readMetrics(scene.webUrl)).value('dead_letters_total');
    return { ...shots, crashes, unhandled: unhandled.length, setAside, verdict };
  } finally {
    await scene.close();
  }
}

async function oddRooms(scene: Scene, count: number): Promise<readonly Aim[]> {
  const rooms: LinkedRoom[] = [];
  for (let number = 1; number <= count; number += 1) rooms.push(await scene.linkedRoom(`odd-${number}`));
  return aimsAt(scene, rooms);
}

async function aimsAt({ alice, slack }: Scene, rooms: readonly LinkedRoom[]): Promise<readonly Aim[]> {
  const aims: Aim[] = [];
  for (const linked of rooms) {
    const parent = await alice.say(linked.room, 'Odd things are about this one');
    await slack.waitForText(linked.channel, 'Odd things are about this one');
    aims.push({ ...linked, parent });
  }
  return aims;
}

interface Aims {
  readonly steering: readonly Aim[];
  readonly odd: readonly Aim[];
  readonly good: readonly Aim[];
}

async function shootAll(
  scene: Scene,
  transport: Transport,
  aims: Aims,
  { inputs }: Plan,
  { seed, random }: Run,
): Promise<Pick<Outcome, 'sent' | 'refused'>> {
  const sent = new Map<Kind, number>();
  let refused = 0;
  const senders = sendersFor(scene, transport);
  const shoot = async (kind: Kind, index: number): Promise<void> => {
    const send: Send = senders[kind];
    const harmless = fuzzed(kind).filter((input) => !endsTheApp(bytesOf(input)));
    const all = fc.sample(harmless, { numRuns: inputs, seed: seed + index }).entries();
    const work = async (): Promise<void> => {
      for (const [place, input] of all) {
        const number = index * inputs + place;
        const [sample] = aims.odd;
        const isSteering = sample !== undefined && steers(aimed(scene, sample, input, number));
        const status = await send({ kind, input, number, aim: pickAim(aims, isSteering, random) });
        if (status !== undefined && status >= 500) refused += 1;
        sent.set(kind, (sent.get(kind) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  };
  await Promise.all(kinds.map(shoot));
  return { sent, refused };
}

function pickAim({ steering, odd, good }: Aims, isSteering: boolean, random: Random): Aim {
  const among = isSteering ? steering : random() * amongGood < 1 ? good : odd;
  const aim = among[Math.floor(random() * among.length)];
  if (!aim) throw new Error('There is no room for inputs.');
  return aim;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const unexpectedLines =
  /an error that nothing caught|this is a bug|could not be answered|could not be handled/;

function unexpected(log: string): readonly string[] {
  return log.split('\n').filter((line) => unexpectedLines.test(line));
}
