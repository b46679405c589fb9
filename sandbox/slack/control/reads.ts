import { z } from 'zod';

import type { Channel } from '../model.ts';
import { historyWithMetadata, messageShape } from '../shapes/message.ts';
import { userShape } from '../shapes/user.ts';
import { standardEmoji } from '../text/emoji.ts';
import type { World } from '../world.ts';
import { action } from './action.ts';
import { channelView } from './channels.ts';
import { findChannel, findMessage } from './find.ts';
import { appView } from './teams.ts';

/** Numbers come as text in a query string. */
const count = z.coerce.number().int().positive();

export const readActions = {
  /** Teams with their apps, people and channels; no messages. */
  world: action(z.strictObject({}), ({ world }) => ({
    url: world.url,
    teams: [...world.teams.values()].map((team) => ({
      id: team.id,
      name: team.name,
      domain: team.domain,
      emoji: Object.fromEntries(team.emoji),
      usergroups: [...team.usergroups.values()],
      apps: (world.appsByTeam.get(team.id) ?? []).map(appView),
      users: [...(world.usersByTeam.get(team.id)?.values() ?? [])].map((user) =>
        userShape(world, user, true),
      ),
      channels: [...(world.channelsByTeam.get(team.id)?.values() ?? [])].map((channel) =>
        channelView(channel),
      ),
    })),
  })),

  /** The youngest messages of a channel, oldest first. `all`: with the replies, each at its own time. */
  messages: action(
    z.strictObject({
      channel: z.string(),
      limit: count.default(100),
      all: z.union([z.boolean(), z.stringbool()]).default(false),
    }),
    ({ world }, input) => {
      const channel = findChannel(world, input.channel);
      const source = input.all ? [...channel.messages.values()].sort(byTs) : channel.timeline;
      return source
        .slice(-input.limit)
        .map((message) => messageShape(world, channel, message, historyWithMetadata));
    },
  ),

  /** The root and its replies, oldest first. */
  thread: action(
    z.strictObject({ channel: z.string(), ts: z.string() }),
    ({ world }, { channel: id, ts }) => {
      const channel = findChannel(world, id);
      return threadOf(world, channel, ts);
    },
  ),

  /** What happened since `after` (a `seq`), oldest first, the youngest `limit` of it. */
  log: action(
    z.strictObject({
      after: z.coerce.number().int().nonnegative().default(0),
      limit: count.default(200),
      kind: z
        .enum(['api', 'event', 'interaction', 'socket', 'fault', 'ephemeral', 'file', 'oauth'])
        .optional(),
      name: z.string().optional(),
    }),
    ({ log }, { after, limit, kind, name }) =>
      log
        .read(after, Number.MAX_SAFE_INTEGER)
        .filter((entry) => (kind ?? entry.kind) === entry.kind && (name ?? entry.name) === entry.name)
        .slice(-limit),
  ),

  /** The code points of each standard emoji by its name, for the page. */
  standardEmoji: action(z.strictObject({}), () => standardEmoji()),

  clearLog: action(z.strictObject({}), ({ log }) => {
    log.clear();
  }),

  /** Forgets the whole world, the faults and the log. */
  reset: action(z.strictObject({}), ({ world, faults, log, limits, sockets, deliveries }) => {
    sockets.cut({});
    deliveries.giveUp();
    faults.clear();
    log.clear();
    limits.clear();
    world.clear();
  }),
};

function threadOf(world: World, channel: Channel, ts: string) {
  const root = findMessage(channel, ts);
  const replies = channel.threads.get(root.ts) ?? [];
  return [root, ...replies].map((message) => messageShape(world, channel, message, historyWithMetadata));
}

function byTs(one: { readonly ts: string }, other: { readonly ts: string }): number {
  return one.ts < other.ts ? -1 : 1;
}
