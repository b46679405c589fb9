import { showsMembers } from '../portal/from-slack/members.ts';
import type { Portal, ShownStore } from '../portal/ports.ts';
import type { IntakePort } from '../queue/ports.ts';
import type { Patience, ReadPins } from '../slack/channel-history.ts';
import { lookDelivery, membersDelivery } from '../slack/looks.ts';

interface LookParts {
  readonly readPins: ReadPins;
  readonly shown: Pick<ShownStore, 'now'>;
  readonly intake: IntakePort;
}

/**
 * What events did not tell of a channel's topic, name, pins and people is stored as events of our own. Pins are asked for here, in
 * the background: Slack lets nobody ask often, and a portal's lane doesn't wait for that.
 */
export async function lookAt(
  { readPins, shown, intake }: LookParts,
  portal: Portal,
  patience: Patience,
): Promise<void> {
  const [place] = portal.channels;
  const at = await shown.now();
  const pinned = portal.policy.pins ? await readPins(place, patience) : undefined;
  const look = lookDelivery(place, portal.id, { at, ...(pinned && { pinned }) });
  await intake.store(showsMembers(portal) ? [look, membersDelivery(place, portal.id, at)] : [look]);
}
