import { CannotBridge } from '../errors.ts';
import type { MatrixMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { CommandPort, Invitation } from '../portal/context.ts';
import { requirePermission } from './access.ts';
import { broadcast } from './broadcast.ts';
import type { Command } from './command.ts';
import { crypto } from './crypto.ts';
import { double } from './double.ts';
import { deadLetters, retry, skip } from './dead-letters.ts';
import { dm } from './dm.ts';
import { helpText } from './help.ts';
import { install } from './install.ts';
import { link, unlink } from './link.ts';
import { list } from './list.ts';
import { login, logout } from './login.ts';
import { match } from './match.ts';
import { isCommand, parseCommand } from './parse.ts';
import type { AdminContext } from './ports.ts';
import { reply } from './reply.ts';
import { policies } from './policies.ts';
import { set } from './set.ts';
import { status } from './status.ts';
import { whoami } from './whoami.ts';

/** All commands. The bot's parser, its permission checks, `help` and docs/commands.md are made from this table. */
export const commands: readonly Command[] = [
  {
    name: 'help',
    args: [],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows what I understand.',
    run: ({ permission, direct }) => Promise.resolve(helpText(commands, permission, direct)),
  },
  {
    name: 'link',
    args: [{ name: 'channel' }, { name: 'team', optional: true }, { name: 'anyway', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Joins this room to a Slack channel; in a chat with me alone I make a new room for it.',
    run: link,
  },
  {
    name: 'unlink',
    args: [{ name: 'channel', optional: true }],
    needs: 'user',
    where: 'portal',
    help: 'Parts this room, or the room of the channel, from Slack. What was said stays.',
    run: unlink,
  },
  {
    name: 'list',
    args: [{ name: 'name', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows the channels of the workspaces and the rooms they are joined to; with a part of a name only those.',
    run: list,
  },
  {
    name: 'status',
    args: [{ name: 'channel', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows how this room, or that of the channel, or the whole bridge is doing.',
    run: status,
  },
  {
    name: 'dead-letters',
    args: [{ name: 'page', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows what was given up and why: for this room, or in a chat with me alone all of it.',
    run: deadLetters,
  },
  {
    name: 'retry',
    args: [{ name: 'number' }],
    needs: 'user',
    where: 'anywhere',
    help: 'Tries again what was given up: one of “dead-letters” by its number, or all of them.',
    run: retry,
  },
  {
    name: 'skip',
    args: [{ name: 'number' }],
    needs: 'user',
    where: 'anywhere',
    help: 'Lets go of what was given up, for good: one of “dead-letters” by its number, or all of them.',
    run: skip,
  },
  {
    name: 'set',
    args: [
      { name: 'policy', optional: true },
      { name: 'value', optional: true },
      { name: 'channel', optional: true },
    ],
    needs: 'user',
    where: 'portal',
    help: `Shows or changes what goes across: ${policies.map(({ name }) => name).join(', ')}.`,
    run: set,
  },
  {
    name: 'dm',
    args: [{ name: 'person' }, { name: 'others', optional: true, rest: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Opens your chat with people in Slack: by @name, name, e-mail address or id, several for a group.',
    run: dm,
  },
  {
    name: 'login',
    args: [
      { name: 'team', optional: true },
      { name: 'yes', optional: true },
    ],
    needs: 'user',
    where: 'direct',
    help: 'Links your own Slack account, so that you write there as yourself; or takes the code that a page gave you.',
    run: login,
  },
  {
    name: 'logout',
    args: [{ name: 'team', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Ends what you linked with “login”.',
    run: logout,
  },
  {
    name: 'double',
    args: [{ name: 'value' }, { name: 'team', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Chooses whether what you write in Slack appears under your own Matrix account: on or off.',
    run: double,
  },
  {
    name: 'match',
    args: [{ name: 'choice', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Whether I may compare your e-mail address with those of Slack, to tell you of an account of yours: “match on” or “match off”.',
    run: match,
  },
  {
    name: 'whoami',
    args: [],
    needs: 'user',
    where: 'direct',
    help: 'Shows which Slack accounts of yours are linked, and how they fare.',
    run: (request) => Promise.resolve(whoami(request)),
  },
  {
    name: 'crypto',
    args: [],
    needs: 'user',
    where: 'anywhere',
    help: 'Says what encryption protects here and what it doesn’t, and how it fares.',
    run: crypto,
  },
  {
    name: 'install',
    args: [],
    needs: 'admin',
    where: 'direct',
    help: 'Installs the bridge’s app in a Slack workspace, by a link.',
    run: install,
  },
  {
    name: 'broadcast',
    args: [],
    needs: 'user',
    where: 'portal',
    help: 'As an answer to your own message in a thread: shows it in the Slack channel, too.',
    run: broadcast,
  },
];

/** The commands as rooms hand them in: answers are notices of the bot, one for each command event, however often it runs. */
export function createCommands(context: AdminContext): CommandPort {
  return {
    isCommand,
    run: (message, place) => run(context, message, place === 'direct'),
    greet: (invitation) => greet(context, invitation),
  };
}

/** Older ones, in milliseconds, aren't carried out: what was right when it was said may surprise everybody now. */
const tooLate = 600_000;
const cameLate =
  'This command reached me more than ten minutes after it was given, so I left it. Give it again if it still holds.';

async function run(context: AdminContext, message: MatrixMessage, direct: boolean): Promise<void> {
  await answer(context, message, await answerTo(context, message, direct));
}

async function answerTo(context: AdminContext, message: MatrixMessage, direct: boolean): Promise<Doc> {
  try {
    const permission = context.permissionOf(message.sender);
    requirePermission(permission, 'user');
    if (message.age !== undefined && message.age > tooLate) return reply(cameLate);
    const { command, args } = parseCommand(message.plain, commands);
    requirePermission(permission, command.needs);
    return await command.run({ context, message, permission, direct, args });
  } catch (error) {
    if (error instanceof CannotBridge) return reply(error.message);
    throw error;
  }
}

async function answer({ matrix }: AdminContext, message: MatrixMessage, text: Doc): Promise<void> {
  const { thread } = message.relation;
  const content = {
    kind: 'notice',
    text,
    ...(thread === undefined
      ? { replyTo: message.event }
      : { thread: { root: thread, latest: message.event } }),
  } as const;
  await matrix.send(matrix.bot, message.room, content, { fact: `matrix:${message.event}`, part: 'reply' });
}

async function greet(context: AdminContext, { room, asker, event, place }: Invitation): Promise<void> {
  const { matrix } = context;
  const text = helpText(commands, context.permissionOf(asker), place === 'direct');
  await matrix.send(
    matrix.bot,
    room,
    { kind: 'notice', text },
    { fact: `matrix:${event}`, part: 'greeting' },
  );
}
