// `npm run faults`: does to a bridge on real servers what happens in a company's day, and prints what became of the messages.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../bench/machine.ts';
import { figure, figureTable } from '../support/figure.ts';
import type { Figure } from '../support/figure.ts';
import { runMutations } from './mutate.ts';
import { mutations } from './mutations.ts';
import { parseFaultsOptions, usage, WrongArgument } from './options.ts';
import type { FaultsOptions } from './options.ts';
import { readResults, writeResults } from './results.ts';
import type { Result } from './results.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import { startServers } from './servers.ts';
import { stepsOf, together } from './steps.ts';

/** A scenario that takes so much longer than it should hangs, in milliseconds; it counts as failed. */
const limitOf = (scenario: Scenario, size: Result['size']): number =>
  Math.max(size === 'long' ? 30 : 10, (2 * scenario.minutes[size]) / stepsOf(scenario, size)) * 60_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = parsed();
  if (!options) return 1;
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const servers = await startServers();
  let running: ChildProcess | undefined;
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted.abort();
      running?.kill('SIGKILL');
      void servers.stop().finally(() => process.exit(1));
    });
  }
  try {
    return options.mutate
      ? await mutate(options)
      : await runAll(options, interrupted.signal, (child) => (running = child));
  } finally {
    await servers.stop();
  }
}

/** Absent when the command line is wrong, which has been said then. */
function parsed(): FaultsOptions | undefined {
  try {
    return parseFaultsOptions(
      process.argv.slice(2),
      scenarios.map(({ id }) => id),
    );
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return undefined;
  }
}

async function mutate(options: FaultsOptions): Promise<number> {
  const wanted = mutations.filter(
    ({ scenario }) => options.ids.length === 0 || options.ids.includes(scenario),
  );
  const figures = await runMutations(wanted, (line) => console.log(line));
  console.log(`\n${figureTable(figures)}\n`);
  return report(figures, options);
}

async function runAll(
  options: FaultsOptions,
  interrupted: AbortSignal,
  started: (child: ChildProcess) => void,
): Promise<number> {
  const size = options.long ? 'long' : 'short';
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const wanted = scenarios.filter(({ id }) => options.ids.length === 0 || options.ids.includes(id));
  const results = options.resume === undefined ? [] : [...(await readResults(options.resume))];
  const resultsOf = ({ id }: Scenario): readonly Result[] =>
    results.filter((result) => result.id === id && result.size === size);
  const waiting = wanted.flatMap((scenario) => {
    const done = new Set(resultsOf(scenario).map(({ step }) => step));
    const steps = Array.from({ length: stepsOf(scenario, size) }, (_, step) => ({ scenario, step }));
    return steps.filter(({ step }) => !done.has(step));
  });
  announce(waiting, size, seed);
  for (const { scenario, step } of waiting) {
    const steps = stepsOf(scenario, size);
    console.log(`${scenario.id}: ${scenario.title}${steps === 1 ? '' : ` (${step + 1} of ${steps})`}`);
    const result = await runOne({ scenario, step, size, seed: seed + step }, started);
    if (interrupted.aborted) return 1; // it has no result: with `--resume` it begins anew
    results.push(result);
    if (options.resume !== undefined) await writeResults(options.resume, results);
    console.log(`${figureTable(result.figures)}\n${result.seconds.toFixed(0)} s\n`);
  }
  return report(
    wanted.flatMap((scenario) => together(resultsOf(scenario))),
    options,
  );
}

interface Step {
  readonly scenario: Scenario;
  readonly step: number;
}

function announce(waiting: readonly Step[], size: Result['size'], seed: number): void {
  const minutesOf = (scenario: Scenario): number => scenario.minutes[size] / stepsOf(scenario, size);
  const minutes = waiting.reduce((sum, { scenario }) => sum + minutesOf(scenario), 0);
  const lines = waiting.map(
    ({ scenario }) => `  ${scenario.id}  ${duration(minutesOf(scenario))}  ${scenario.title}`,
  );
  console.log(
    `${describeMachine()}\nSeed ${seed}. To run, about ${duration(minutes)}:\n${lines.join('\n')}\n`,
  );
}

function duration(minutes: number): string {
  return minutes < 90 ? `${Math.ceil(minutes)} min` : `${(minutes / 60).toFixed(1)} hours`;
}

async function report(figures: readonly Figure[], { json }: FaultsOptions): Promise<number> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
  const goals = figures.filter(({ goal }) => goal !== null);
  const missed = goals.filter(({ ok }) => !ok);
  if (missed.length > 0) console.log(`Not reached:\n${figureTable(missed)}\n`);
  console.log(`${goals.length - missed.length} of ${goals.length} goals reached.`);
  return missed.length === 0 && goals.length > 0 ? 0 : 1;
}

async function runOne(
  { scenario, step, size, seed }: Step & Pick<Result, 'size' | 'seed'>,
  started: (child: ChildProcess) => void,
): Promise<Result> {
  const { id } = scenario;
  const begin = performance.now();
  const program = fileURLToPath(new URL('run-scenario.ts', import.meta.url));
  const child = fork(program, [id, size, String(seed)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  started(child);
  let figures: readonly Figure[] | undefined;
  child.on('message', (message) => {
    figures = message as readonly Figure[]; // run-scenario.ts sends nothing else
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), limitOf(scenario, size));
  const [status] = (await once(child, 'exit')) as readonly unknown[]; // node's types say any
  clearTimeout(timer);
  const failed = status !== 0 || !figures ? 1 : 0;
  return {
    id,
    size,
    step,
    seed,
    seconds: (performance.now() - begin) / 1000,
    figures: [...(figures ?? []), figure(`${id}.failed`, failed, 'times', { atMost: 0 })],
  };
}
