import type { Portal, ShownStore } from '../portal/ports.ts';
import type { IntakePort } from '../queue/ports.ts';
import type { Patience, ReadPins } from '../slack/channel-history.ts';
import { lookDelivery } from '../slack/looks.ts';

interface LookParts {
  readonly readPins: ReadPins;
  readonly shown: Pick<ShownStore, 'now'>;
  readonly intake: IntakePort;
}

/**
 * What events did not tell of a channel's topic, name and pins is stored as an event of our own. Pins are asked for here, in
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
  await intake.store([lookDelivery(place, portal.id, { at, ...(pinned && { pinned }) })]);
}
