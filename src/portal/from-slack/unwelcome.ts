import { CannotBridge } from '../../errors.ts';

/**
 * What people of a room decided about a ghost, or who wrote there themselves and went. Removed: it stays out, and the bot
 * shows what its person writes, so that nobody is left with half a conversation. Banned: nothing of it is shown.
 */
export type Unwelcome = 'kicked' | 'banned';

/** Undefined: the error says something else. */
export function unwelcome(error: unknown): Unwelcome | undefined {
  if (!(error instanceof CannotBridge)) return undefined;
  if (error.reason === 'double-away') return 'kicked';
  return error.reason === 'kicked' || error.reason === 'banned' ? error.reason : undefined;
}
