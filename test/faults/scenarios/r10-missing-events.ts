import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import { startScene } from '../../support/bridge.ts';
import type { Scene } from '../../support/bridge.ts';
import { readMetrics } from '../../support/bridge/web-side.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { startConversation } from '../support/conversation.ts';
import type { Conversation } from '../support/conversation.ts';
import { gatherCrowd } from '../support/crowd.ts';
import { fastClock } from '../support/fast-clock.ts';
import type { FastClock } from '../support/fast-clock.ts';
import { sayComplaints } from '../support/judge.ts';
import { verdictFigures } from '../verdict.ts';

interface Extent {
  readonly rooms: number;
  /** On each side. */
  readonly people: number;
  /** Each way; more than half of them are written while the bridge is down. */
  readonly messages: number;
  /** A second, each way. */
  readonly rate: number;
  /** Of the events while the bridge runs. */
  readonly dropped: number;
}

const extents: Readonly<Record<Size, Extent>> = {
  quick: { rooms: 2, people: 3, messages: 24, rate: 15, dropped: 0.15 },
  short: { rooms: 8, people: 8, messages: 400, rate: 15, dropped: 0.01 },
  long: { rooms: 40, people: 20, messages: 5000, rate: 15, dropped: 0.01 },
};

const outage = 2 * 60 * 60_000;
/** Slack's clock while the bridge runs: people don't edit twice within one of its seconds. */
const pace = 20;
const patience = 180_000;

export const r10: Scenario = {
  id: 'R10',
  title: 'Slack drops one event in a hundred, and everything while the bridge is down for two hours',
  minutes: { quick: 0.3, short: 2, long: 15 },
  async run(run) {
    const extent = extents[run.size];
    const clock = fastClock();
    const scene = await startScene({ config: { logging: { level: 'info' } }, slackClock: clock });
    try {
      const rooms = await gatherCrowd(scene, extent);
      run.say(`${extent.rooms} rooms are linked`);
      scene.slack.control.seedFaults({ seed: run.seed });
      const match = { probability: extent.dropped };
      const { id } = scene.slack.control.addFault({ on: 'event', match, fault: { type: 'drop' } });
      using conversation = startConversation(scene, rooms, { ...extent, changes: true, random: run.random });
      // about as many changes as messages; the bridge sees the first two fifths
      const about = (2 * extent.messages * 1000) / extent.rate;
      await passing(clock, about * 0.4, about * 0.4 * pace);
      const dropped = scene.slack.control.faults({}).find((rule) => rule.id === id)?.acted ?? 0;
      await outageOf(scene, conversation, clock, about * 0.6);
      run.say(`${dropped} events were dropped, ${(clock.ahead() / 3_600_000).toFixed(1)} hours passed`);
      const verdict = await conversation.settled(patience, run.size === 'quick');
      sayComplaints(verdict, run.say);
      return [
        ...verdictFigures('R10', verdict, 2 * extent.messages),
        figure('R10.dropped', dropped, 'events', run.size === 'quick' ? null : { atLeast: 1 }),
        figure('R10.found', await foundBy(scene), 'events', { atLeast: extent.messages / 4 }),
        ...(await readings(scene, extent, run)),
      ];
    } finally {
      await scene.close();
    }
  },
};

/** Nothing that is written meanwhile is ever told by an event. */
async function outageOf(
  { bridge, slack }: Scene,
  conversation: Conversation,
  clock: FastClock,
  about: number,
): Promise<void> {
  slack.control.clearFaults({});
  const { id } = slack.control.addFault({ on: 'event', fault: { type: 'drop' } });
  await bridge.stop();
  slack.control.giveUpEvents({});
  await passing(clock, about, outage);
  await conversation.written;
  slack.control.clearFaults({ id });
  await bridge.start();
}

/** Lets so much of Slack's time pass within so much of ours. */
async function passing(clock: FastClock, real: number, time: number): Promise<void> {
  const steps = Math.max(1, Math.ceil(real / 50));
  for (let step = 0; step < steps; step += 1) {
    await sleep(real / steps);
    clock.skip(time / steps - real / steps);
  }
}

/** What history told since the bridge is up again. */
async function foundBy({ webUrl }: Scene): Promise<number> {
  return (await readMetrics(webUrl)).value('found_total', { from: 'slack' });
}

/** Repaired in one pass: each channel was read once after the start. */
async function readings({ webUrl }: Scene, { rooms }: Extent, { size }: Run) {
  const read = (await readMetrics(webUrl)).value('history_readings_total', {
    from: 'slack',
    outcome: 'read',
  });
  return [figure('R10.readings', read, 'times', size === 'quick' ? null : { atMost: 2 * rooms })];
}
