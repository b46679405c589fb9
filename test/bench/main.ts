// `npm run bench`: measures the bridge, on servers that it starts itself.
import { writeFile } from 'node:fs/promises';
import { SynapseUnavailable } from '../../sandbox/synapse/unavailable.ts';
import { CannotStart } from '../../src/errors.ts';
import { figureTable } from '../support/figure.ts';
import type { Figure } from '../support/figure.ts';
import { measureBesideSynapse } from './beside-synapse.ts';
import { buildBridge } from './build.ts';
import { measureFiles } from './files/files.ts';
import { measureGrowth } from './load/growth.ts';
import { measureLoad } from './load/load.ts';
import { measureProcesses } from './load/processes.ts';
import { measureStart } from './load/start.ts';
import { measureConverters } from './converters.ts';
import { describeMachine } from './machine.ts';
import { parseBenchOptions, usage, WrongArgument } from './options.ts';
import type { BenchOptions, PartName } from './options.ts';
import type { PartResult, PartRun } from './part.ts';
import type { Ends } from './servers.ts';

const parts: Readonly<Record<PartName, (run: PartRun) => Promise<PartResult>>> = {
  synapse: measureBesideSynapse,
  load: measureLoad,
  start: measureStart,
  growth: measureGrowth,
  processes: measureProcesses,
  files: measureFiles,
  converters: measureConverters,
};

process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  const options = parsed();
  if (!options) return 1;
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const ends: Ends = [];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stopAll(ends).finally(() => process.exit(1)));
  }
  try {
    return await bench(options, ends);
  } catch (error) {
    if (!(error instanceof SynapseUnavailable) && !(error instanceof CannotStart)) throw error;
    console.error(error.message); // written for people: without a stack
    return 1;
  } finally {
    await stopAll(ends);
  }
}

/** Absent when the command line is wrong, which has been said then. */
function parsed(): BenchOptions | undefined {
  try {
    return parseBenchOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return undefined;
  }
}

async function bench(options: BenchOptions, ends: Ends): Promise<number> {
  const started = performance.now();
  console.log(`${describeMachine()}\n`);
  const say = (line: string): void => console.error(line);
  say('Compiling the bridge …');
  const build = await buildBridge();
  const results: PartResult[] = [];
  for (const name of options.only) {
    results.push(await parts[name]({ options, build, ends, say }));
    await stopAll(ends);
    // after each part, so that what was measured is there whatever becomes of the next
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify(figuresOf(results), null, 2)}\n`);
  }
  const figures = figuresOf(results);
  console.log(`\n${figureTable(figures)}\n`);
  const missed = figures.filter(({ ok }) => !ok).length;
  const goals = figures.filter(({ goal }) => goal !== null).length;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${goals - missed} of ${goals} goals reached, in ${seconds} s.`);
  const complete = results.every((result) => result.complete);
  if (!complete) console.log('Messages were lost or doubled: that must not happen, however slow it is.');
  return complete ? 0 : 1;
}

function figuresOf(results: readonly PartResult[]): readonly Figure[] {
  return results.flatMap(({ figures }) => figures);
}

async function stopAll(ends: Ends): Promise<void> {
  for (const end of ends.splice(0).toReversed()) await end();
}
