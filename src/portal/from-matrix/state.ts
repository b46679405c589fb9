import type { MatrixEvent } from '../../events.ts';
import type { PortalContext } from '../context.ts';
import { tellEncrypted } from '../encryption.ts';
import { findObstacle } from '../obstacles.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { Portal } from '../ports.ts';

type State = Extract<MatrixEvent, { readonly type: 'state' }>;

/** What may come between a room and its channel, or be out of the way again. */
const watched: ReadonlySet<string> = new Set([
  'm.bridge',
  'uk.half-shot.bridge',
  'm.room.encryption',
  'm.room.history_visibility',
  'm.room.join_rules',
  'm.room.power_levels',
  'm.room.tombstone',
]);

/**
 * A room's settings changed. The whole is looked at as it is now: a private channel whose room was opened, a second
 * bridge, encryption, rights taken away pause the portal at once; when they are put right it goes on.
 */
export async function stateChanged(context: PortalContext, portal: Portal, event: State): Promise<void> {
  if (!watched.has(event.kind)) return context.metrics.ignored('matrix', 'state');
  if (portal.status === 'paused') {
    await resumePortal(context, portal, event.event);
    return;
  }
  if (portal.status !== 'live') return context.metrics.ignored('matrix', 'not-live');
  const obstacle = await findObstacle(context, { ...portal, channel: portal.channels[0] });
  if (obstacle) await pausePortal(context, portal, obstacle, event.event);
  else if (event.kind === 'm.room.encryption') await tellEncrypted(context, portal);
}
