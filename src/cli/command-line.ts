import { parseArgs } from 'node:util';
import { CannotStart } from '../config.ts';
import { closest } from '../suggest.ts';
import type { Arguments } from './arguments.ts';
import { checkConfig } from './check-config.ts';
import { generateRegistration } from './generate-registration.ts';
import { migrate } from './migrate.ts';
import { rotateKey } from './rotate-key.ts';
import { run } from './run.ts';
import type { Surroundings } from './surroundings.ts';
import { version } from './version.ts';

interface Command {
  readonly name: string;
  readonly help: string;
  readonly options: readonly OptionName[];
  /** Resolves to the exit code. */
  readonly run: (args: Arguments, surroundings: Surroundings) => Promise<number>;
}

type OptionName = 'config' | 'force';

const commands: readonly Command[] = [
  { name: 'run', help: 'Start the bridge.', options: ['config'], run },
  {
    name: 'generate-registration',
    help: 'Make the registration files for the homeserver; --force replaces existing ones.',
    options: ['config', 'force'],
    run: generateRegistration,
  },
  {
    name: 'check-config',
    help: 'Check the configuration and say what it means.',
    options: ['config'],
    run: checkConfig,
  },
  {
    name: 'migrate',
    help: 'Bring the database up to date without starting the bridge.',
    options: ['config'],
    run: migrate,
  },
  {
    name: 'rotate-key',
    help: 'Seal tokens and stored messages with a new key; the bridge must not run.',
    options: ['config'],
    run: rotateKey,
  },
  { name: 'version', help: 'Say which version this is.', options: [], run: version },
];

const usage = [
  'Usage: npm start -- <command> [-c FILE]',
  '',
  ...commands.map(({ name, help }) => `  ${name.padEnd(23)}${help}`),
  '',
  '  -c, --config FILE      the configuration; default: config/config.yaml',
].join('\n');

/** Does what the command line says. Resolves to the exit code; bad input gets one line on standard error. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const parsed = parse(args);
  if ('problem' in parsed) {
    surroundings.err(`${parsed.problem}\n\n${usage}`);
    return 1;
  }
  if ('help' in parsed) {
    surroundings.out(usage);
    return 0;
  }
  try {
    return await parsed.command.run(parsed.args, surroundings);
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    surroundings.err(error.message);
    return 1;
  }
}

type Parsed =
  | { readonly command: Command; readonly args: Arguments }
  | { readonly problem: string }
  | { readonly help: true };

function parse(args: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (values.help === true) return { help: true };
    const [name, ...more] = values.version === true ? ['version', ...positionals] : positionals;
    if (name === undefined) return { problem: 'Name a command.' };
    const command = commands.find((each) => each.name === name);
    if (!command) return { problem: unknownCommand(name) };
    if (more.length > 0) return { problem: `${name} takes no further argument (${more.join(' ')}).` };
    const { config, force } = values;
    for (const [option, value] of Object.entries({ config, force }))
      if (value !== undefined && !command.options.some((known) => known === option))
        return { problem: `${name} takes no --${option}.` };
    return { command, args: { config: config ?? 'config/config.yaml', force: force ?? false } };
  } catch (error) {
    return { problem: parseProblem(error) };
  }
}

const options = {
  config: { type: 'string', short: 'c' },
  force: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

function unknownCommand(name: string): string {
  const names = commands.map((command) => command.name);
  const meant = closest(name, names);
  return meant === undefined
    ? `There is no command ${name}.`
    : `There is no command ${name}; did you mean ${meant}?`;
}

/** The first sentence of what node:util says: the rest is about positional arguments, which isn't meant. */
function parseProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${message.split(/\. |\n/)[0] ?? message}.`.replace(/\.\.$/, '.');
}
