import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import type { PartResult, PartRun } from '../part.ts';
import { flowFigures, isComplete, runFlow } from './flow.ts';
import type { FlowResult } from './flow.ts';
import { warmUp } from './load.ts';
import { startNullWorld } from './null-world.ts';
import type { NullWorld, RunningBridge } from './null-world.ts';

/** Lanes have found their processes by then, in milliseconds. */
const sharing = 8_000;

/** One, two and three processes on one database; each conversation's events come to all of them in turn. */
export async function measureProcesses({ options, build, ends, say }: PartRun): Promise<PartResult> {
  const world = await startNullWorld(
    { ...options, build, seed: { portals: 100, ghosts: 100, messages: 0 } },
    ends,
  );
  const figures: Figure[] = [];
  const results: FlowResult[] = [];
  const bridges: RunningBridge[] = [];
  for (const count of [1, 2, 3]) {
    bridges.push(await world.startBridge());
    say(`Measuring ${count} ${count === 1 ? 'process' : 'processes'} …`);
    await warmUp(world, bridges, 100);
    await sleep(count === 1 ? 0 : sharing);
    const result = await runFlow(world, bridges, {
      way: 'slack_to_matrix',
      messages: options.load / 2,
      places: 100,
    });
    results.push(result);
    figures.push(...flowFigures(`processes.${count}`, result));
    if (count > 1) figures.push(await spread(world, count));
  }
  return { figures, complete: results.every(isComplete) };
}

/** The lanes of the busiest process, beside its fair share. */
async function spread(world: NullWorld, count: number): Promise<Figure> {
  const most = await world.ask(
    `select max(held) * ${count}.0 / sum(held) from (
      select count(*) as held from lane where owner is not null group by owner) lanes`,
  );
  return figure(`processes.${count}.most_lanes`, most, '×', { atMost: 1.3 });
}
