import { CannotBridge } from '../errors.ts';
import type { ChannelId, TeamId } from '../ids.ts';
import { channelId } from '../ids.ts';
import type { SlackChannel, SlackPort } from '../portal/ports.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import { slackChannel } from './channel.ts';
import { createListReader } from './channel-lists.ts';
import { isFields, maybe } from './fields.ts';
import type { Teams } from './teams.ts';

/** Channels of the configured workspaces. */
export type Channels = Pick<
  SlackPort,
  'channel' | 'channelChanged' | 'forgetChannel' | 'findChannels' | 'listChannels' | 'join' | 'leave'
>;

/** In milliseconds. A channel that the bot isn't in may be joined, or shown to it, at any moment. */
const goodFor = { joined: 60_000, other: 2000, list: 30_000 };

export function createChannels(call: CallSlack, teams: Teams): Channels {
  const single = createBoundedCache<string, SlackChannel | undefined>({
    size: 5000,
    goodFor: (channel) => (channel?.member === true ? goodFor.joined : goodFor.other),
  });
  const lists = createBoundedCache<TeamId, readonly SlackChannel[]>({
    size: 100,
    goodFor: () => goodFor.list,
  });
  const readList = createListReader(call);
  const keyOf = (team: TeamId, channel: ChannelId) => `${team} ${channel}`;
  const one = (team: TeamId, channel: ChannelId) =>
    single.get(keyOf(team, channel), () => channelInfo(call, team, channel));

  async function findIn(team: TeamId, query: string): Promise<readonly SlackChannel[]> {
    const id = maybe(channelId, query);
    if (id !== undefined) {
      const found = await one(team, id);
      return found === undefined ? [] : [found];
    }
    let fresh = false;
    const read = () => {
      fresh = true;
      return readList(team);
    };
    const found = named(query, await lists.get(team, read));
    if (found.length > 0 || fresh) return found;
    lists.forget(team); // it may be new
    return named(query, await lists.get(team, read));
  }

  const channels: Channels = {
    channel: one,
    channelChanged: ({ team, channel }) => {
      single.forget(keyOf(team, channel));
      lists.forget(team);
    },
    forgetChannel: ({ team, channel }) => single.forget(keyOf(team, channel)),
    findChannels: async (query, team) => {
      const searched = team === undefined ? teams.all().map((each) => each.id) : [team];
      const found: SlackChannel[] = [];
      for (const each of searched) found.push(...(await findIn(each, query.trim())));
      return found;
    },
    listChannels: (team) => lists.get(team, () => readList(team)),
    join: async (place) => {
      const args = { channel: place.channel };
      await call({ team: place.team, method: 'conversations.join', effect: 'repeatable', args });
      channels.channelChanged(place);
    },
    leave: async (place) => {
      const args = { channel: place.channel };
      await call({ team: place.team, method: 'conversations.leave', effect: 'repeatable', args });
      channels.channelChanged(place);
    },
  };
  return channels;
}

function named(query: string, channels: readonly SlackChannel[]): readonly SlackChannel[] {
  const plain = (name: string) => name.normalize('NFC').toLowerCase();
  const wanted = plain(query.replace(/^#/, ''));
  return channels.filter((channel) => plain(channel.name) === wanted);
}

async function channelInfo(
  call: CallSlack,
  team: TeamId,
  channel: ChannelId,
): Promise<SlackChannel | undefined> {
  try {
    const args = { channel, include_num_members: true };
    const answer = await call({ team, method: 'conversations.info', effect: 'read', args });
    return isFields(answer['channel']) ? slackChannel(team, answer['channel']) : undefined;
  } catch (error) {
    if (error instanceof CannotBridge && error.reason === 'channel_not_found') return undefined;
    throw error;
  }
}
