import type { DeadLetter } from '../store/dead-letters.ts';

/** Why something was given up, for people in a room. Of a bug they read that it is one: what it says is for the log. */
export function whyOf({ reason, error }: Partial<Pick<DeadLetter, 'reason' | 'error'>>): string {
  if (reason === 'bug') return 'something went wrong in the bridge; its log says what.';
  return error ?? 'nobody knows why.';
}
