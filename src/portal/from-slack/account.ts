import { CannotBridge } from '../../errors.ts';
import type { SlackProfile } from '../../events.ts';
import type { MatrixUserId, TeamId } from '../../ids.ts';
import { authorId, matrixUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { EffectKey } from '../ports.ts';

/**
 * Does something in the room for somebody in Slack, once, however often it is repeated.
 *
 * | person                                                    | account                                     |
 * | --------------------------------------------------------- | ------------------------------------------- |
 * | has no double puppet, or wrote it before they had one     | their ghost                                 |
 * | has one, in a room that they are in                       | their own                                   |
 * | has one that can't write there: they left, or may not     | their ghost                                 |
 * | has one, in an encrypted room: theirs would be no device  | their ghost                                 |
 * | that they trust                                           |                                             |
 *
 * @param act is given the account, and the key with which that does it.
 */
export async function asAuthor<T>(
  work: Work,
  profile: SlackProfile,
  effect: EffectKey,
  act: (as: MatrixUserId, key: EffectKey) => Promise<T>,
): Promise<{ readonly done: T; readonly as: MatrixUserId }> {
  const { accounts, matrix } = work.context;
  const asGhost = async () => {
    const as = await matrix.prepareGhost(profile);
    return { done: await act(as, effect), as };
  };
  if (!hadDouble(work, profile)) return asGhost();
  const ghost = matrix.ghostOf(profile.team, profile.id);
  const double = (await matrix.encrypts(work.portal.room)) ? undefined : doubleThen(work, profile);
  const chosen = await accounts.choose(effect, double ?? ghost);
  if (matrix.isOurs(chosen)) return asGhost();
  try {
    const done = await act(chosen, { ...effect, author: profile.id });
    sendGhostHome(work, profile);
    return { done, as: chosen };
  } catch (error) {
    if (!isAway(error)) throw error;
  }
  await accounts.change(effect, ghost);
  work.memory.ghostsSentHome.delete(roomKey(work, profile)); // it is there again
  return asGhost();
}

/**
 * The account that may change what `postedAs` wrote for somebody in Slack: itself. Undefined: it is a person who doesn't let
 * us act as them any more.
 */
export function changerOf(
  { context }: Pick<Work, 'context'>,
  team: TeamId,
  { postedAs, sender }: { readonly postedAs: string; readonly sender: string },
): { readonly as: MatrixUserId; readonly author: Pick<EffectKey, 'author'> } | undefined {
  const as = matrixUserId(postedAs);
  if (context.matrix.isOurs(as)) return { as, author: {} };
  const author = authorId(sender);
  return context.matrix.doubleOf(team, author) === as ? { as, author: { author } } : undefined;
}

/** Their own account isn't in the room, or can't be used: nothing was done as it. */
function isAway(error: unknown): boolean {
  return error instanceof CannotBridge && error.reason === 'double-away';
}

/** More than any process meets; past it what was chosen by people who logged out meanwhile is forgotten. */
const remembered = 10_000;

/** Also who had one lately: what was done as their own account isn't done again as their ghost. */
function hadDouble({ context, memory }: Work, { team, id }: SlackProfile): boolean {
  const key = `${team} ${id}`;
  if (context.matrix.doubleOf(team, id) === undefined) return memory.doubles.has(key);
  if (memory.doubles.size >= remembered) memory.doubles.clear();
  memory.doubles.add(key);
  return true;
}

/** What came before they had one may have been done as their ghost already. */
function doubleThen({ context, turn }: Work, { team, id }: SlackProfile): MatrixUserId | undefined {
  const since = context.puppets.ownerOf(team, id)?.since ?? 0;
  return turn.item.receivedAt.getTime() < since ? undefined : context.matrix.doubleOf(team, id);
}

/** Once they are there themselves their ghost has nothing more to say in the room. Nobody waits for it to go. */
function sendGhostHome({ context, memory, portal }: Work, { team, id }: SlackProfile): void {
  const key = roomKey({ portal }, { id });
  if (memory.ghostsSentHome.has(key)) return;
  if (memory.ghostsSentHome.size >= remembered) memory.ghostsSentHome.clear();
  memory.ghostsSentHome.add(key);
  const { log, matrix } = context;
  const leave = async (): Promise<void> => {
    if (await matrix.hasGhost(team, id)) await matrix.leave(portal.room, matrix.ghostOf(team, id));
  };
  leave().catch((error: unknown) => log.debug('a ghost could not leave', { portal: portal.id, error }));
}

function roomKey({ portal }: Pick<Work, 'portal'>, { id }: Pick<SlackProfile, 'id'>): string {
  return `${portal.id} ${id}`;
}
