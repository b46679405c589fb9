import { figure } from '../../support/figure.ts';
import type { PartResult, PartRun } from '../part.ts';
import type { Ends } from '../servers.ts';
import { isComplete, runFlow } from './flow.ts';
import type { FlowResult } from './flow.ts';
import { warmUp } from './load.ts';
import { startNullWorld } from './null-world.ts';
import type { Seed } from './seed.ts';

const little: Seed = { portals: 10, ghosts: 10, messages: 0 };
const much: Seed = { portals: 1_000, ghosts: 10_000, messages: 1_000_000 };

/** Whether a message costs the same where much is known already: the same flows beside little and beside much. */
export async function measureGrowth(run: PartRun): Promise<PartResult> {
  const small = await flowsBeside(little, run);
  const large = await flowsBeside(much, run);
  const ways = ['slack_to_matrix', 'matrix_to_slack'] as const;
  return {
    figures: ways.flatMap((way, index) => {
      const [before, after] = [small[index], large[index]];
      if (!before || !after) return [];
      const costs = [before, after].map(({ bridgeCpu, flow }) => bridgeCpu / flow.messages);
      const database = [before, after].map(({ postgresCpu, flow }) => postgresCpu / flow.messages);
      const [less = NaN, more = NaN] = costs;
      return [
        figure(`growth.${way}.cpu.little`, less, 'ms/message'),
        figure(`growth.${way}.cpu.much`, more, 'ms/message'),
        figure(`growth.${way}.cpu.ratio`, more / less, '×', { atMost: 1.2 }),
        figure(`growth.${way}.cpu.postgres.little`, database[0] ?? NaN, 'ms/message'),
        figure(`growth.${way}.cpu.postgres.much`, database[1] ?? NaN, 'ms/message'),
      ];
    }),
    complete: [...small, ...large].every(isComplete),
  };
}

async function flowsBeside(seed: Seed, { options, build, say }: PartRun): Promise<readonly FlowResult[]> {
  const ends: Ends = [];
  try {
    say(`${seed.portals} portals, ${seed.ghosts} ghosts, ${seed.messages} messages that are known …`);
    const world = await startNullWorld({ ...options, build, seed }, ends);
    const bridge = await world.startBridge();
    await warmUp(world, [bridge], 10);
    const flow = { messages: options.load / 2, places: 10 };
    return [
      await runFlow(world, [bridge], { way: 'slack_to_matrix', ...flow }),
      await runFlow(world, [bridge], { way: 'matrix_to_slack', ...flow }),
    ];
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}
