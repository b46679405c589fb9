import { CannotBridge, TryLater } from '../../errors.ts';
import type { SlackEvent } from '../../events.ts';
import type { MatrixUserId, SlackUserId } from '../../ids.ts';
import type { PortalContext, Work } from '../context.ts';
import type { Portal } from '../ports.ts';
import { knownProfile } from './author.ts';

type Member = Extract<SlackEvent, { readonly type: 'member' }>;

/** Whether who is in the channel matters to the room. */
export function showsMembers({ kind, policy }: Pick<Portal, 'kind' | 'policy'>): boolean {
  return kind === 'channel' && policy.members !== 'off' && policy.direction !== 'to-slack';
}

/** Somebody came into the channel, or left it. Who is removed from the room by its people stays out. */
export async function memberToMatrix(work: Work, { change, user }: Member): Promise<void> {
  const { context, portal } = work;
  if (!showsMembers(portal)) return context.metrics.ignored('slack', 'policy');
  if (change === 'left') {
    const ghost = context.matrix.ghostOf(portal.channels[0].team, user);
    if (await context.matrix.hasGhost(portal.channels[0].team, user)) await leave(work, ghost);
    return;
  }
  if (await wantsAll(context, portal)) await join(work, user);
  else context.metrics.ignored('slack', 'member');
}

/** A channel of more people isn't compared with its room: those who leave it are told by events alone. */
const mostCompared = 10_000;
/** Items at once; what is forgotten is read again. */
const mostRemembered = 100;
/** A piece of work of this lane ends after so many milliseconds: others of its kind have their turn. */
const longestTurn = 3_000;

/**
 * The room's ghosts are compared with the channel's people, and what differs is brought in step. Several turns may do it:
 * each finds what is left to do.
 */
export async function membersToMatrix(work: Work): Promise<void> {
  const { context, memory, portal, turn } = work;
  if (!showsMembers(portal)) return context.metrics.ignored('slack', 'policy');
  const { seq } = turn.item;
  const people = memory.peopleRead.get(seq) ?? (await peopleOf(work));
  if (!people) return context.metrics.ignored('slack', 'members-unknown');
  if (memory.peopleRead.size >= mostRemembered) memory.peopleRead.clear(); // of items that were given up
  memory.peopleRead.set(seq, people);
  const until = context.clock.now() + longestTurn;
  const inTime = (): void => {
    if (context.clock.now() >= until)
      throw new TryLater('members are brought in step bit by bit', { after: 50 });
  };
  const inRoom = new Set(await context.matrix.joinedMembers(portal.room));
  for (const ghost of strayed(work, inRoom, people)) {
    inTime();
    await leave(work, ghost);
  }
  if (await wantsAll(context, portal, people.size))
    for (const user of people) {
      if (
        inRoom.has(context.matrix.ghostOf(portal.channels[0].team, user)) ||
        memory.notShown.has(`${seq} ${user}`)
      )
        continue;
      inTime();
      if (!(await join(work, user))) memory.notShown.add(`${seq} ${user}`);
    }
  forget(work);
}

/** Of an item that is done. */
function forget({ memory, turn }: Work): void {
  memory.peopleRead.delete(turn.item.seq);
  for (const key of memory.notShown) if (key.startsWith(`${turn.item.seq} `)) memory.notShown.delete(key);
}

/** Undefined where Slack won't say, or there are too many. A list without our own bot isn't the whole one. */
async function peopleOf({ context, portal }: Work): Promise<ReadonlySet<SlackUserId> | undefined> {
  const [place] = portal.channels;
  const read = await context.slack.members(place, mostCompared).catch(unlessRefused);
  const bot = context.slack.team(place.team)?.bot;
  if (!read || bot === undefined || !read.includes(bot)) return undefined;
  return new Set(read.filter((user) => user !== bot));
}

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof CannotBridge)) throw error;
}

/** Ghosts of people who aren't in the channel any more; apps speak without being in it. */
function strayed(
  { context: { matrix } }: Work,
  inRoom: ReadonlySet<MatrixUserId>,
  people: ReadonlySet<string>,
): readonly MatrixUserId[] {
  return [...inRoom].filter((user) => {
    const author = user === matrix.bot ? undefined : matrix.authorOf(user)?.author;
    return author !== undefined && !author.startsWith('B') && !people.has(author);
  });
}

/** @param count how many people are in the channel, where that is known. */
async function wantsAll(
  { membersUpTo, slack }: PortalContext,
  portal: Portal,
  count?: number,
): Promise<boolean> {
  const { members } = portal.policy;
  if (members !== 'auto') return members === 'on';
  const [{ team, channel }] = portal.channels;
  return (count ?? (await slack.channel(team, channel))?.memberCount ?? Infinity) <= membersUpTo;
}

/** Resolves with whether the person is in the room now, by their ghost. */
async function join(work: Work, user: SlackUserId): Promise<boolean> {
  const { context, portal, turn } = work;
  const { matrix } = context;
  const [{ team }] = portal.channels;
  if (matrix.doubleOf(team, user) !== undefined) return false;
  const profile = await knownProfile(context, team, user, { background: true });
  if (!profile || profile.bot || profile.deactivated) return false;
  turn.mayWrite();
  const ghost = await matrix.prepareGhost(profile, { quietly: true });
  turn.mayWrite();
  try {
    await matrix.enter(portal.room, ghost);
    return true;
  } catch (error) {
    if (!(error instanceof CannotBridge) || ofPortal.has(error.reason)) throw error;
    if (!decided.has(error.reason))
      context.log.info('A ghost could not come into a room', { portal: portal.id, reason: error.reason });
    context.metrics.ignored('slack', 'unwelcome');
    return false;
  }
}

/** What keeps all ghosts out, not just this one. */
const ofPortal: ReadonlySet<string> = new Set(['cannot-invite', 'not-in-room']);
/** What people of the room decided about a ghost. */
const decided: ReadonlySet<string> = new Set(['banned', 'kicked']);

async function leave({ context, portal, turn }: Work, ghost: MatrixUserId): Promise<void> {
  turn.mayWrite();
  await context.matrix.leave(portal.room, ghost);
}
