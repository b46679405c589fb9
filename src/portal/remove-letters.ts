import { CannotBridge } from '../errors.ts';
import type { ParentKey } from '../errors.ts';
import type { Work } from './context.ts';
import type { SentNotice } from './dead-letter-ports.ts';

/**
 * A message was removed: what was set aside of it goes, and so do the words about it. `fact` names the removal. The words
 * first: after a crash the letters still tell where they stand. Resolves with whether there were any.
 */
export async function removeLetters(work: Work, subject: ParentKey, fact: string): Promise<boolean> {
  const { letters } = work.context;
  const notices = await letters.noticesAbout(subject);
  if (!notices) return false;
  for (const notice of notices) await takeBack(work, notice, fact);
  await letters.removeAbout(subject);
  return true;
}

async function takeBack({ context, turn }: Work, { event, room }: SentNotice, fact: string): Promise<void> {
  const { matrix } = context;
  turn.mayWrite();
  try {
    await matrix.redact(matrix.bot, room, event, { fact, part: `notice:${event}` });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    context.log.warn('A notice could not be removed', { reason: error.reason });
  }
}
