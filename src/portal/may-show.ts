import { CannotBridge, TryLater } from '../errors.ts';
import type { ChannelId, TeamId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import type { Portal, SlackChannel } from './ports.ts';

/** What is only nice to know may take so long, in milliseconds. */
const patience = 2000;

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
export async function knownChannel(
  { slack }: PortalContext,
  team: TeamId,
  channel: ChannelId,
): Promise<SlackChannel | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience);
  });
  try {
    return await Promise.race([slack.channel(team, channel), late]);
  } catch (error) {
    if (error instanceof TryLater || error instanceof CannotBridge) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
