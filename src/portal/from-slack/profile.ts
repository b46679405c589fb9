import type { SlackEvent } from '../../events.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { showsMembers } from './members.ts';

/** A changed profile: a ghost that exists is brought in step; nobody gets a ghost for it. */
export async function profileToMatrix(
  context: PortalContext,
  event: Extract<SlackEvent, { readonly type: 'profile' }>,
): Promise<void> {
  const profile = await context.slack.profileChanged(event.profile);
  const { matrix, metrics } = context;
  if (!(await matrix.hasGhost(profile.team, profile.id)))
    return metrics.ignored('slack', 'profile-without-ghost');
  const ghost = await matrix.prepareGhost(profile, { quietly: true });
  if (profile.deactivated && profile.home === undefined) await leaveRooms(context, ghost);
}

/** Slack takes whoever is deactivated out of all channels, and tells of no channel. */
async function leaveRooms({ matrix, portals }: PortalContext, ghost: MatrixUserId): Promise<void> {
  for (const room of await matrix.roomsOf(ghost)) {
    const portal = portals.byRoom(room);
    if (portal && showsMembers(portal)) await matrix.leave(room, ghost);
  }
}
