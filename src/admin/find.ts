import { CannotBridge } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import { roomId } from '../ids.ts';
import type { RoomId, SlackUserId, TeamId } from '../ids.ts';
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

/** The workspaces that an asker may look into: people of Slack their own, unless they administer the bridge. */
export function teamsFor({ context, asker, permission }: Request): readonly TeamId[] {
  const all = context.slack.teams().map(({ id }) => id);
  const { slack } = asker;
  return slack === undefined || permission === 'admin' ? all : all.filter((id) => id === slack.team);
}

/** A channel that somebody wants to link. */
export interface FoundChannel extends SlackChannel {
  /** The asker's own account in Slack: only by that the channel is seen. */
  readonly by?: SlackUserId;
}

/**
 * The one channel that was named, by `#name`, name or id. Private channels are there for administrators, and for who is in
 * them: in Slack, or by an own account. Throws `CannotBridge` that lists the choices, or says how to get there.
 */
export async function findChannel(request: Request, query: string, team?: string): Promise<FoundChannel> {
  const { context, permission } = request;
  const id = team === undefined ? undefined : findTeam(request, team);
  const found = (await context.slack.findChannels(query, id)).filter((channel) =>
    teamsFor(request).includes(channel.team),
  );
  const own = await ownChannels(request, query, id);
  const isOwn = (channel: SlackChannel): boolean => own.some((each) => isSame(each, channel));
  const byBot: SlackChannel[] = [];
  for (const channel of found)
    if (
      !channel.private ||
      (isOwn(channel) ? channel.member : permission === 'admin' || (await isMember(request, channel)))
    )
      byBot.push(channel);
  const visible = [...byBot, ...own.filter((channel) => !byBot.some((each) => isSame(each, channel)))];
  const [only, ...more] = visible;
  if (!only) throw await noChannel(request, query);
  if (more.length === 0) return only;
  const choices = visible.map((channel) => `${channelTitle(context, channel)} (${channel.channel})`);
  throw new CannotBridge(
    'ambiguous',
    `Which one? ${choices.join(', ')}. Say its id, or its workspace as well.`,
  );
}

