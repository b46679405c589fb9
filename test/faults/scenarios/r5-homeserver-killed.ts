import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { startLoad } from '../outage/load.ts';
import { sceneOnOwnHomeserver } from '../outage/own-homeserver.ts';
import type { OwnHomeserver } from '../outage/own-homeserver.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  readonly rooms: number;
  readonly kills: number;
  readonly slackPerSecond: number;
  readonly matrixPause: number;
  /** Texts of each room and side: the quick form writes no more while a slow machine starts a homeserver. */
  readonly most?: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 1, kills: 1, slackPerSecond: 4, matrixPause: 200, most: 30 },
  short: { rooms: 2, kills: 5, slackPerSecond: 8, matrixPause: 50 },
  long: { rooms: 3, kills: 50, slackPerSecond: 8, matrixPause: 50 },
};

/** Each time it is killed amidst sends, and while it tells the bridge what people wrote: it forgets what it had to tell. */
export const r5: Scenario = {
  id: 'R5',
  title: 'the homeserver is killed again and again while people write',
  minutes: { quick: 0.5, short: 2, long: 12 },
  async run(run) {
    const plan = plans[run.size];
    const own = await sceneOnOwnHomeserver(plan.rooms);
    try {
      return await killAgainAndAgain(run, plan, own);
    } finally {
      await own.close();
    }
  },
};

async function killAgainAndAgain(run: Run, plan: Plan, own: OwnHomeserver): Promise<readonly Figure[]> {
  const { scene, rooms, synapse } = own;
  const { slackPerSecond, kills } = plan;
  using load = startLoad(scene, rooms, plan);
  let killed = 0;
  for (; killed < kills; killed += 1) {
    await sleep(200 + run.random() * 1500);
    await synapse.kill('SIGKILL');
    const before = new Set(load.fromSlack());
    await synapse.restart();
    await load.nextInMatrix(before);
    run.say(`killed ${killed + 1} times, ${load.written()} messages`);
  }
  await load.stop();
  const verdict = await load.verdict(90_000);
  return [
    figure('R5.kills', killed, 'times', { atLeast: kills }),
    ...verdictFigures('R5', verdict, plan.rooms * kills * slackPerSecond),
  ];
}
