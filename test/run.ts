// `npm test`: starts what the selected tests need (PostgreSQL, Synapse), runs them with node:test, and reports.
import { run } from 'node:test';
import { SynapseUnavailable } from '../sandbox/synapse/unavailable.ts';
import { CannotStart } from '../src/errors.ts';
import { ensureNio } from './support/crypto/nio.ts';
import { databaseVariable, startPostgresServer } from './support/postgres-server.ts';
import { countsOf, failuresOf, fileReport, lastLine, nameOf, recordFile, sum } from './support/report.ts';
import type { FileRecord } from './support/report.ts';
import { selectTests, usage } from './support/select-tests.ts';
import type { Selection } from './support/select-tests.ts';
import { homeserverVariable, startSharedSynapse } from './support/synapse.ts';
import { removeAbandonedFolders, temporaryFolder } from './support/temporary-folder.ts';

/** A file that tells nothing for so long hangs: a test waits for ever, or something keeps its process alive. In milliseconds. */
const quietLimit = { ordinary: 120_000, long: 1_800_000 };

/** Test files that run at the same time. These often wait: beside them goes one more of those that start no bridge. */
const workers = 2;
const startsBridges = (file: string): boolean => /\/test\/(?:bridge|faults|long|browser)\//.test(file);

/** Bridges that one test file may start on the shared homeserver, restarts of the same one not counted. */
const slotsPerFile = 3;

/** Tells the tests in a browser where to leave pictures. */
const screenshotsVariable = 'BROWSER_SCREENSHOTS';

const say = (text: string): void => {
  process.stdout.write(text);
};

/**
 * Starts the servers that the tests need and nobody has named yet, and tells the test processes about them. How to stop each is
 * added to `stops` as soon as it runs.
 */
async function startServers(selection: Selection, stops: (() => Promise<void>)[]): Promise<void> {
  if (selection.withDatabase > 0 && !process.env[databaseVariable]) {
    const server = await startPostgresServer();
    process.env[databaseVariable] = server.url;
    stops.push(() => server.stop());
  }
  if (selection.withNio > 0) await ensureNio((line) => say(`${line}\n`));
  if (selection.withHomeserver > 0 && !process.env[homeserverVariable]) {
    const slots = slotsPerFile * selection.withHomeserver;
    const server = await startSharedSynapse(slots, (line) => say(`${line}\n`));
    process.env[homeserverVariable] = server.file;
    stops.push(() => server.stop());
  }
}

/** Each of the hundreds of processes of a run would compile the same files. */
function shareCompiledFiles(stops: (() => Promise<void>)[]): void {
  if (process.env['NODE_COMPILE_CACHE']) return;
  const compiled = temporaryFolder('compiled');
  process.env['NODE_COMPILE_CACHE'] = compiled.path;
  stops.push(() => compiled.remove());
}

/** Runs one file in a process of its own. */
async function runFile(file: string, interrupted: AbortSignal): Promise<FileRecord> {
  const quiet = new AbortController();
  const limit = file.includes('/test/long/') ? quietLimit.long : quietLimit.ordinary;
  const timer = setTimeout(() => quiet.abort(), limit);
  const events = run({ files: [file], signal: AbortSignal.any([interrupted, quiet.signal]) });
  try {
    return await recordFile(file, events, () => timer.refresh());
  } finally {
    clearTimeout(timer);
  }
}

async function runTests(selection: Selection, interrupted: AbortSignal): Promise<boolean> {
  const waiting = [...selection.files];
  const records: FileRecord[] = [];
  const next = (): string | undefined => waiting.shift();
  const nextLight = (): string | undefined => {
    const at = waiting.findLastIndex((file) => !startsBridges(file));
    return at === -1 ? undefined : waiting.splice(at, 1)[0];
  };
  async function work(take: () => string | undefined): Promise<void> {
    for (let file = take(); file && !interrupted.aborted; file = take()) {
      const record = await runFile(file, interrupted);
      records.push(record);
      say(fileReport(record));
    }
  }
  await Promise.all([...Array.from({ length: workers }, () => work(next)), work(nextLight)]);

  const failed = records.flatMap((record) =>
    failuresOf(record).map((failure) => `  ${nameOf(failure, record)}\n`),
  );
  if (failed.length > 0) say(`\nFailed:\n${failed.join('')}`);
  const counts = sum(records.map(countsOf));
  say(`\n${lastLine(counts)}\n`);
  return counts.failed === 0 && counts.passed > 0 && !interrupted.aborted;
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
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort()).once('SIGTERM', () => interrupted.abort());
  const stops: (() => Promise<void>)[] = [];
  try {
    await removeAbandonedFolders();
    shareCompiledFiles(stops);
    await startServers(selection, stops);
    if (selection.screenshots !== undefined) process.env[screenshotsVariable] = selection.screenshots;
    return await runTests(selection, interrupted.signal);
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
