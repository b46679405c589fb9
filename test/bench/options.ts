import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** For each measurement and each way. */
  readonly messages: number;
  /** Where to write the figures as JSON; absent: nowhere. */
  readonly json: string | undefined;
  /** Where node writes a profile of the bridge's processor time; absent: none is made. */
  readonly profile: string | undefined;
  /** Where the bridge's log goes; absent: it goes with everything else. */
  readonly log: string | undefined;
  readonly help: boolean;
}

/** Rooms, each with its channel, that are written to at once. */
export const roomCount = 10;

export const usage = `Usage: npm run bench [-- OPTIONS]

Measures how fast the bridge is, beside a bare client on the same homeserver, and prints the figures. It starts
everything itself: Synapse and the compiled bridge, each with a PostgreSQL, and a Slack sandbox.

  --messages N    messages for each measurement and way (default 500, at least ${roomCount * 2})
  --json FILE     also write the figures to FILE: an array of { name, value, unit, goal, ok }
  --profile DIR   also write a profile of the bridge's processor time to DIR (for a browser's developer tools)
  --log FILE      also keep the bridge's log, in FILE
  --help          show this

The exit code is 1 when a message was lost or doubled, or something failed; figures alone don't change it.`;

/** A wrong argument; the message says which. */
export class WrongArgument extends Error {}

/** @throws WrongArgument with one line that says what is wrong. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const messages = Number(values.messages);
  if (!Number.isInteger(messages) || messages < roomCount * 2) {
    throw new WrongArgument(`--messages needs a number from ${roomCount * 2}, not "${values.messages}".`);
  }
  const { json, profile, log, help } = values;
  return { messages, json, profile, log, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        messages: { type: 'string', default: '500' },
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
