import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../../support/bridge.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { compareChannels } from '../traffic/limited-channel.ts';
import { callsTooEarly, recordSlackLog } from '../traffic/slack-log.ts';
import { startSteadyTraffic } from '../traffic/steady-traffic.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  readonly rooms: number;
  /** How long people write, and how long everything may take to arrive afterwards, in milliseconds. */
  readonly writing: number;
  readonly settling: number;
  readonly every: number;
  /** Rounds of comparing channels beside a limited one with calm ones. */
  readonly rounds: number;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { rooms: 2, writing: 3_000, settling: 240_000, every: 100, rounds: 0 },
  short: { rooms: 8, writing: 15_000, settling: 240_000, every: 1_000, rounds: 4 },
  long: { rooms: 20, writing: 240_000, settling: 1_200_000, every: 1_200, rounds: 20 },
};

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
      const rooms: LinkedRoom[] = [];
      for (let number = 1; number <= plan.rooms; number += 1)
        rooms.push(await scene.linkedRoom(`r7-${number}`));
      return [...(await underFaults(scene, rooms, plan, run)), ...(await compared(scene, plan, run))];
    } finally {
      await scene.close();
    }
  },
};

async function underFaults(
  scene: Scene,
  rooms: readonly LinkedRoom[],
  plan: Plan,
  run: Run,
): Promise<readonly Figure[]> {
  const log = recordSlackLog(scene.slack, 'api');
  breakSlack(scene, run);
  const traffic = startSteadyTraffic(scene, rooms, {
    ...plan,
    random: run.random,
    changes: true,
    say: run.say,
  });
  await sleep(plan.writing);
  await traffic.stop();
  run.say(`${traffic.written()} messages are written, ${await traffic.missing()} of them are under way`);
  const verdict = await traffic.verdict(plan.settling);
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
