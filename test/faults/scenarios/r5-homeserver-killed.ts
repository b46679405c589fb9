import { setTimeout as sleep } from 'node:timers/promises';
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
  readonly kills: number;
  /** Messages a second of each room and side. */
  readonly perSecond: number;
  /** From each side: the quick form writes no more while a slow machine starts a homeserver. */
  readonly messages?: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 1, kills: 1, perSecond: 4, messages: 30 },
  short: { rooms: 2, kills: 5, perSecond: 10 },
  long: { rooms: 3, kills: 50, perSecond: 10 },
};

/** A machine on which the homeserver takes long to come back isn't asked for more than this after each kill. */
const mostWaiting = 600;

/** Each time it is killed amidst sends, and while it tells the bridge what people wrote: it forgets what it had to tell. */
export const r5: Scenario = {
  id: 'R5',
  title: 'the homeserver is killed again and again while people write',
  minutes: { quick: 0.5, short: 2, long: 12 },
  steps: 2,
  async run(run) {
    const whole = plans[run.size];
    const plan = { ...whole, kills: Math.ceil(whole.kills * run.share) };
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
  const { perSecond, kills } = plan;
  using conversation = startConversation(scene, rooms, {
    ...plan,
    rate: plan.rooms * perSecond,
    changes: false,
    random: run.random,
    mostWaiting,
  });
  let killed = 0;
  for (; killed < kills; killed += 1) {
    await sleep(200 + run.random() * 1500);
    await synapse.kill('SIGKILL');
    const before = new Set(conversation.said());
    await synapse.restart();
    await nextFromSlack(scene, rooms, before);
    run.say(`killed ${killed + 1} times, ${conversation.said().length} messages`);
  }
  await conversation.end();
  const verdict = await conversation.settled(90_000, run.size === 'quick');
  sayComplaints(verdict, run.say);
  return [
    figure('R5.kills', killed, 'times', { atLeast: kills }),
    ...verdictFigures('R5', verdict, plan.rooms * kills * perSecond),
  ];
}
