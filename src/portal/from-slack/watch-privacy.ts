import type { Work } from '../context.ts';
import { exposure } from '../obstacles.ts';
import { pausePortal, whilePaused } from '../pause.ts';

/** More than any process meets; past it all channels are looked at anew. */
const remembered = 10_000;

/**
 * Before the first message that a process sees of a private channel, or the first since it was public: whether or not
 * Slack told that the channel became private, nothing goes into a room that anybody may enter or read. The portal pauses,
 * and the message waits with it.
 */
export async function waitIfExposed(work: Work): Promise<void> {
  const { memory, portal } = work;
  if (await pauseIfExposed(work)) throw whilePaused(portal);
  if (memory.knownPrivate.size >= remembered) memory.knownPrivate.clear();
  memory.knownPrivate.add(portal.id);
}

/** Pauses the portal if its channel is private now and its room is open. */
export async function pauseIfExposed({ context, portal, turn }: Work): Promise<boolean> {
  const channel = portal.channels[0];
  context.slack.channelChanged(channel);
  const obstacle = await exposure(context, { ...portal, channel });
  if (!obstacle) return false;
  await pausePortal(context, portal, obstacle, `${turn.item.lane}:${turn.item.seq}`);
  return true;
}
