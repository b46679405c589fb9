import type { SlackEvent } from '../../events.ts';
import type { PortalContext } from '../context.ts';

/** A changed profile: a ghost that exists is brought in step; nobody gets a ghost for it. */
export async function profileToMatrix(
  context: PortalContext,
  event: Extract<SlackEvent, { readonly type: 'profile' }>,
): Promise<void> {
  const profile = await context.slack.profileChanged(event.profile);
  if (await context.matrix.hasGhost(profile.team, profile.id)) await context.matrix.prepareGhost(profile);
  else context.metrics.ignored('slack', 'profile-without-ghost');
}
