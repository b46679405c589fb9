import { CannotBridge, TryLater } from '../errors.ts';
import type { Asker, Place } from './asker.ts';
import type { Answer } from './command.ts';
import { commands } from './commands.ts';
import { execute } from './execute.ts';
import { parseCommand } from './parse.ts';
import type { AdminContext } from './ports.ts';
import { reply } from './reply.ts';

/** What somebody said behind `/matrix`. */
export interface SlashRequest {
  /** Asks Slack who it is. */
  readonly asker: () => Promise<Asker>;
  readonly place: Place;
  readonly text: string;
  /** Names it. */
  readonly fact: string;
}

/** Carries it out and answers; a refusal is an answer, too. Only a bug throws. */
export async function answerSlack(
  context: AdminContext,
  { asker, place, text, fact }: SlashRequest,
): Promise<Answer> {
  try {
    const given = { asker: await asker(), place, fact };
    return await execute(context, given, parseCommand(text, commands, 'slack'));
  } catch (error) {
    if (error instanceof CannotBridge) return reply(error.message);
    if (error instanceof TryLater)
      return reply(`That doesn’t work now: ${error.message}. Try again in a moment.`);
    throw error;
  }
}
