import type { Block } from '../format/doc.ts';
import type { SlackChannel } from '../portal/ports.ts';
import type { Answer, Request } from './command.ts';
import { findTeam, isMember, teamName, teamsFor } from './find.ts';
import type { Words } from './reply.ts';
import { bold, bullets, line, pageOf, reply, roomLink, withData } from './reply.ts';

const pageSize = 40;

/** The channels of the workspaces, linked ones first. Private ones are there for administrators, and for who asks in them. */
export async function list(request: Request): Promise<Answer> {
  const { args, context } = request;
  const teams = args['team'] === undefined ? teamsFor(request) : [findTeam(request, args['team'])];
  if (teams.length === 0) return reply('No workspace is connected.');
  const wanted = (args['name'] ?? '').replace(/^#/, '').toLowerCase();
  const channels: SlackChannel[] = [];
  for (const team of teams) channels.push(...(await channelsOf(request, team, wanted)));
  const { items, total, foot } = pageOf(request, channels, pageSize);
  const blocks = teams.flatMap((team): readonly Block[] => {
    const lines = items.filter((each) => each.team === team).map((each) => channelLine(request, each));
    const isEmpty = !channels.some((each) => each.team === team);
    if (lines.length === 0 && !isEmpty) return [];
    return [line(bold(teamName(context, team))), isEmpty ? line('No channel fits.') : bullets(lines)];
  });
  return withData(reply(...blocks, ...foot), {
    total,
    channels: items.map((each) => channelData(request, each)),
  });
}

async function channelsOf(
  request: Request,
  team: SlackChannel['team'],
  wanted: string,
): Promise<readonly SlackChannel[]> {
  const { context, permission } = request;
  const found: SlackChannel[] = [];
  for (const channel of await context.slack.listChannels(team)) {
    if (channel.private && permission !== 'admin' && !(await isHere(request, channel))) continue;
    if (!channel.name.toLowerCase().includes(wanted)) continue;
    if (!channel.archived || isLinked(request, channel)) found.push(channel);
  }
  return found.toSorted((a, b) => order(request, a, b));
}

/** In it by asking in it; nobody is asked who is in all the others. */
function isHere(request: Request, channel: SlackChannel): Promise<boolean> {
  const isAskedHere = request.place.channel?.channel === channel.channel;
  return isAskedHere ? isMember(request, channel) : Promise.resolve(false);
}

function isLinked({ context }: Request, channel: SlackChannel): boolean {
  return context.portals.byChannel(channel.team, channel.channel) !== undefined;
}

function order(request: Request, a: SlackChannel, b: SlackChannel): number {
  return Number(isLinked(request, b)) - Number(isLinked(request, a)) || a.name.localeCompare(b.name);
}

function channelLine({ context }: Request, channel: SlackChannel): readonly Words[] {
  const portal = context.portals.byChannel(channel.team, channel.channel);
  const name = `#${channel.name}${channel.private ? ' (private)' : ''}`;
  if (!portal) return [name];
  const state = portal.status === 'live' ? '' : ` (${portal.status})`;
  return [`${name} → `, roomLink(portal.room, portal.room), state];
}

/** For programs. */
export function channelData({ context }: Request, channel: SlackChannel): object {
  const portal = context.portals.byChannel(channel.team, channel.channel);
  const { team, channel: id, name, archived } = channel;
  const linked = portal && { room: portal.room, status: portal.status };
  return { team, channel: id, name, private: channel.private, archived, ...linked };
}
