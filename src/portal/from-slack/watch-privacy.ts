import type { Telling } from '../../events.ts';
import type { Work } from '../context.ts';
import { exposure } from '../obstacles.ts';
import { pausePortal, whilePaused } from '../pause.ts';

/** More than any process meets; past it all channels are looked at anew. */
const remembered = 10_000;

/** How far apart the clocks of two processes may be, in milliseconds. */
const clockSkew = 5000;

/** Before anything written goes to the room: none of it may come from a private channel into an open room. */
export async function watchPrivacy(work: Work, { late, inPrivate }: Telling): Promise<void> {
  const { memory, portal } = work;
  if (late === true) return waitIfLateIsExposed(work);
  if (inPrivate !== true) memory.knownPrivate.delete(portal.id);
  else if (!memory.knownPrivate.has(portal.id)) await waitIfExposed(work);
}

/**
 * History doesn't say whether a channel is private. Who wrote there in private did so after it had become that, and before
 * the message was stored: one look after that is right for all that was stored until then.
 */
async function waitIfLateIsExposed(work: Work): Promise<void> {
  const { context, portal, turn } = work;
  const { lateUpTo } = work.memory;
  const now = context.clock.now();
  const storedAt = turn.item.receivedAt.getTime();
  if (storedAt <= (lateUpTo.get(portal.id) ?? -Infinity)) return;
  if (await pauseIfExposed(work)) throw whilePaused(portal);
  if (lateUpTo.size >= remembered) lateUpTo.clear();
  lateUpTo.set(portal.id, Math.max(storedAt, now - clockSkew));
}

/**
 * Before the first message that a process sees of a private channel, or the first since it was public: whether or not
 * Slack told that the channel became private, nothing goes into a room that anybody may enter or read. The portal pauses,
 * and the message waits with it.
 */
async function waitIfExposed(work: Work): Promise<void> {
  const { memory, portal } = work;
  if (await pauseIfExposed(work)) throw whilePaused(portal);
  if (memory.knownPrivate.size >= remembered) memory.knownPrivate.clear();
  memory.knownPrivate.add(portal.id);
}

/** Pauses the portal if its channel is private now and its room is open. What was known of the channel is forgotten. */
export async function pauseIfExposed({
  context,
  portal,
  turn,
}: Pick<Work, 'context' | 'portal' | 'turn'>): Promise<boolean> {
  const channel = portal.channels[0];
  context.slack.forgetChannel(channel);
  const obstacle = await exposure(context, { ...portal, channel });
  if (!obstacle) return false;
  await pausePortal(context, portal, obstacle, `${turn.item.lane}:${turn.item.seq}`);
  return true;
}
