import { CannotBridge } from '../errors.ts';
import { closest } from '../suggest.ts';
import type { Command } from './command.ts';
import { usage } from './command.ts';

/** What begins a command in a room. */
export const prefix = '!slack';

const prefixed = /^\s*!slack(?:\s+|$)/i;

/** Whether a text is for the bot rather than for the people in the room. */
export function isCommand(plain: string): boolean {
  return prefixed.test(plain);
}

export interface Parsed {
  readonly command: Command;
  readonly args: Readonly<Record<string, string | undefined>>;
}

/**
 * The command that a text gives, with or without the prefix; nothing but the prefix asks for help. Words are set apart by
 * spaces. Throws `CannotBridge` that says what was expected, with a suggestion where a word is mistyped.
 */
export function parseCommand(plain: string, commands: readonly Command[]): Parsed {
  const [name = 'help', ...words] = plain.replace(prefixed, '').split(/\s+/).filter(Boolean);
  const command = commands.find((each) => each.name === name.toLowerCase());
  if (!command) throw new CannotBridge('unknown-command', unknownCommand(name, commands));
  const needed = command.args.filter((arg) => !arg.optional);
  const missing = needed[words.length];
  if (missing)
    throw new CannotBridge('missing-argument', `${missing.name} is missing: ${prefix} ${usage(command)}`);
  const takesRest = command.args.at(-1)?.rest === true;
  if (words.length > command.args.length && !takesRest)
    throw new CannotBridge('too-many-arguments', `That is too much: ${prefix} ${usage(command)}`);
  const given = command.args.map((arg, index) => {
    const rest = arg.rest === true && words.length > index ? words.slice(index).join(' ') : undefined;
    return [arg.name, rest ?? words[index]] as const;
  });
  return { command, args: Object.fromEntries(given) };
}

function unknownCommand(name: string, commands: readonly Command[]): string {
  const names = commands.map((command) => command.name);
  const meant = closest(name, names);
  const shown = name.slice(0, 40);
  return meant === undefined
    ? `There is no command “${shown}”. The commands are: ${names.join(', ')}.`
    : `There is no command “${shown}”. Did you mean “${meant}”?`;
}
