import type { App, Channel, Message, Team, User } from '../model.ts';
import type { World } from '../world.ts';
import { ControlError } from './action.ts';

/** A team by id; without one, the only team there is. */
export function findTeam(world: World, id: string | undefined): Team {
  const [only, ...others] = world.teams.values();
  const team = id === undefined ? (others.length === 0 ? only : undefined) : world.teams.get(id);
  if (team) return team;
  throw new ControlError(
    id === undefined ? 'Say which team: there is none or more than one.' : `There is no team ${id}.`,
  );
}

/** An app by its id, in the team where one is named; without an id, the team's first (or the only team's). */
export function findApp(world: World, id: string | undefined, teamId?: string): App {
  const there = id === undefined || teamId === undefined ? undefined : world.installation(id, teamId);
  const app =
    id === undefined ? world.appsByTeam.get(findTeam(world, teamId).id)?.[0] : (there ?? world.apps.get(id));
  if (!app) throw new ControlError(id === undefined ? 'The team has no app.' : `There is no app ${id}.`);
  return app;
}

export function findUser(world: World, id: string): User {
  const user = world.users.get(id);
  if (!user) throw new ControlError(`There is no user ${id}.`);
  return user;
}

export function findChannel(world: World, id: string): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw new ControlError(`There is no channel ${id}.`);
  return channel;
}

export function findMessage(channel: Channel, ts: string): Message {
  const message = channel.messages.get(ts);
  if (!message) throw new ControlError(`Channel ${channel.id} has no message ${ts}.`);
  return message;
}
