import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Which parts of the benchmark to run, in their order. */
  readonly only: readonly PartName[];
  /** Through Synapse, for each measurement of throughput and each way; a quarter of it one at a time. */
  readonly messages: number;
  /** Between servers that cost nothing, for each measurement. */
  readonly load: number;
  /** The largest file, in MiB. */
  readonly file: number;
  /** Where to write the figures as JSON; absent: nowhere. */
  readonly json: string | undefined;
  /** Where node writes a profile of the bridge's processor time; absent: none is made. */
  readonly profile: string | undefined;
  /** Where the bridge's log goes; absent: it goes with everything else. */
  readonly log: string | undefined;
  readonly help: boolean;
}

/** The parts: each starts what it needs and stands for itself. */
export const partNames = ['synapse', 'load', 'start', 'growth', 'processes', 'files', 'converters'] as const;
export type PartName = (typeof partNames)[number];

/** Rooms, each with its channel, that are written to at once. */
export const roomCount = 10;

export const usage = `Usage: npm run bench [-- OPTIONS]

Measures how fast the bridge is and prints the figures. It compiles the bridge and starts everything itself.

  synapse    beside a bare client on a real Synapse: what the bridge adds to a message's time, and throughput
  load       between a homeserver and a Slack that cost nothing: what one process carries, and what it costs
  start      from nothing to ready, also with a long backlog
  growth     whether a message costs the same beside a million known ones
  processes  one, two and three processes on one database
  files      files of up to a gibibyte beside a bare client: speed, memory, and what the text notices of them
  converters the texts alone: how many one processor brings from one network's form to the other's

  --only PARTS    some of these, with commas between them (default all)
  --messages N    messages through Synapse for each throughput (default 2000, at least ${roomCount * 4})
  --load N        messages for each of the other measurements (default 20000, at least 2000)
  --file N        MiB of the largest file (default 1024, at least 64)
  --json FILE     also write the figures to FILE: an array of { name, value, unit, goal, ok }
  --profile DIR   also write profiles of the bridges' processor time to DIR (for a browser's developer tools)
  --log FILE      also keep the bridges' log, in FILE
  --help          show this

The exit code is 1 when a message was lost or doubled, or something failed; figures alone don't change it.`;

/** A wrong argument; the message says which. */
export class WrongArgument extends Error {}

/** @throws WrongArgument with one line that says what is wrong. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const { json, profile, log, help } = values;
  return {
    only: partsIn(values.only),
    messages: numberIn('messages', values.messages, roomCount * 4),
    load: numberIn('load', values.load, 2000),
    file: numberIn('file', values.file, 64),
    json,
    profile,
    log,
    help,
  };
}

function partsIn(text: string): readonly PartName[] {
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !partNames.some((known) => known === name));
  if (unknown !== undefined)
    throw new WrongArgument(`--only knows ${partNames.join(', ')}, not "${unknown}".`);
  return partNames.filter((name) => wanted.includes(name));
}

function numberIn(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new WrongArgument(`--${name} needs a number from ${least}, not "${text}".`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', default: partNames.join(',') },
        messages: { type: 'string', default: '2000' },
        load: { type: 'string', default: '20000' },
        file: { type: 'string', default: '1024' },
        json: { type: 'string' },
        profile: { type: 'string' },
        log: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new WrongArgument(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}
