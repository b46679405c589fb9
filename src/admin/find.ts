import { CannotBridge } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import type { Portal, PortalChannel, SlackChannel } from '../portal/ports.ts';
import { closest } from '../suggest.ts';
import type { Request } from './command.ts';
import type { AdminContext } from './ports.ts';

/** `#general in Acme`. */
export function channelTitle(context: AdminContext, channel: PortalChannel): string {
  return `#${channel.name} in ${teamName(context, channel.team)}`;
}

export function teamName(context: AdminContext, team: TeamId): string {
  return context.slack.team(team)?.name ?? team;
}

/**
 * The one channel that was named, by `#name`, name or id. Private channels are there for administrators only: whether
 * somebody is a member in Slack isn't known. Throws `CannotBridge` that lists the choices, or says how to get there.
 */
export async function findChannel(request: Request, query: string, team?: string): Promise<SlackChannel> {
  const { context, permission } = request;
  const found = await context.slack.findChannels(
    query,
    team === undefined ? undefined : findTeam(context, team),
  );
  const visible = found.filter((channel) => permission === 'admin' || !channel.private);
  const [only, ...more] = visible;
  if (!only) {
    const hint =
      permission === 'admin'
        ? "If it is private, a member has to invite the bridge's app there first, with /invite in Slack."
        : 'Private channels can be linked by administrators of the bridge only.';
    throw new CannotBridge(
      'no-channel',
      `There is no channel “${query.slice(0, 80)}” that I can see. ${hint}`,
    );
  }
  if (more.length === 0) return only;
  const choices = visible.map((channel) => `${channelTitle(context, channel)} (${channel.channel})`);
  throw new CannotBridge(
    'ambiguous',
    `Which one? ${choices.join(', ')}. Say its id, or its workspace as well.`,
  );
}

/** By name or id. Throws `CannotBridge` that lists the choices. */
export function findTeam(context: AdminContext, query: string): TeamId {
  const teams = context.slack.teams();
  const wanted = query.toLowerCase();
  const team = teams.find((each) => each.id === query || each.name.toLowerCase() === wanted);
  if (team) return team.id;
  const names = teams.map((each) => each.name);
  const meant = closest(query, names);
  const hint = meant === undefined ? `Connected are: ${names.join(', ')}.` : `Did you mean “${meant}”?`;
  throw new CannotBridge('no-team', `There is no workspace “${query.slice(0, 80)}” here. ${hint}`);
}

/**
 * The portal that a command is about: the one it names by channel, else that of the room it was given in. Private channels
 * of rooms that the asker isn't in are there for administrators only.
 */
export async function findPortal(request: Request, query: string | undefined): Promise<Portal> {
  const { context, message } = request;
  if (query === undefined) {
    const here = context.portals.byRoom(message.room);
    if (here) return here;
    throw new CannotBridge(
      'no-portal',
      'This room is not linked. Say which channel you mean, like #general.',
    );
  }
  const found = [];
  for (const portal of portalsNamed(context, query)) if (await maySee(request, portal)) found.push(portal);
  const [only, ...more] = found;
  if (!only) throw new CannotBridge('no-portal', `No linked channel is called “${query.slice(0, 80)}”.`);
  if (more.length === 0) return only;
  const choices = found.map(
    ({ channels: [channel] }) => `${channelTitle(context, channel)} (${channel.channel})`,
  );
  throw new CannotBridge('ambiguous', `Which one? ${choices.join(', ')}. Say its id.`);
}

function portalsNamed(context: AdminContext, query: string): readonly Portal[] {
  const name = query.replace(/^#/, '').toLowerCase();
  const matches = (channel: PortalChannel): boolean =>
    channel.channel === query || channel.name.toLowerCase() === name;
  return context.portals.all().filter((portal) => portal.channels.some(matches));
}

async function maySee({ context, message, permission }: Request, portal: Portal): Promise<boolean> {
  if (permission === 'admin' || portal.room === message.room) return true;
  const { team, channel } = portal.channels[0];
  if ((await context.slack.channel(team, channel))?.private === false) return true;
  return (await context.matrix.joinedMembers(portal.room)).includes(message.sender);
}
