import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import type { PartResult, PartRun } from '../part.ts';
import { memoryOf } from '../process-usage.ts';
import { flowFigures, isComplete, runFlow } from './flow.ts';
import type { FlowGoals, FlowResult } from './flow.ts';
import { startNullWorld } from './null-world.ts';
import type { NullWorld, RunningBridge } from './null-world.ts';
import type { Seed } from './seed.ts';

/** A bridge that is quiet for half a minute gives memory back: what it occupies at rest is measured. In milliseconds. */
const atRest = 45_000;
/** Before anything is measured, each way: ghosts are made, code is compiled, caches fill. */
const warming = 10_000;

const small: Seed = { portals: 100, ghosts: 100, messages: 0 };

export async function warmUp(
  world: NullWorld,
  bridges: readonly RunningBridge[],
  places: number,
): Promise<void> {
  for (const way of ['slack_to_matrix', 'matrix_to_slack'] as const)
    await runFlow(world, bridges, { way, messages: warming, places });
}

const goals = {
  toMatrix: { throughput: 2_500, cpu: 0.6, statements: 0.2 },
  toMatrixInTen: { throughput: 2_000, cpu: 0.6, statements: 0.2 },
  toSlack: { throughput: 1_000, cpu: 1, statements: 1.2 },
} as const;

/** What one process carries each way, and what it occupies meanwhile. */
export async function measureLoad({ options, build, ends, say }: PartRun): Promise<PartResult> {
  const world = await startNullWorld({ ...options, build, seed: small }, ends);
  const bridge = await world.startBridge();
  await sleep(atRest);
  const idle = memoryOf(bridge.process.pid());
  say('Warming up …');
  const warm = await runFlow(world, [bridge], { way: 'slack_to_matrix', messages: 10_000, places: 100 });
  await sleep(atRest);
  const after = memoryOf(bridge.process.pid());
  await warmUp(world, [bridge], 100);

  const results: FlowResult[] = [warm];
  const measure = async (way: 'slack_to_matrix' | 'matrix_to_slack', places: number, goals: FlowGoals) => {
    say(`Measuring ${options.load} messages, ${way.replaceAll('_', ' ')}, ${places} channels …`);
    const result = await runFlow(world, [bridge], { way, messages: options.load, places });
    results.push(result);
    return flowFigures(`load.${way}.${places}_channels`, result, goals);
  };
  const flows = [
    ...(await measure('slack_to_matrix', 100, goals.toMatrix)),
    ...(await measure('slack_to_matrix', 10, goals.toMatrixInTen)),
    ...(await measure('matrix_to_slack', 100, goals.toSlack)),
  ];
  const again = results.some(({ refused }) => refused > 0);
  return {
    figures: [
      figure('load.memory.idle', idle, 'MiB', { atMost: 150 }),
      figure('load.memory.after_10000', after, 'MiB', { atMost: 180 }),
      ...flows,
      ...(again ? [] : [await storedInOrder(world)]),
    ],
    complete: results.every(isComplete),
  };
}

/**
 * The numbers of the inbox's rows are the sequence of what was stored. What is stored in the order of its writing, and
 * leaves in that order, leaves in the order in which it was stored.
 */
async function storedInOrder(world: NullWorld): Promise<Figure> {
  const wrong = await world.ask(`select count(*) from (
    select src_ts, lag(src_ts) over (partition by lane order by seq) as before
    from inbox where network = 'slack') stored
    where before > src_ts`);
  return figure('load.slack_to_matrix.stored_out_of_order', wrong, 'messages', { atMost: 0 });
}
