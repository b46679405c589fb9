import { CannotBridge } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { Portal, PortalChannel, SlackChannel } from '../portal/ports.ts';
import { closest } from '../suggest.ts';
import type { Request } from './command.ts';
import type { AdminContext } from './ports.ts';

/** `#general in Acme`. */
export function channelTitle(context: AdminContext, channel: PortalChannel): string {
  return `#${channel.name} in ${teamName(context, channel.team)}`;
}

/** The same of a portal; chats are called by their people. */
export function portalTitle(context: AdminContext, { kind, channels: [channel] }: Portal): string {
  if (kind === 'channel') return channelTitle(context, channel);
  return `the chat of ${channel.name} in ${teamName(context, channel.team)}`;
}

export function teamName(context: AdminContext, team: TeamId): string {
  return context.slack.team(team)?.name ?? team;
}

/** A channel that somebody wants to link. */
export interface FoundChannel extends SlackChannel {
  /** The asker's own account in Slack: only by that the channel is seen. */
  readonly by?: SlackUserId;
}

/**
 * The one channel that was named, by `#name`, name or id. Private channels are there for administrators, and for who is in
 * them by an own account. Throws `CannotBridge` that lists the choices, or says how to get there.
 */
export async function findChannel(request: Request, query: string, team?: string): Promise<FoundChannel> {
  const { context, permission } = request;
  const id = team === undefined ? undefined : findTeam(context, team);
  const found = await context.slack.findChannels(query, id);
  const own = await ownChannels(request, query, id);
  const isOwn = (channel: SlackChannel): boolean => own.some((each) => isSame(each, channel));
  const byBot = found.filter(
    (channel) => !channel.private || (isOwn(channel) ? channel.member : permission === 'admin'),
  );
  const visible = [...byBot, ...own.filter((channel) => !byBot.some((each) => isSame(each, channel)))];
  const [only, ...more] = visible;
  if (!only) {
    const hint =
      permission === 'admin'
        ? "If it is private, a member has to invite the bridge's app there first, with /invite in Slack."
        : 'A private channel can be linked by who is in it and has logged in to Slack (“login”), or by administrators of the bridge.';
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
function isSame(a: PortalChannel, b: PortalChannel): boolean {
  return a.team === b.team && a.channel === b.channel;
}

/** Private channels of this name that the asker is in. */
async function ownChannels(
  { context, message }: Request,
  query: string,
  team: TeamId | undefined,
): Promise<readonly FoundChannel[]> {
  const name = query.trim().replace(/^#/, '').toLowerCase();
  const usable = context.people
    .accounts(message.sender)
    .filter((puppet) => puppet.trouble === undefined && (team === undefined || puppet.team === team));
  const found: FoundChannel[] = [];
  for (const { team: id, slackUser: by } of usable)
    for (const channel of await context.slack.privateChannels(id, by))
      if (channel.name.toLowerCase() === name || channel.channel === query.trim())
        found.push({ ...channel, by });
  return found;
}

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
 * of rooms that the asker isn't in are there for administrators only; chats for nobody but who is in them.
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
  const choices = found.map((portal) => `${portalTitle(context, portal)} (${portal.channels[0].channel})`);
  throw new CannotBridge('ambiguous', `Which one? ${choices.join(', ')}. Say its id.`);
}

function portalsNamed(context: AdminContext, query: string): readonly Portal[] {
  const name = query.replace(/^#/, '').toLowerCase();
  const matches = (channel: PortalChannel): boolean =>
    channel.channel === query || channel.name.toLowerCase() === name;
  return context.portals.all().filter((portal) => portal.channels.some(matches));
}

async function maySee({ context, message, permission }: Request, portal: Portal): Promise<boolean> {
  if (portal.room === message.room) return true;
  const isChat = portal.kind !== 'channel';
  if (isChat) return (await context.matrix.joinedMembers(portal.room)).includes(message.sender);
  if (permission === 'admin') return true;
  const { team, channel } = portal.channels[0];
  if ((await context.slack.channel(team, channel))?.private === false) return true;
  return (await context.matrix.joinedMembers(portal.room)).includes(message.sender);
}
