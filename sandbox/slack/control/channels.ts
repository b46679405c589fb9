import { z } from 'zod';

import * as channels from '../channels.ts';
import { growDirect, openDirect } from '../direct.ts';
import { SLACKBOT } from '../people.ts';
import { newId } from '../ids.ts';
import { channelShape } from '../shapes/channel.ts';
import type { Channel } from '../model.ts';
import type { World } from '../world.ts';
import { action, ControlError } from './action.ts';
import { findApp, findChannel, findTeam, findUser } from './find.ts';

const membership = z.strictObject({ channel: z.string(), user: z.string(), by: z.string().optional() });
const byUser = { channel: z.string(), user: z.string() };

export const channelActions = {
  createChannel: action(
    z.strictObject({
      id: z.string().optional(),
      team: z.string().optional(),
      name: z.string(),
      private: z.boolean().default(false),
      creator: z.string().optional(),
      members: z.array(z.string()).default([]),
      /** Whether the team's first app is invited. */
      withApp: z.boolean().default(true),
    }),
    ({ world }, input) => {
      const team = findTeam(world, input.team);
      refuseName(world, team.id, input.name);
      const creator = input.creator ?? input.members[0] ?? SLACKBOT;
      const kind = input.private ? 'private' : 'public';
      const channel = channels.createChannel(world, {
        id: input.id,
        teamId: team.id,
        name: input.name,
        kind,
        creator,
      });
      // Those who are there from the start didn't join: no messages, no events.
      for (const member of input.members) channel.members.add(findUser(world, member).id);
      const app = world.appsByTeam.get(team.id)?.[0];
      if (input.withApp && app) channel.members.add(app.botUserId);
      return channelView(channel);
    },
  ),

  openDirect: action(
    z.strictObject({ team: z.string().optional(), users: z.array(z.string()).min(1) }),
    ({ world }, input) => {
      const users = input.users.map((id) => findUser(world, id));
      const team = findTeam(world, input.team ?? users[0]?.teamId);
      const { channel } = openDirect(
        world,
        team.id,
        users.map(({ id }) => id),
      );
      return channelView(channel);
    },
  ),

  growDirect: action(
    z.strictObject({ channel: z.string(), by: z.string(), users: z.array(z.string()).min(1) }),
    ({ world }, { channel: id, by, users }) => {
      const channel = findChannel(world, id);
      if (!channel.members.has(by)) throw new ControlError(`${by} isn't in ${id}.`);
      const added = users.map((each) => findUser(world, each).id);
      return channelView(growDirect(world, channel, by, added));
    },
  ),

  join: action(membership, ({ world }, { channel: id, user, by }) => {
    const channel = findChannel(world, id);
    return { changed: channels.joinChannel(world, channel, findUser(world, user).id, by) };
  }),
  leave: action(membership, ({ world }, { channel: id, user, by }) => ({
    changed: channels.leaveChannel(world, findChannel(world, id), user, by),
  })),
  inviteApp: action(
    z.strictObject({ channel: z.string(), app: z.string().optional(), by: z.string().optional() }),
    ({ world }, input) => {
      const channel = findChannel(world, input.channel);
      const app = findApp(world, input.app, channel.teamId);
      return { changed: channels.joinChannel(world, channel, app.botUserId, input.by) };
    },
  ),
  removeApp: action(
    z.strictObject({ channel: z.string(), app: z.string().optional(), by: z.string().optional() }),
    ({ world }, input) => {
      const channel = findChannel(world, input.channel);
      const app = findApp(world, input.app, channel.teamId);
      return { changed: channels.leaveChannel(world, channel, app.botUserId, input.by) };
    },
  ),

  setTopic: action(z.strictObject({ ...byUser, topic: z.string() }), ({ world }, input) => {
    channels.setTopic(world, findChannel(world, input.channel), input.user, input.topic);
  }),
  setPurpose: action(z.strictObject({ ...byUser, purpose: z.string() }), ({ world }, input) => {
    channels.setPurpose(world, findChannel(world, input.channel), input.user, input.purpose);
  }),
  rename: action(z.strictObject({ ...byUser, name: z.string() }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    refuseName(world, channel.teamId, input.name);
    channels.renameChannel(world, channel, input.user, input.name);
  }),
  archive: action(z.strictObject(byUser), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    if (!channel.archived) channels.setArchived(world, channel, input.user, true);
  }),
  unarchive: action(z.strictObject(byUser), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    if (channel.archived) channels.setArchived(world, channel, input.user, false);
  }),
  convert: action(z.strictObject({ ...byUser, private: z.boolean() }), ({ world }, input) => {
    const channel = findChannel(world, input.channel);
    if ((channel.kind === 'private') !== input.private)
      channels.convertChannel(world, channel, input.user, input.private);
  }),
  moveChannel: action(z.strictObject({ channel: z.string(), id: z.string() }), ({ world }, input) => {
    if (world.channels.has(input.id)) throw new ControlError(`There is a channel ${input.id} already.`);
    channels.moveChannel(world, findChannel(world, input.channel), input.id);
  }),
  addBookmark: action(
    z.strictObject({ channel: z.string(), title: z.string(), link: z.string() }),
    ({ world }, { channel, title, link }) => {
      const id = newId('Bk');
      findChannel(world, channel).bookmarks.push({ id, title, link });
      return { id };
    },
  ),
  removeBookmark: action(z.strictObject({ channel: z.string(), id: z.string() }), ({ world }, input) => {
    const { bookmarks } = findChannel(world, input.channel);
    const at = bookmarks.findIndex(({ id }) => id === input.id);
    if (at >= 0) bookmarks.splice(at, 1);
  }),
  deleteChannel: action(z.strictObject(byUser), ({ world }, input) => {
    channels.deleteChannel(world, findChannel(world, input.channel), input.user);
  }),
};

/** A conversation object with its members. */
export function channelView(channel: Channel) {
  return Object.assign(channelShape(channel, undefined), {
    kind: channel.kind,
    team: channel.teamId,
    members: [...channel.members],
    lastRead: Object.fromEntries(channel.lastRead),
    messages: channel.messages.size,
  });
}

function refuseName(world: World, teamId: string, name: string): void {
  const problem = channels.invalidName(name);
  if (problem !== undefined) throw new ControlError(`"${name}" is no channel name: ${problem}.`);
  if (channels.channelNamed(world, teamId, name))
    throw new ControlError(`The team has a channel "${name}" already.`);
}
