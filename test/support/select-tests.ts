import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** What a run of the tests consists of. */
export interface Selection {
  /** Absolute paths; those that need the homeserver first, because they take longest. */
  readonly files: readonly string[];
  /** How many of them use the homeserver of `test/support/synapse.ts`. */
  readonly withHomeserver: number;
  /** How many of them use a database of `test/support/database.ts`. */
  readonly withDatabase: number;
  /** How many of them read encrypted rooms with matrix-nio. */
  readonly withNio: number;
  /** Where the tests in a browser leave pictures of what they see; absolute. */
  readonly screenshots?: string;
}

export const usage = `Usage: npm test -- [--live | --long | --browser] [PATH…]
  PATH               a test file, or a folder or the beginning of a path: only those tests
  --live             the tests against a real Slack workspace (test/live)
  --long             the tests that take long (test/long)
  --browser          the tests in a browser (test/browser); CHROMIUM_PATH names it, if it has no usual name
  --screenshots DIR  with those: leaves pictures of the pages there`;

/**
 * The test files that the command line asks for: without paths all but `test/live`, `test/long` and `test/browser`, which have
 * a flag each.
 *
 * @throws Error for an unknown option, or when a path names no tests.
 */
export function selectTests(args: readonly string[]): Selection {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      live: { type: 'boolean' },
      long: { type: 'boolean' },
      browser: { type: 'boolean' },
      screenshots: { type: 'string' },
    },
    allowPositionals: true,
  });
  const all = globSync('test/**/*.test.ts', { cwd: project }).toSorted();
  const named = positionals.flatMap((path) => matching(all, path));
  const folder = values.live ? 'live' : values.long ? 'long' : values.browser ? 'browser' : '';
  const flagged = all.filter((file) => folderOf(file) === folder);
  const files = positionals.length > 0 ? [...new Set(named)] : flagged;
  if (files.length === 0) throw new Error('No tests match.');

  const absolute = files.map((file) => resolve(project, file));
  const reach = new Map(absolute.map((file) => [file, reachable(file)]));
  const uses = (support: string) => (file: string) =>
    reach.get(file)?.has(resolve(project, support)) === true;
  const homeserver = absolute.filter(uses('test/support/synapse.ts'));
  return {
    files: [...homeserver, ...absolute.filter((file) => !homeserver.includes(file))],
    withHomeserver: homeserver.length,
    withDatabase: absolute.filter(uses('test/support/database.ts')).length,
    withNio: absolute.filter(uses('test/support/crypto/nio.ts')).length,
    ...(values.screenshots !== undefined && { screenshots: resolve(values.screenshots) }),
  };
}

/** `live`, `long`, `browser`, or nothing for the ordinary tests. */
function folderOf(file: string): string {
  return /^test\/(live|long|browser)\//.exec(file)?.[1] ?? '';
}

function matching(all: readonly string[], path: string): readonly string[] {
  const wanted = relative(project, resolve(path));
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return [wanted];
  const found = all.filter((file) => file === wanted || file.startsWith(wanted));
  if (found.length === 0) throw new Error(`No tests match ${path}.`);
  return found;
}

/** Every file of the project that `file` imports, directly or by another one. */
function reachable(file: string, known = new Set<string>()): ReadonlySet<string> {
  for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const path = resolve(dirname(file), target);
    if (known.has(path) || !existsSync(path)) continue;
    known.add(path);
    reachable(path, known);
  }
  return known;
}
