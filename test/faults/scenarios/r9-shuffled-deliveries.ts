import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../../support/bridge.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import type { Figure } from '../../support/figure.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { countWaiting } from '../support/inbox.ts';
import { differenceOf, oneStep } from '../traffic/slack-conversation.ts';
import type { Difference } from '../traffic/slack-conversation.ts';
import { sumOf, verdictFigures } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

interface Plan {
  readonly transports: readonly ('socket' | 'http')[];
  readonly rooms: number;
  /** Events of each transport. */
  readonly steps: number;
  /** The time between two of them, and within which each one's copies are delivered, in milliseconds. */
  readonly every: number;
  readonly within: number;
  readonly settling: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { transports: ['socket'], rooms: 1, steps: 100, every: 20, within: 2_000, settling: 240_000 },
  short: {
    transports: ['socket', 'http'],
    rooms: 3,
    steps: 300,
    every: 40,
    within: 10_000,
    settling: 300_000,
  },
  long: {
    transports: ['socket', 'http'],
    rooms: 6,
    steps: 2_500,
    every: 50,
    within: 60_000,
    settling: 900_000,
  },
};

/** At most so often Slack delivers one event. */
const copies = 4;
/** Items of one room that may wait while people go on. */
const mostWaiting = 40;

export const r9: Scenario = {
  id: 'R9',
  title: 'Slack delivers events up to four times, in any order',
  minutes: { quick: 0.2, short: 2, long: 12 },
  async run(run) {
    const plan = plans[run.size];
    const verdicts: Verdict[] = [];
    for (const transport of plan.transports) {
      const scene = await startScene({ transport });
      try {
        verdicts.push(await shuffled(scene, plan, run));
      } finally {
        await scene.close();
      }
    }
    return figures(sumOf(verdicts), plan);
  },
};

function figures(verdict: Verdict, { transports, steps }: Plan): readonly Figure[] {
  return verdictFigures('R9', verdict, transports.length * steps);
}

async function shuffled(scene: Scene, plan: Plan, { seed, random, say }: Run): Promise<Verdict> {
  const { control } = scene.slack;
  const rooms: LinkedRoom[] = [];
  for (let number = 1; number <= plan.rooms; number += 1) rooms.push(await scene.linkedRoom(`r9-${number}`));
  control.seedFaults({ seed });
  control.addFault({ on: 'event', match: {}, fault: { type: 'scatter', copies, ms: plan.within } });
  for (let step = 1; step <= plan.steps; step += 1) {
    // A slow machine isn't asked for more than it can do.
    while ((await countWaiting(scene.databaseUrl)) > rooms.length * mostWaiting) await sleep(1_000);
    const linked = rooms[Math.floor(random() * rooms.length)];
    if (linked) oneStep(scene, linked, step, random);
    await sleep(plan.every);
  }
  await control.idle({});
  say(`all is delivered; ${await differences(scene, rooms)} messages differ`);
  await settled(scene, rooms, plan.settling);
  const found: Difference[] = [];
  for (const linked of rooms) found.push(await differenceOf(scene, linked));
  for (const each of found) if (JSON.stringify(each).length > 40) say(JSON.stringify(each));
  return {
    sent: plan.steps,
    lost: found.flatMap(({ lost }) => lost).length,
    doubled: found.flatMap(({ doubled }) => doubled).length,
    outOfOrder: 0, // events that come in any order are shown as they come
    late: 0,
    stateDiffers: found.flatMap(({ other }) => other).length,
  };
}

async function differences(scene: Scene, rooms: readonly LinkedRoom[]): Promise<number> {
  let sum = 0;
  for (const linked of rooms) {
    const { lost, doubled, other } = await differenceOf(scene, linked);
    sum += lost.length + doubled.length + other.length;
  }
  return sum;
}

/** How long the bridge may have nothing to do while something is missing, in milliseconds. */
const still = 15_000;
const quiet = 2_000;

/** Until rooms and channels are the same, or the bridge has no more to do; then what comes twice has some time to come. */
async function settled(scene: Scene, rooms: readonly LinkedRoom[], timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  let busy = Date.now();
  while (Date.now() < deadline && Date.now() - busy < still) {
    if ((await differences(scene, rooms)) === 0) break;
    if ((await countWaiting(scene.databaseUrl)) > 0) busy = Date.now();
    await sleep(1_000);
  }
  await sleep(quiet);
}
