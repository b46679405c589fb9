import { relative } from 'node:path';
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** How many tests did what. A suite is not counted, unless it failed for a reason of its own. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

type Result = EventData.TestPass | EventData.TestFail;

/** What a file has told since it started, or since its last report. */
interface FileRecord {
  readonly output: string[];
  readonly results: Result[];
}

/**
 * Follows a run of `node:test`. Writes a line for each file as it ends, with its failures, their reasons and what the file had
 * printed, and all failed tests' names once more at the end.
 */
export async function reportRun(
  events: AsyncIterable<TestEvent>,
  write: (text: string) => void,
): Promise<Counts> {
  const records = new Map<string, FileRecord>();
  const counts: Counts[] = [];
  const failed: string[] = [];
  for await (const event of events) {
    const file = fileOf(event);
    if (file === undefined) continue;
    const record = records.get(file) ?? { output: [], results: [] };
    records.set(file, take(record, event));
    if (!endsFile(event, file)) continue;
    // What still comes for this file is a failure of the file as a whole: it gets a report of its own.
    records.delete(file);
    counts.push(countsOf(record));
    failed.push(...failuresOf(record).map((failure) => `  ${nameOf(failure, record)}`));
    write(fileReport(relative('.', file), record));
  }
  if (failed.length > 0) write(`\nFailed:\n${failed.join('\n')}\n`);
  return sum(counts);
}

/** The last line of a run, alone on its line; programs read it. */
export function lastLine(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

function fileOf(event: TestEvent): string | undefined {
  switch (event.type) {
    case 'test:pass':
    case 'test:fail':
    case 'test:stdout':
    case 'test:stderr':
    case 'test:summary':
      return event.data.file;
    default:
      return undefined;
  }
}

function take(record: FileRecord, event: TestEvent): FileRecord {
  if (event.type === 'test:stdout' || event.type === 'test:stderr') record.output.push(event.data.message);
  if (event.type === 'test:pass' || event.type === 'test:fail') record.results.push(event.data);
  return record;
}

/** A file that ran ends with a summary; one that could not run, or has no tests, is itself the test that failed or passed. */
function endsFile(event: TestEvent, file: string): boolean {
  if (event.type === 'test:summary') return true;
  return (event.type === 'test:pass' || event.type === 'test:fail') && event.data.name === file;
}

function failuresOf(record: FileRecord): readonly EventData.TestFail[] {
  return record.results.filter((result) => isFailure(result)).filter((failure) => !onlyInside(failure));
}

function isFailure(result: Result): result is EventData.TestFail {
  return result.details !== undefined && 'error' in result.details && !result.todo;
}

/** Whether a test or suite failed only because something in it failed, which is reported by itself. */
function onlyInside({ details: { error } }: EventData.TestFail): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

function countsOf(record: FileRecord): Counts {
  const tests = record.results.filter((result) => isTest(result) && !isFailure(result));
  const skipped = tests.filter((test) => Boolean(test.skip) || Boolean(test.todo)).length;
  return { passed: tests.length - skipped, failed: failuresOf(record).length, skipped };
}

/** A file without tests passes as a whole: that says nothing. */
function isTest(result: Result): boolean {
  return result.details?.type !== 'suite' && result.name !== result.file;
}

function sum(counts: readonly Counts[]): Counts {
  const total = (of: keyof Counts): number => counts.reduce((before, each) => before + each[of], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}

function fileReport(file: string, record: FileRecord): string {
  const counts = countsOf(record);
  const outer = record.results.filter((result) => result.nesting === 0);
  const seconds = outer.reduce((before, { details }) => before + (details?.duration_ms ?? 0), 0) / 1000;
  const head = `${counts.failed > 0 ? '✖' : '✔'} ${file}  ${lastLine(counts)}  (${seconds.toFixed(1)} s)\n`;
  if (counts.failed === 0) return head;
  const failures = failuresOf(record).map(
    (failure) => `\n  ✖ ${nameOf(failure, record)}\n${indent(reasonOf(failure))}\n`,
  );
  const output = record.output.join('').trimEnd();
  return `${head}${failures.join('')}${output && `\n  The file printed:\n${indent(output)}\n`}\n`;
}

/** The test's name behind those of its suites. */
function nameOf(failure: EventData.TestFail, record: FileRecord): string {
  const byId = new Map(record.results.map((result) => [result.testId, result]));
  const names: string[] = [];
  for (
    let at: Result | undefined = failure;
    at;
    at = at.parentId === undefined ? undefined : byId.get(at.parentId)
  ) {
    names.unshift(at.name === at.file ? relative('.', at.name) : at.name);
  }
  return names.join(' › ');
}

function reasonOf({ details: { error }, file, line }: EventData.TestFail): string {
  const { cause } = error;
  const reason = cause instanceof Error ? (cause.stack ?? cause.message) : (cause ?? error.message);
  const text = typeof reason === 'string' ? reason : inspect(reason);
  const deeper =
    cause instanceof Error && cause.cause !== undefined ? `\ncaused by ${inspect(cause.cause)}` : '';
  const shown = text.split('\n').filter((each) => !/^\s+at .*\(?node:internal/.test(each));
  return `${shown.join('\n')}${deeper}${file ? `\nin ${relative('.', file)}:${line ?? 1}` : ''}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
