import type { ChannelId, TeamId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import type { Portal, SlackChannel } from './ports.ts';
import { soon } from './soon.ts';

/**
 * Whether the people of one portal may be shown what another one is called, and where it is: it is the same, or its
 * channel is public in Slack. Neither the name of a private channel nor the address of its room is told by what somebody
 * writes elsewhere; what can't be known now counts as private.
 */
export async function mayShow(context: PortalContext, portal: Portal, other: Portal): Promise<boolean> {
  if (other.id === portal.id) return true;
  const { team, channel } = other.channels[0];
  return (await knownChannel(context, team, channel))?.private === false;
}

/** The channel; undefined where Slack doesn't say it soon. */
export function knownChannel(
  { slack }: PortalContext,
  team: TeamId,
  channel: ChannelId,
): Promise<SlackChannel | undefined> {
  return soon(slack.channel(team, channel));
}
