import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure } from '../support/figure.ts';
import type { Figure } from '../support/figure.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Mutation, Watcher } from './mutations.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** A test that was begun and waits for what a lost guard keeps from happening ends, too. */
const testOptions = ['--test', '--test-force-exit', '--test-timeout=120000'];

/** What a test needs of the project besides its dependencies. */
const copied = [
  'package.json',
  'config',
  'docs',
  'registration.example.yaml',
  'sandbox',
  'scripts',
  'src',
  'stubs',
  'test',
];

/** A test file that takes longer hangs, in milliseconds: it has failed. */
const limit = 300_000;

/** A copy of the project in which guards are taken out one at a time. */
export interface Copy {
  /** Whether the tests of the watcher pass as the copy is. */
  passes(watcher: Watcher): Promise<boolean>;
  /**
   * Takes one guard out, runs its watcher, and puts the guard back. True when the tests fail.
   *
   * @throws Error when the mutation doesn't fit the sources any more, or what it makes of them can't even be loaded.
   */
  catches(mutation: Mutation): Promise<boolean>;
  remove(): Promise<void>;
}

export async function copyProject(): Promise<Copy> {
  const folder = temporaryFolder('mutate');
  for (const name of copied) await cp(join(project, name), join(folder.path, name), { recursive: true });
  for (const name of ['node_modules', '.cache']) await symlink(join(project, name), join(folder.path, name));
  const passes = async ({ file, tests }: Watcher): Promise<boolean> => {
    const pattern = tests === undefined ? [] : [`--test-name-pattern=${tests.source}`];
    return (await statusOf([...testOptions, ...pattern, file], folder.path)) === 0;
  };
  return {
    passes,
    async catches(mutation) {
      const path = join(folder.path, mutation.file);
      const whole = await readFile(path, 'utf8');
      await writeFile(path, mutated(whole, mutation));
      try {
        if (path.endsWith('.ts') && (await statusOf([path], folder.path)) !== 0)
          throw new Error(`The mutation ${mutation.guard} makes ${mutation.file} unreadable: correct it.`);
        return !(await passes(mutation.watcher));
      } finally {
        await writeFile(path, whole);
      }
    },
    remove: () => folder.remove(),
  };
}

/** @throws Error when the place isn't there, or there are several. */
export function mutated(whole: string, { guard, file, from, to }: Mutation): string {
  const places = whole.split(from).length - 1;
  if (places !== 1)
    throw new Error(
      `The mutation ${guard} is stale: what it replaces is ${places} times in ${file}. Correct it.`,
    );
  return whole.replace(from, () => to);
}

/** The exit status of a node process that says nothing; 1 when it takes too long. */
async function statusOf(args: readonly string[], cwd: string): Promise<number> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // else the runner believes that it reports to another one
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'ignore', detached: true });
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), limit);
  const [status] = (await once(child, 'exit')) as readonly unknown[]; // node's types say any
  clearTimeout(timer);
  return typeof status === 'number' ? status : 1;
}

/** Takes out each guard in turn. First the tests that watch them must pass as everything is. */
export async function runMutations(
  mutations: readonly Mutation[],
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const copy = await copyProject();
  try {
    const watchers = new Map(mutations.map(({ watcher }) => [watcher.file, watcher.file] as const));
    let failed = 0;
    for (const file of watchers.keys()) {
      const ok = await copy.passes({ file });
      say(`${ok ? 'passes' : 'FAILS'} with every guard in place: ${file}`);
      if (!ok) failed += 1;
    }
    const figures = [figure('mutate.control.failed', failed, 'times', { atMost: 0 })];
    for (const mutation of mutations) {
      const { guard, promise, watcher } = mutation;
      const caught = await copy.catches(mutation);
      say(`${caught ? 'caught' : 'NOT CAUGHT'} without ${guard} (${promise}): ${watcher.file}`);
      figures.push(figure(`mutate.${guard}.caught`, caught ? 1 : 0, 'times', { atLeast: 1 }));
    }
    return figures;
  } finally {
    await copy.remove();
  }
}
