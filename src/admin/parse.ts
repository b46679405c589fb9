import { CannotBridge } from '../errors.ts';
import { closest } from '../suggest.ts';
import { readWord, wordsIn } from './arguments.ts';
import type { Side } from './asker.ts';
import type { Argument, Command } from './command.ts';
import { usage } from './command.ts';

/** What begins a command in a room. */
export const prefix = '!slack';
/** What begins one in Slack. */
export const slashCommand = '/matrix';

const prefixed = /^\s*!slack(?:\s+|$)/i;

/** Whether a text is for the bot rather than for the people in the room. */
export function isCommand(plain: string): boolean {
  return prefixed.test(plain);
}

export interface Parsed {
  readonly command: Command;
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly page: number;
  /** `yes` stands behind a command that asks first. */
  readonly confirmed: boolean;
  /** What was said, without the page and without the `yes`. */
  readonly words: string;
}

/**
 * The command that a text gives, with or without the prefix; nothing but the prefix asks for help. Throws `CannotBridge`
 * that says what was expected, with a suggestion where a word is mistyped.
 */
export function parseCommand(text: string, commands: readonly Command[], side: Side = 'matrix'): Parsed {
  const [name = 'help', ...said] = wordsIn(text.replace(prefixed, ''));
  const command = commandOf(name, commands, side);
  const start = startOf(side);
  const confirmed = command.preview !== undefined && said.at(-1)?.toLowerCase() === 'yes';
  const { words, page } = pageIn(command, confirmed ? said.slice(0, -1) : said);
  const needed = command.args.filter((arg) => !arg.optional);
  const missing = needed[words.length];
  if (missing)
    throw new CannotBridge('missing-argument', `${missing.name} is missing: ${start} ${usage(command)}`);
  const takesRest = command.args.at(-1)?.rest === true;
  if (words.length > command.args.length && !takesRest)
    throw new CannotBridge('too-many-arguments', `That is too much: ${start} ${usage(command)}`);
  const given = command.args.map((arg, index) => {
    const own = arg.rest === true ? words.slice(index) : words.slice(index, index + 1);
    return [
      arg.name,
      own.length === 0 ? undefined : own.map((each) => readArgument(command.name, arg, each)).join(' '),
    ];
  });
  return {
    command,
    args: Object.fromEntries(given) as Parsed['args'],
    page,
    confirmed,
    words: [command.name, ...words.map(quoted)].join(' '),
  };
}

function startOf(side: Side): string {
  return side === 'slack' ? slashCommand : prefix;
}

/** Only what is there on a side can be said there. Throws `CannotBridge` for any other name. */
export function commandOf(name: string, commands: readonly Command[], side: Side): Command {
  const wanted = name.toLowerCase();
  const here = commands.filter(({ on }) => on.includes(side));
  const command = here.find((each) => each.name === wanted);
  if (command) return command;
  const [elsewhere] = commands.filter((each) => each.name === wanted).flatMap(({ on }) => on);
  if (elsewhere === 'matrix' && side === 'slack')
    throw new CannotBridge(
      'elsewhere',
      `“${wanted}” is there in Matrix only: say “${prefix} ${wanted}” in a room there, or “${wanted}” to the bot.`,
    );
  if (elsewhere === 'slack' && side === 'matrix')
    throw new CannotBridge(
      'elsewhere',
      `“${wanted}” is there in Slack only: say “${slashCommand} ${wanted}” there.`,
    );
  throw new CannotBridge('unknown-command', unknownCommand(name, here, side));
}

function unknownCommand(name: string, commands: readonly Command[], side: Side): string {
  const names = commands.map((command) => command.name);
  const meant = closest(name, names);
  const shown = name.slice(0, 40);
  return meant === undefined
    ? `There is no command “${shown}”. “${startOf(side)} help” shows those that there are.`
    : `There is no command “${shown}”. Did you mean “${meant}”?`;
}

/** `page 2` behind the other words, or the number alone where no other word is left to take it. */
function pageIn(
  { paged, args }: Command,
  words: readonly string[],
): { readonly words: readonly string[]; readonly page: number } {
  if (paged === undefined) return { words, page: 1 };
  const last = words.at(-1) ?? '';
  const named = words.at(-2)?.toLowerCase() === 'page';
  const mayBeWord = words.length <= args.length || args.at(-1)?.rest === true;
  if (!named && mayBeWord) return { words, page: 1 };
  if (!/^[1-9]\d{0,5}$/.test(last))
    throw new CannotBridge('bad-page', `“${last.slice(0, 20)}” is no page: say a number from 1 on.`);
  return { words: words.slice(0, named ? -2 : -1), page: Number(last) };
}

function readArgument(command: string, { kind, values = [] }: Argument, raw: string): string {
  const read = readWord(kind, raw);
  const isChoice = kind === 'choice' && !values.includes(read.toLowerCase());
  if (!isChoice) return kind === 'choice' ? read.toLowerCase() : read;
  const meant = closest(read, values);
  const hint = meant === undefined ? '' : ` Did you mean “${meant}”?`;
  throw new CannotBridge('bad-value', `${command} can be: ${values.join(', ')}.${hint}`);
}

function quoted(word: string): string {
  return /\s/.test(word) && !word.startsWith('<') ? `"${word}"` : word;
}
