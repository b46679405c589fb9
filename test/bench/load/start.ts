import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { figure } from '../../support/figure.ts';
import type { PartResult, PartRun } from '../part.ts';
import { memoryOf } from '../process-usage.ts';
import { checkArrived } from './flow.ts';
import { startNullWorld } from './null-world.ts';
import type { NullWorld, RunningBridge } from './null-world.ts';
import { epochNow } from './tally.ts';

const places = 1_000;
/** Stored in one go. */
const portion = 10_000;
/** A backlog that doesn't shrink for so long never will, in milliseconds. */
const patience = 60_000;

/** From nothing to ready: with much that is known, then with much that waits besides. */
export async function measureStart({ options, build, ends, say }: PartRun): Promise<PartResult> {
  say(`Starting with ${places} portals and 10,000 ghosts …`);
  const seed = { portals: places, ghosts: 10_000, messages: 0 };
  const world = await startNullWorld({ ...options, build, seed }, ends);
  const first = await world.startBridge();
  const backlog = Math.ceil((options.load * 5) / portion) * portion;
  say(`Storing ${backlog} messages while the homeserver is away …`);
  await world.homeserver.ask('away', { away: true });
  await fillInbox(world, first, backlog);
  const full = memoryOf(first.process.pid());
  await first.process.stop();
  const waiting = await world.ask(`select count(*) from inbox where state = 'ready'`);
  await Promise.all([world.homeserver.ask('away', { away: false }), world.homeserver.ask('clear')]);
  say(`Starting with ${waiting} messages that wait …`);
  const second = await world.startBridge();
  const ready = epochNow();
  const { firstOut, peak } = await untilEmpty(world, second, backlog);
  const delivery = await checkArrived(world.homeserver, places, backlog / places);
  const done = { atMost: 0 };
  return {
    figures: [
      figure('start.ready', first.readyAfter / 1000, 's', { atMost: 2 }),
      figure('start.backlog', waiting, 'messages'),
      figure('start.backlog.memory', full, 'MiB', { atMost: 250 }),
      figure('start.backlog.ready', second.readyAfter / 1000, 's', { atMost: 3 }),
      figure('start.backlog.first_out', Math.max(0, firstOut - ready) / 1000, 's', { atMost: 1 }),
      figure('start.backlog.memory.most', peak, 'MiB', { atMost: 250 }),
      figure('start.backlog.lost', delivery.lost, 'messages', done),
      figure('start.backlog.doubled', delivery.doubled, 'messages', done),
      figure('start.backlog.out_of_order', delivery.outOfOrder, 'messages', done),
    ],
    complete: delivery.lost + delivery.doubled === 0,
  };
}

async function fillInbox({ slack }: NullWorld, bridge: RunningBridge, messages: number): Promise<void> {
  for (let stored = 0; stored < messages; stored += portion) {
    await slack.ask('prepare', { count: portion, channels: places, from: stored / places });
    await slack.ask('deliver', { ports: [bridge.eventsPort], atOnce: 1 });
  }
}

const arrived = z.object({ count: z.number(), first: z.number() });

async function untilEmpty({ homeserver }: NullWorld, bridge: RunningBridge, messages: number) {
  let [before, changed, peak] = [-1, performance.now(), 0];
  for (;;) {
    const { count, first } = arrived.parse(await homeserver.ask('sent'));
    peak = Math.max(peak, memoryOf(bridge.process.pid()));
    if (count >= messages || performance.now() - changed > patience) return { firstOut: first, peak };
    if (count !== before) [before, changed] = [count, performance.now()];
    await sleep(100);
  }
}
