import type { Doc, Inline } from '../format/doc.ts';
import type { TeamId } from '../ids.ts';
import type { SlackChannel } from '../portal/ports.ts';
import type { Request } from './command.ts';
import { teamName } from './find.ts';
import { bold, bullets, code, line, reply, roomLink } from './reply.ts';

/** So many lines a workspace: a bot's answer is read, not searched. */
const mostLines = 50;

/** The channels of all workspaces, linked ones first. Private ones are shown to administrators only. */
export async function list(request: Request): Promise<Doc> {
  const blocks = [];
  for (const team of request.context.slack.teams()) blocks.push(...(await teamBlocks(request, team.id)));
  return blocks.length > 0 ? reply(...blocks) : reply('No workspace is connected.');
}

async function teamBlocks(request: Request, team: TeamId): Promise<Doc['blocks']> {
  const { context, permission, args } = request;
  const wanted = (args['name'] ?? '').replace(/^#/, '').toLowerCase();
  const channels = (await context.slack.listChannels(team))
    .filter((channel) => !channel.private || permission === 'admin')
    .filter((channel) => channel.name.toLowerCase().includes(wanted))
    .filter((channel) => !channel.archived || isLinked(request, channel));
  const sorted = channels.toSorted((a, b) => order(request, a, b));
  const lines = sorted.slice(0, mostLines).map((channel) => channelLine(request, channel));
  const title = line(bold(teamName(context, team)));
  if (lines.length === 0) return [title, line('No channel fits.')];
  const left = sorted.length - lines.length;
  const more =
    left > 0 ? [line(`… and ${left} more: say a part of the name, like `, code('list gen'), '.')] : [];
  return [title, bullets(lines), ...more];
}

function isLinked({ context }: Request, channel: SlackChannel): boolean {
  return context.portals.byChannel(channel.team, channel.channel) !== undefined;
}

function order(request: Request, a: SlackChannel, b: SlackChannel): number {
  return Number(isLinked(request, b)) - Number(isLinked(request, a)) || a.name.localeCompare(b.name);
}

function channelLine({ context }: Request, channel: SlackChannel): readonly (string | Inline)[] {
  const portal = context.portals.byChannel(channel.team, channel.channel);
  const name = `#${channel.name}${channel.private ? ' (private)' : ''}`;
  if (!portal) return [name];
  const state = portal.status === 'live' ? '' : ` (${portal.status})`;
  return [`${name} → `, roomLink(portal.room, portal.room), state];
}
