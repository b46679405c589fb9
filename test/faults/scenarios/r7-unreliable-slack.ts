import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import { sayComplaints } from '../support/judge.ts';
import { linkRooms } from '../support/people.ts';
import { compareChannels } from '../slack/limited-channel.ts';
import { callsTooEarly, recordSlackLog } from '../slack/slack-log.ts';
import type { PeopledRoom } from '../support/people.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  readonly rooms: number;
  /** How long people write, in milliseconds. */
  readonly writing: number;
  /** What they do in a second, in each room and on each side. */
  readonly perSecond: number;
  /** Rounds of comparing channels beside a limited one with calm ones. */
  readonly rounds: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 2, writing: 3_000, perSecond: 15, rounds: 0 },
  short: { rooms: 8, writing: 15_000, perSecond: 1.8, rounds: 4 },
  long: { rooms: 20, writing: 240_000, perSecond: 1.5, rounds: 20 },
};

/** Events of one room and side that may wait while people write. */
const mostWaiting = 6;
/** Longer than an uncertain post holds up its channel several times over, in milliseconds. */
const patience = 240_000;

/** One call in five: as many of each kind. A post that Slack didn't take and didn't refuse costs its channel some 40 s. */
function breakSlack({ slack }: Scene, { size, seed, random }: Run): void {
  const { control } = slack;
  control.seedFaults({ seed });
  const refused = size === 'quick' ? { method: 'chat.update' } : {};
  const faults = [
    { fault: { type: 'rate_limited', retryAfterSeconds: 1 + Math.floor(random() * 3) }, match: {} },
    { fault: { type: 'http_error', status: 500, applied: false }, match: refused },
    { fault: { type: 'http_error', status: 500, applied: true }, match: {} },
    { fault: { type: 'timeout', applied: true, ms: 1_500 }, match: {} },
    { fault: { type: 'reset', applied: true }, match: {} },
  ] as const;
  for (const [index, { fault, match }] of faults.entries()) {
    const probability = 0.04 / (1 - 0.04 * index); // of the calls that the rules before left alone
    control.addFault({ on: 'api', match: { ...match, probability }, fault });
  }
}

export const r7: Scenario = {
  id: 'R7',
  title: 'Slack fails one call in five, in five ways',
  minutes: { quick: 0.2, short: 3, long: 25 },
  async run(run) {
    const plan = plans[run.size];
    const scene = await startScene();
    try {
      const rooms = await linkRooms(scene, plan.rooms, 'r7');
      return [...(await underFaults(scene, rooms, plan, run)), ...(await compared(scene, plan, run))];
    } finally {
      await scene.close();
    }
  },
};

async function underFaults(
  scene: Scene,
  rooms: readonly PeopledRoom[],
  plan: Plan,
  run: Run,
): Promise<readonly Figure[]> {
  const log = recordSlackLog(scene.slack, 'api');
  breakSlack(scene, run);
  using conversation = startConversation(scene, rooms, {
    rate: plan.rooms * plan.perSecond,
    changes: true,
    random: run.random,
    mostWaiting: mostWaiting * plan.rooms,
  });
  await sleep(plan.writing);
  await conversation.end();
  run.say(`${conversation.said().length} messages are written`);
  const verdict = await conversation.settled(patience, run.size === 'quick');
  sayComplaints(verdict, run.say);
  scene.slack.control.clearFaults({});
  log.stop();
  const calls = log.entries();
  const early = callsTooEarly(calls);
  for (const line of early) run.say(`too early: ${line}`);
  const limited = calls.filter(({ outcome }) => outcome === 'rate_limited').length;
  const failed = calls.filter(({ outcome }) => kinds.has(outcome)).length;
  return [
    ...verdictFigures('R7', verdict, plan.rooms * 4),
    figure('R7.failed_calls', failed, 'calls', { atLeast: 1 }),
    figure('R7.limited_calls', limited, 'calls', run.size === 'quick' ? null : { atLeast: 1 }),
    figure('R7.before_retry_after', early.length, 'calls', { atMost: 0 }),
  ];
}

const kinds: ReadonlySet<string> = new Set(['rate_limited', 'http_error', 'timeout', 'reset']);

async function compared(scene: Scene, { rounds }: Plan, run: Run): Promise<readonly Figure[]> {
  if (rounds === 0) return [];
  run.say('one channel is limited');
  const { calm, limited } = await compareChannels(scene, rounds);
  return [
    figure('R7.other_channels.calm_p95', calm, 'ms'),
    figure('R7.other_channels.limited_p95', limited, 'ms'),
    figure('R7.other_channels.slower_p95', limited - calm, 'ms', { atMost: 250 }),
  ];
}
