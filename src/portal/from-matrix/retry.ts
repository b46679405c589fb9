import type { MatrixEvent } from '../../events.ts';
import type { Work } from '../context.ts';

type Reaction = Extract<MatrixEvent, { readonly type: 'reaction' }>;

/** With a variation selector or without: clients differ. */
const signs: ReadonlySet<string> = new Set(['🔁', '🔄']);

/** What a notice says of it. */
export const retrySign = '🔁';

/**
 * A 🔁 to what was given up, or to the notice that says so, tries it again: for whoever wrote it, the room's moderators and
 * the bridge's administrators. False: the reaction is one like any other.
 */
export async function retryByReaction({ context, portal, turn }: Work, reaction: Reaction): Promise<boolean> {
  if (!signs.has(reaction.key.replaceAll('\uFE0F', ''))) return false;
  const letters = await context.retries.lettersOn(portal.id, reaction.target);
  if (letters.length === 0) return false;
  if (context.permissionOf(reaction.sender) === 'none') return true; // it would be refused again
  const { sender, event, room } = reaction;
  const allowed =
    letters.every(({ writer }) => writer === sender) || (await mayRetryAll({ context, portal }, sender));
  if (!allowed) {
    context.metrics.ignored('matrix', 'retry-by-other');
    return true;
  }
  turn.mayWrite();
  await context.retries.retry(letters, { by: sender, cause: event, room, portal: portal.id });
  return true;
}

/** As with the command: who may change the room's settings. */
async function mayRetryAll(
  { context, portal }: Pick<Work, 'context' | 'portal'>,
  user: Reaction['sender'],
): Promise<boolean> {
  if (context.permissionOf(user) === 'admin') return true;
  const needed = await context.matrix.powerNeeded(portal.room, { state: 'm.bridge' });
  return (await context.matrix.powerOf(portal.room, user)) >= needed;
}
