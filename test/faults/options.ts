import { parseArgs } from 'node:util';

export interface FaultsOptions {
  /** Ids of scenarios, as in R1; empty: all. */
  readonly ids: readonly string[];
  readonly long: boolean;
  readonly mutate: boolean;
  /** Absent: a new one. */
  readonly seed: number | undefined;
  readonly resume: string | undefined;
  readonly json: string | undefined;
  readonly help: boolean;
}

export const usage = `Usage: npm run faults [-- OPTIONS] [SCENARIO…]

Does to a bridge on real servers what happens in a company's day: crashes, outages, lost connections, full queues. It
compares both ends with what people wrote, and prints the figures. It starts everything itself.

  SCENARIO       R1, R7, …: only these (default: all)
  --long         the full numbers of docs/reliability.md instead of the short form
  --seed N       what is left to chance goes as in the run that printed this seed
  --resume FILE  keep the results in FILE, and leave out the scenarios whose results it has
  --mutate       take each guard out of a copy of the bridge instead: the test that watches it must fail
                 (with SCENARIO: only the guards that these rest on)
  --json FILE    also write the figures to FILE: an array of { name, value, unit, goal, ok }
  --help         show this

The exit code is 1 when a goal isn't reached or a scenario fails.`;

/** A wrong argument; the message says which. */
export class WrongArgument extends Error {}

/** @throws WrongArgument with one line that says what is wrong. */
export function parseFaultsOptions(args: readonly string[], known: readonly string[]): FaultsOptions {
  const { values, positionals } = parse(args);
  const ids = positionals.map((id) => id.toUpperCase());
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new WrongArgument(`There is no scenario ${unknown}. There are ${known.join(', ')}.`);
  }
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  if (seed !== undefined && !(/^\d+$/.test(values.seed ?? '') && seed < 2 ** 32)) {
    throw new WrongArgument(`--seed needs a whole number from 0 to ${2 ** 32 - 1}, not "${values.seed}".`);
  }
  const { long, mutate, resume, json, help } = values;
  return { ids, long, mutate, seed, resume, json, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        long: { type: 'boolean', default: false },
        mutate: { type: 'boolean', default: false },
        seed: { type: 'string' },
        resume: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new WrongArgument(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}