async function noChannel(request: Request, query: string): Promise<CannotBridge> {
  const { context, permission } = request;
  const names: string[] = [];
  for (const team of teamsFor(request))
    for (const channel of await context.slack.listChannels(team))
      if (!channel.private || permission === 'admin') names.push(channel.name);
  const meant = closest(query.replace(/^#/, ''), names);
  const hint =
    permission === 'admin'
      ? "If it is private, a member has to invite the bridge's app there first, with /invite in Slack."
      : 'A private channel can be linked by who is in it and has logged in to Slack (“login”), or by administrators of the bridge.';
  const instead = meant === undefined ? hint : `Did you mean “#${meant}”? ${hint}`;
  return new CannotBridge(
    'no-channel',
    `There is no channel “${query.slice(0, 80)}” that I can see. ${instead}`,
  );
}

function isSame(a: SlackPlace, b: SlackPlace): boolean {
  return a.team === b.team && a.channel === b.channel;
}

/** Of a larger channel nobody is asked who is in it. */
const mostMembers = 5000;

/** Whether somebody who asks in Slack is in a channel of their workspace: where they ask, they are. */
export async function isMember({ context, asker, place }: Request, channel: SlackPlace): Promise<boolean> {
  const { slack } = asker;
  if (slack === undefined || slack.team !== channel.team) return false;
  if (place.channel && isSame(place.channel, channel)) return true;
  return (await context.slack.members(channel, mostMembers))?.includes(slack.user) === true;
}

/** Private channels of this name that the asker is in by an own account. */
async function ownChannels(
  { context, asker }: Request,
  query: string,
  team: TeamId | undefined,
): Promise<readonly FoundChannel[]> {
  if (asker.matrixUser === undefined) return [];
  const name = query.trim().replace(/^#/, '').toLowerCase();
  const usable = context.people
    .accounts(asker.matrixUser)
    .filter((puppet) => puppet.trouble === undefined && (team === undefined || puppet.team === team));
  const found: FoundChannel[] = [];
  for (const { team: id, slackUser: by } of usable)
    for (const channel of await context.slack.privateChannels(id, by))
      if (channel.name.toLowerCase() === name || channel.channel === query.trim())
        found.push({ ...channel, by });
  return found;
}

/** By name, id or address. Throws `CannotBridge` that lists the choices. */
export function findTeam(request: Request, query: string): TeamId {
  const open = teamsFor(request);
  const teams = request.context.slack.teams().filter(({ id }) => open.includes(id));
  const wanted = query.toLowerCase().replace(/\/+$/, '');
  const isMeant = (each: (typeof teams)[number]): boolean =>
    each.id === query || each.name.toLowerCase() === wanted || each.url.replace(/\/+$/, '') === wanted;
  const team = teams.find(isMeant);
  if (team) return team.id;
  const names = teams.map((each) => each.name);
  const meant = closest(query, names);
  const hint = meant === undefined ? `Connected are: ${names.join(', ')}.` : `Did you mean “${meant}”?`;
  throw new CannotBridge('no-team', `There is no workspace “${query.slice(0, 80)}” here. ${hint}`);
}

/** The portal of the room or the channel in which the command was given. */
export function portalHere({ context, place }: Pick<Request, 'context' | 'place'>): Portal | undefined {
  if (place.room !== undefined) return context.portals.byRoom(place.room);
  const { channel } = place;
  return channel && context.portals.byChannel(channel.team, channel.channel);
}

/**
 * The portal that a command is about: the one it names by channel or room, else that of where it was given. Private
 * channels of rooms that the asker isn't in are there for administrators only; chats for nobody but who is in them.
 */
export async function findPortal(request: Request, query: string | undefined): Promise<Portal> {
  const { context, place } = request;
  if (query === undefined) {
    const here = portalHere(request);
    if (here) return here;
    throw new CannotBridge(
      'no-portal',
      `This ${place.side === 'slack' ? 'channel' : 'room'} is not linked. Say which channel you mean, like #general.`,
    );
  }
  const found = [];
  for (const portal of await portalsNamed(context, query))
    if (await maySee(request, portal)) found.push(portal);
  const [only, ...more] = found;
  if (!only) throw await noPortal(request, query);
  if (more.length === 0) return only;
  const choices = found.map((portal) => `${portalTitle(context, portal)} (${portal.channels[0].channel})`);
  throw new CannotBridge('ambiguous', `Which one? ${choices.join(', ')}. Say its id.`);
}

async function noPortal(request: Request, query: string): Promise<CannotBridge> {
  const linked = request.context.portals.all().filter(({ kind }) => kind === 'channel');
  const meant = closest(
    query.replace(/^#/, ''),
    linked.flatMap(({ channels }) => channels.map(({ name }) => name)),
  );
  const seen = linked.find(({ channels }) => channels.some(({ name }) => name === meant));
  const hint = seen && (await maySee(request, seen)) ? ` Did you mean “#${meant}”?` : '';
  return new CannotBridge('no-portal', `No linked channel is called “${query.slice(0, 80)}”.${hint}`);
}

async function portalsNamed(context: AdminContext, query: string): Promise<readonly Portal[]> {
  const room = await roomNamed(context, query);
  if (room !== undefined) {
    const portal = context.portals.byRoom(room);
    return portal ? [portal] : [];
  }
  const name = query.replace(/^#/, '').toLowerCase();
  const matches = (channel: PortalChannel): boolean =>
    channel.channel === query || channel.name.toLowerCase() === name;
  return context.portals.all().filter((portal) => portal.channels.some(matches));
}

/** By id or alias; undefined for what is neither, and for an alias that leads nowhere. */
export async function roomNamed({ matrix }: AdminContext, query: string): Promise<RoomId | undefined> {
  if (/^!\S+$/.test(query)) return roomId(query);
  return /^#[^\s:]+:\S+$/.test(query) ? matrix.resolveAlias(query) : undefined;
}

/** Whether the asker may know of a portal at all. */
async function maySee(request: Request, portal: Portal): Promise<boolean> {
  const { context, asker, permission } = request;
  const here = portalHere(request);
  if (here?.id === portal.id) return true;
  const { matrixUser, slack } = asker;
  const isChat = portal.kind !== 'channel';
  if (!isChat && permission === 'admin') return true;
  const isInRoom = async (): Promise<boolean> =>
    matrixUser !== undefined && (await context.matrix.joinedMembers(portal.room)).includes(matrixUser);
  if (isChat) return isInRoom();
  const own =
    slack === undefined ? portal.channels[0] : portal.channels.find(({ team }) => team === slack.team);
  if (own === undefined) return isInRoom();
  if ((await context.slack.channel(own.team, own.channel))?.private === false) return true;
  return (await isMember(request, own)) || isInRoom();
}
