import type { MatrixUserId } from '../ids.ts';
import type { DescribedChannel, PortalChannel } from '../portal/ports.ts';
import { objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import type { StateEvent } from './power.ts';
import { bridgeStates, isJoined } from './rights.ts';

/** The key of our bridge state: one for each channel, so that a portal's end doesn't touch another's. */
export function bridgeStateKey(channel: Pick<PortalChannel, 'team' | 'channel'>): string {
  return `matrix-slack-bridge://slack/${channel.team}/${channel.channel}`;
}

/** @see https://github.com/matrix-org/matrix-spec-proposals/pull/2346 */
export function bridgeInfo(channel: DescribedChannel, bot: MatrixUserId): JsonObject {
  return {
    bridgebot: bot,
    protocol: { id: 'slack', displayname: 'Slack', external_url: 'https://slack.com/' },
    network: { id: channel.team, displayname: channel.teamName, external_url: channel.url },
    channel: {
      id: channel.channel,
      displayname: channel.name,
      external_url: `${channel.url.replace(/\/+$/, '')}/archives/${channel.channel}`,
    },
  };
}

/**
 * Bots of other bridges that say that they bridge the room to Slack, and are in it. What a bridge left behind when it
 * went doesn't count. Bridges name the protocol differently (`slack`, `slackgo`, …): those that begin so are meant.
 */
export function otherBridgeBots(
  state: readonly StateEvent[],
  isOurs: (user: string) => boolean,
): readonly string[] {
  const types: readonly string[] = bridgeStates;
  const bots = state
    .filter((event) => types.includes(event.type) && !isOurs(event.sender))
    .filter((event) => textAt(objectAt(event.content, 'protocol'), 'id')?.toLowerCase().startsWith('slack'))
    .map((event) => ({ bot: textAt(event.content, 'bridgebot') ?? event.sender, sender: event.sender }))
    .filter(({ bot, sender }) => !isOurs(bot) && (isJoined(state, bot) || isJoined(state, sender)));
  return [...new Set(bots.map(({ bot }) => bot))];
}
