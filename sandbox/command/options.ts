import { parseArgs } from 'node:util';

export interface SandboxOptions {
  /** Hold a conversation, print what was seen where, stop. */
  readonly check: boolean;
  /** Forget everything of earlier starts first. */
  readonly reset: boolean;
  /** The first of the five ports on 127.0.0.1. */
  readonly portsFrom: number;
  /** Where all state is kept between starts; absent: see `stateFolder`. */
  readonly folder: string | undefined;
  readonly help: boolean;
}

const defaultPortsFrom = 9700;

export const usage = `Usage: npm run sandbox [-- OPTIONS]

Starts everything that is needed to try the bridge on this machine: a Slack sandbox with its page, a Matrix
homeserver (Synapse), the bridge with its PostgreSQL, people on both sides, and linked channels.

  --check          hold a conversation both ways, print what was seen where, and stop (exit code 0 or 1)
  --reset          forget everything of earlier starts first
  --ports-from N   use the ports N to N+4 of 127.0.0.1 (default ${defaultPortsFrom})
  --folder DIR     keep everything in DIR (default: data/sandbox)
  --help           show this`;

/** A wrong argument; the message says which. */
export class WrongArgument extends Error {}

/** @throws WrongArgument with one line that says what is wrong. */
export function parseSandboxOptions(args: readonly string[]): SandboxOptions {
  const { values } = parse(args);
  const portsFrom = Number(values['ports-from'] ?? defaultPortsFrom);
  if (!Number.isInteger(portsFrom) || portsFrom < 1024 || portsFrom > 65_530) {
    throw new WrongArgument(`--ports-from needs a number from 1024 to 65530, not "${values['ports-from']}".`);
  }
  return {
    check: values.check ?? false,
    reset: values.reset ?? false,
    portsFrom,
    folder: values.folder,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        check: { type: 'boolean' },
        reset: { type: 'boolean' },
        'ports-from': { type: 'string' },
        folder: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new WrongArgument(error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error));
  }
}
