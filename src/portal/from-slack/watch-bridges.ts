import type { SlackMessage } from '../../events.ts';
import type { Work } from '../context.ts';
import { bridgesObstacle } from '../obstacles.ts';
import { pausePortal, whilePaused } from '../pause.ts';

/** More than any process meets; past it all apps are looked at anew. */
const remembered = 10_000;

/**
 * The first message of another app in a portal: if another bridge has come to the channel, the portal pauses instead of
 * carrying each other's messages round in circles, and the message waits with it.
 */
export async function pauseBesideBridge(work: Work, message: SlackMessage): Promise<void> {
  const { context, memory, portal } = work;
  const seen = `${portal.id} ${message.author.id}`;
  if (portal.policy.otherBridges || memory.seenApps.has(seen)) return;
  const obstacle = await bridgesObstacle(context, { ...portal, channel: portal.channels[0] });
  if (obstacle) {
    await pausePortal(context, portal, obstacle, String(work.turn.item.seq));
    throw whilePaused(portal);
  }
  if (memory.seenApps.size >= remembered) memory.seenApps.clear();
  memory.seenApps.add(seen);
}
