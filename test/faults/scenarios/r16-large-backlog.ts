import { setTimeout as sleep } from 'node:timers/promises';
import { buildBridge } from '../../bench/build.ts';
import { usageIsKnown } from '../../bench/process-usage.ts';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { readMetrics, waitForReadiness } from '../../support/bridge/web-side.ts';
import { watchMemory } from '../backlog/memory-watch.ts';
import type { MemoryWatch } from '../backlog/memory-watch.ts';
import { readBacklog } from '../backlog/read-backlog.ts';
import { sendBacklog } from '../backlog/send-backlog.ts';
import { sceneOnOwnHomeserver } from '../outage/own-homeserver.ts';
import type { OwnHomeserver } from '../outage/own-homeserver.ts';
import type { Run, Scenario, Size } from '../scenario.ts';
import { countWaiting } from '../support/inbox.ts';
import { verdictFigures } from '../verdict.ts';

interface Plan {
  readonly events: number;
  readonly rooms: number;
  /** Events a second. */
  readonly rate: number;
  /** How long the backlog stays before anything is done, in milliseconds. */
  readonly stays: number;
  /** So many events are to be sent then, or as many as go in so long, in milliseconds. */
  readonly drains: number;
  readonly drainsFor: number;
  /** Compiled and run as the image does it: only so memory and time mean something. */
  readonly compiled: boolean;
}

const plans: Readonly<Record<Size, Plan>> = {
  quick: { events: 1_000, rooms: 2, rate: 1_000, stays: 0, drains: 50, drainsFor: 60_000, compiled: false },
  short: {
    events: 5_000,
    rooms: 10,
    rate: 500,
    stays: 5_000,
    drains: 2_000,
    drainsFor: 60_000,
    compiled: true,
  },
  long: {
    events: 100_000,
    rooms: 20,
    rate: 500,
    stays: 30_000,
    drains: 100_000,
    drainsFor: 15 * 60_000,
    compiled: true,
  },
};

/** Events in memory, however many wait: in all, and of each room. */
const mostItems = 2_000;
const mostOfRoom = 200;
const mostMiB = 250;

export const r16: Scenario = {
  id: 'R16',
  title: 'a hundred thousand events wait for a homeserver that is away',
  minutes: { quick: 0.7, short: 2, long: 29 },
  async run(run) {
    const plan = plans[run.size];
    const build = plan.compiled ? await buildBridge('.cache/faults') : undefined;
    const own = await sceneOnOwnHomeserver(plan.rooms, {
      transport: 'http',
      config: quietly,
      ...(build && { process: build }),
    });
    try {
      return await fillAndDrain(run, plan, own);
    } finally {
      await own.close();
    }
  },
};

const quietly = { logging: { level: 'info' } };

async function fillAndDrain(run: Run, plan: Plan, own: OwnHomeserver): Promise<readonly Figure[]> {
  const { scene, synapse, rooms } = own;
  const { compiled, events } = plan;
  await synapse.kill('SIGTERM');
  await waitForReadiness(scene.webUrl, ({ parts }) => parts['homeserver']?.ok === false, 60_000);
  const filling = watchMemory(scene.bridge.pid(), scene.webUrl);
  await fill(run, plan, own);
  await sleep(Math.max(plan.stays, 1_000));
  const waiting = (await readMetrics(scene.webUrl)).value('queue_items', { from: 'slack', state: 'ready' });
  run.say(`${waiting} events wait, ${memoryText(filling)}`);

  filling.end();
  await scene.bridge.kill();
  await synapse.restart();
  const started = performance.now();
  await scene.bridge.start();
  const seconds = (performance.now() - started) / 1000;
  run.say(`ready after ${seconds.toFixed(2)} s`);
  const draining = watchMemory(scene.bridge.pid(), scene.webUrl);
  await drain(run, own, plan);
  draining.end();
  const left = await stopped(own);
  run.say(`${events - left} events are drained, ${memoryText(draining)}`);
  const verdict = await readBacklog(scene, rooms, { events, left });
  const items = Math.max(filling.mostItems(), draining.mostItems());
  return [
    ...verdictFigures('R16', verdict, events),
    figure('R16.waiting', waiting, 'events', { atLeast: events }),
    figure('R16.drained', events - left, 'events', { atLeast: 1 }),
    figure('R16.items_in_memory', items, 'events', {
      atMost: Math.min(mostItems, plan.rooms * mostOfRoom),
    }),
    ...(usageIsKnown ? memoryFigures(filling, draining, compiled) : []),
    figure('R16.start', seconds, 's', compiled ? { atMost: 3 } : null),
  ];
}

function fill(
  run: Run,
  { events, rate }: Plan,
  { scene: { slack, eventsUrl }, rooms }: OwnHomeserver,
): Promise<void> {
  const plan = {
    url: eventsUrl,
    secret: slack.app.signingSecret ?? '',
    team: slack.team.id,
    app: slack.app.id,
    user: slack.ann,
    channels: rooms.map(({ channel }) => channel.id),
    events,
    rate,
    firstSecond: Math.floor(Date.now() / 1000) - Math.ceil(events / 1_000) - 60,
  };
  return sendBacklog(plan, (acknowledged) => {
    if (acknowledged % 10_000 === 0) run.say(`${acknowledged} events are acknowledged`);
  });
}

function memoryText(watch: MemoryWatch): string {
  return `${watch.mostResident().toFixed(0)} MiB and ${watch.mostItems()} events in memory at most`;
}

function memoryFigures(filling: MemoryWatch, draining: MemoryWatch, compiled: boolean): readonly Figure[] {
  const goal = compiled ? { atMost: mostMiB } : null;
  return [
    figure('R16.resident_queued', filling.mostResident(), 'MiB', goal),
    figure('R16.resident_draining', draining.mostResident(), 'MiB', goal),
  ];
}

/** When nothing has left the queue for so long, nothing will, in milliseconds. */
const still = 60_000;

/** Lets the bridge send until enough is sent, or its time is over. */
async function drain(
  run: Run,
  { scene: { webUrl } }: OwnHomeserver,
  { events, drains, drainsFor }: Plan,
): Promise<void> {
  const deadline = performance.now() + drainsFor;
  let last = { left: events, at: performance.now() };
  let told = events;
  for (let now = performance.now(); events - last.left < drains && now < deadline; now = performance.now()) {
    await sleep(Math.min(1_000, deadline - now));
    const left = (await readMetrics(webUrl)).value('queue_items');
    if (left !== last.left) last = { left, at: now };
    if (now - last.at > still) break;
    if (told - left < 10_000) continue;
    told = left;
    run.say(`${left} events wait still`);
  }
}

/** Stops the bridge: what is under way is finished. Returns how many events wait still. */
async function stopped({ scene }: OwnHomeserver): Promise<number> {
  await scene.bridge.stop();
  return countWaiting(scene.databaseUrl);
}
