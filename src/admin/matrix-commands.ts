import { CannotBridge } from '../errors.ts';
import type { MatrixMessage } from '../events.ts';
import type { Doc } from '../format/doc.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { CommandPort, Invitation } from '../portal/context.ts';
import { requirePermission } from './access.ts';
import type { Asker, Place } from './asker.ts';
import { commands } from './commands.ts';
import { execute } from './execute.ts';
import { helpText } from './help.ts';
import { isCommand, parseCommand } from './parse.ts';
import type { AdminContext } from './ports.ts';
import { reply } from './reply.ts';

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
    const asker = matrixAsker(context, message.sender);
    requirePermission(asker, 'relay');
    if (message.age !== undefined && message.age > tooLate) return reply(cameLate);
    const parsed = parseFor(asker, context.wordsOf(message));
    const place = inRoom(message.room, direct);
    return await execute(context, { asker, place, message, fact: `matrix:${message.event}` }, parsed);
  } catch (error) {
    if (error instanceof CannotBridge) return reply(error.message);
    throw error;
  }
}

/** Who may give hardly any command hears that, rather than which commands there are. */
function parseFor(asker: Asker, words: string): ReturnType<typeof parseCommand> {
  try {
    return parseCommand(words, commands);
  } catch (error) {
    if (error instanceof CannotBridge) requirePermission(asker, 'user');
    throw error;
  }
}

function matrixAsker(context: AdminContext, matrixUser: MatrixUserId): Asker {
  return { name: matrixUser, matrixUser, permission: context.permissionOf(matrixUser) };
}

function inRoom(room: RoomId, direct: boolean): Place {
  return { side: 'matrix', room, direct };
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
  const text = helpText(commands, matrixAsker(context, asker), inRoom(room, place === 'direct'));
  await matrix.send(
    matrix.bot,
    room,
    { kind: 'notice', text },
    { fact: `matrix:${event}`, part: 'greeting' },
  );
}
