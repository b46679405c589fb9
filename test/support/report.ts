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

/** What one test file told while it ran. */
export interface FileRecord {
  readonly file: string;
  readonly output: readonly string[];
  readonly results: readonly Result[];
}

/** Gathers the events of a run of one file. `onEvent` is called for each of them. */
export async function recordFile(
  file: string,
  events: AsyncIterable<TestEvent>,
  onEvent: () => void,
): Promise<FileRecord> {
  const output: string[] = [];
  const results: Result[] = [];
  for await (const { type, data } of events) {
    onEvent();
    if (type === 'test:stdout' || type === 'test:stderr') output.push(data.message);
    if (type === 'test:pass' || type === 'test:fail') results.push(data);
  }
  return { file, output, results };
}

/** The last line of a run, alone on its line; programs read it. */
export function lastLine(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/** What failed for a reason of its own. */
export function failuresOf(record: FileRecord): readonly EventData.TestFail[] {
  return record.results.filter((result) => isFailure(result)).filter((failure) => !onlyInside(failure));
}

function isFailure(result: Result): result is EventData.TestFail {
  return result.details !== undefined && 'error' in result.details && !result.todo;
}

/** Whether a test or suite failed only because something in it failed, which is reported by itself. */
function onlyInside({ details: { error } }: EventData.TestFail): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

/** The file's tests by outcome. */
export function countsOf(record: FileRecord): Counts {
  const tests = record.results.filter((result) => isTest(result) && !isFailure(result));
  const skipped = tests.filter((test) => Boolean(test.skip) || Boolean(test.todo)).length;
  return { passed: tests.length - skipped, failed: failuresOf(record).length, skipped };
}

/** A file without tests passes as a whole: that says nothing. */
function isTest(result: Result): boolean {
  return result.details?.type !== 'suite' && result.name !== result.file;
}

/** All of them together. */
export function sum(counts: readonly Counts[]): Counts {
  const total = (of: keyof Counts): number => counts.reduce((before, each) => before + each[of], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}

/** A line for the file and, when something failed, each failure with its reason, and what the file had printed. */
export function fileReport(record: FileRecord): string {
  const counts = countsOf(record);
  const outer = record.results.filter((result) => result.nesting === 0);
  const seconds = outer.reduce((before, { details }) => before + (details?.duration_ms ?? 0), 0) / 1000;
  const mark = counts.failed > 0 ? '✖' : '✔';
  const skipped = record.results.filter(({ skip }) => typeof skip === 'string');
  const head =
    `${mark} ${relative('.', record.file)}  ${lastLine(counts)}  (${seconds.toFixed(1)} s)\n` +
    skipped.map(({ name, skip }) => `  skipped: ${name}. ${String(skip)}\n`).join('');
  if (counts.failed === 0) return head;
  const failures = failuresOf(record).map((failure) => {
    return `\n  ✖ ${nameOf(failure, record)}\n${indent(reasonOf(failure))}\n`;
  });
  const output = record.output.join('').trimEnd();
  return `${head}${failures.join('')}${output && `\n  The file printed:\n${indent(output)}\n`}\n`;
}

/** The test's name behind those of its suites. */
export function nameOf(failure: EventData.TestFail, record: FileRecord): string {
  // the file's own result has an id of another process, which may be a test's id as well
  const inside = record.results.filter((result) => result.name !== result.file);
  const byId = new Map(inside.map((result) => [result.testId, result]));
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
  if ('failureType' in error && error.failureType === 'testAborted')
    return 'It was ended from outside: it had told nothing for too long, or the run was interrupted.';
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
