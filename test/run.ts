// `npm test`: starts what the selected tests need (PostgreSQL, Synapse), runs them with node:test, and reports.
import { run } from 'node:test';
import { SynapseUnavailable } from '../sandbox/synapse/unavailable.ts';
import { CannotStart } from '../src/errors.ts';
import { databaseVariable, startPostgresServer } from './support/postgres-server.ts';
import { lastLine, reportRun } from './support/report.ts';
import { selectTests, usage } from './support/select-tests.ts';
import type { Selection } from './support/select-tests.ts';
import { homeserverVariable, startSharedSynapse } from './support/synapse.ts';

/** A file that takes longer hangs. In milliseconds. */
const fileLimit = { ordinary: 300_000, long: 3_600_000 };

/** Bridges that one test file may start on the shared homeserver, restarts of the same one not counted. */
const slotsPerFile = 3;

const say = (text: string): void => {
  process.stdout.write(text);
};

/** Starts the servers that the tests need and nobody has named yet, and tells the test processes about them. */
async function startServers(selection: Selection): Promise<readonly (() => Promise<void>)[]> {
  const stops: (() => Promise<void>)[] = [];
  if (selection.withDatabase > 0 && !process.env[databaseVariable]) {
    const server = await startPostgresServer();
    process.env[databaseVariable] = server.url;
    stops.push(() => server.stop());
  }
  if (selection.withHomeserver > 0 && !process.env[homeserverVariable]) {
    const slots = slotsPerFile * selection.withHomeserver;
    const server = await startSharedSynapse(slots, (line) => say(`${line}\n`));
    process.env[homeserverVariable] = server.file;
    stops.push(() => server.stop());
  }
  return stops;
}

async function runTests(selection: Selection): Promise<boolean> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const timeout = selection.files.some((file) => file.includes('/test/long/'))
    ? fileLimit.long
    : fileLimit.ordinary;
  const events = run({ files: selection.files, concurrency: 2, timeout, signal: interrupted.signal });
  const counts = await reportRun(events, say);
  say(`\n${lastLine(counts)}\n`);
  return counts.failed === 0 && counts.passed > 0 && !interrupted.signal.aborted;
}

/** Absent when the command line is wrong, which has been said then. */
function selected(): Selection | undefined {
  try {
    return selectTests(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return undefined;
  }
}

async function main(): Promise<boolean> {
  const selection = selected();
  if (!selection) return false;
  const stops = await startServers(selection);
  try {
    return await runTests(selection);
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SynapseUnavailable) && !(error instanceof CannotStart)) throw error;
  console.error(error.message); // written for people: without a stack
  process.exitCode = 1;
}
