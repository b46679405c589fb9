import { setTimeout as sleep } from 'node:timers/promises';
import { waitForReadiness } from '../../support/bridge/web-side.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { sceneOnOwnHomeserver } from '../outage/own-homeserver.ts';
import type { OwnHomeserver } from '../outage/own-homeserver.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { nextFromSlack } from '../support/reading.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  readonly rooms: number;
  /** Messages a second of each room and side. */
  readonly perSecond: number;
  /** In seconds. */
  readonly before: number;
  readonly away: number;
  readonly after: number;
  /** From each side: the quick form writes no more while a slow machine starts a homeserver. */
  readonly messages?: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 1, perSecond: 5, before: 0.5, away: 2, after: 0.5, messages: 30 },
  short: { rooms: 3, perSecond: 3, before: 5, away: 20, after: 5 },
  long: { rooms: 5, perSecond: 3, before: 20, away: 60, after: 20 },
};

/** While the homeserver is away people go on writing in Slack, and in Matrix their clients try again and again. */
export const r4: Scenario = {
  id: 'R4',
  title: 'the homeserver is stopped for a minute while people write',
  minutes: { quick: 0.4, short: 1.5, long: 4 },
  async run(run) {
    const plan = plans[run.size];
    const own = await sceneOnOwnHomeserver(plan.rooms);
    try {
      return await stopAndStart(run, plan, own);
    } finally {
      await own.close();
    }
  },
};

async function stopAndStart(run: Run, plan: Plan, own: OwnHomeserver): Promise<readonly Figure[]> {
  const { scene, rooms, synapse } = own;
  using conversation = startConversation(scene, rooms, {
    ...plan,
    rate: plan.rooms * plan.perSecond,
    changes: false,
    random: run.random,
    mostWaiting: Infinity,
  });
  await sleep(plan.before * 1000);
  const before = new Set(conversation.said());
  await synapse.kill('SIGTERM');
  run.say(`the homeserver is stopped after ${before.size} messages`);
  await waitForReadiness(scene.webUrl, ({ parts }) => parts['homeserver']?.ok === false, 60_000);
  await sleep(plan.away * 1000);
  await synapse.restart();
  const back = performance.now();
  const first = await nextFromSlack(scene, rooms, before);
  const seconds = (first - back) / 1000;
  run.say(`first delivery ${seconds.toFixed(2)} s after it answers again`);
  await sleep(plan.after * 1000);
  await conversation.end();
  const verdict = await conversation.settled(90_000, run.size === 'quick');
  sayComplaints(verdict, run.say);
  const expected = 0.6 * plan.rooms * plan.perSecond * (plan.before + plan.away + plan.after);
  return [
    ...verdictFigures('R4', verdict, Math.floor(expected)),
    figure('R4.first_delivery', seconds, 's', run.size === 'quick' ? null : { atMost: 5 }),
  ];
}
