import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import type { SlackChannel } from '../portal/ports.ts';
import type { Answer, Request } from './command.ts';
import { isMember, teamName, teamsFor } from './find.ts';
import { channelData } from './list.ts';
import { bold, bullets, line, pageOf, reply, roomLink, withData } from './reply.ts';
import type { Words } from './reply.ts';

const pageSize = 20;

/** Channels whose name, topic or description has all the words, or whose room’s name has them; linked ones first. */
export async function search(request: Request): Promise<Answer> {
  const { context, args, permission, place } = request;
  const words = (args['words'] ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) throw new CannotBridge('no-words', 'Say what to look for.');
  const found: SlackChannel[] = [];
  for (const team of teamsFor(request))
    for (const channel of await context.slack.listChannels(team)) {
      const isHere = place.channel?.channel === channel.channel && (await isMember(request, channel));
      if (channel.private && permission !== 'admin' && !isHere) continue;
      const said = await saidBy(request, channel);
      if (words.every((word) => said.includes(word.replace(/^#/, '')))) found.push(channel);
    }
  const sorted = found.toSorted(
    (a, b) => rank(request, a) - rank(request, b) || a.name.localeCompare(b.name),
  );
  const { items, total, foot } = pageOf(request, sorted, pageSize);
  if (total === 0)
    return withData(reply('I find no channel and no room with these words.'), { total, channels: [] });
  const doc = reply(
    line(bold(total === 1 ? 'One channel' : `${total} channels`)),
    bullets(items.map((channel) => foundLine(request, channel))),
    ...foot,
  );
  return withData(doc, { total, channels: items.map((each) => channelData(request, each)) });
}

/** Rooms that share the channel’s name aren’t asked for theirs. */
async function saidBy({ context }: Request, channel: SlackChannel): Promise<string> {
  const portal = context.portals.byChannel(channel.team, channel.channel);
  const hasOwnName = portal !== undefined && !portal.policy.name;
  const name = hasOwnName
    ? (await context.matrix.state(portal.room, 'm.room.name', ''))?.['name']
    : undefined;
  const texts = [channel.topic, channel.purpose].flatMap((doc: Doc | undefined) =>
    doc ? [context.textOf(doc)] : [],
  );
  return [channel.name, ...texts, typeof name === 'string' ? name : ''].join('\n').toLowerCase();
}

function rank({ context }: Request, { team, channel, archived }: SlackChannel): number {
  if (context.portals.byChannel(team, channel)) return 0;
  return archived ? 2 : 1;
}

function foundLine({ context }: Request, channel: SlackChannel): readonly Words[] {
  const portal = context.portals.byChannel(channel.team, channel.channel);
  const topic =
    channel.topic === undefined ? '' : context.textOf(channel.topic).replaceAll(/\s+/g, ' ').slice(0, 100);
  return [
    `#${channel.name}${channel.private ? ' (private)' : ''}${channel.archived ? ' (archived)' : ''} in ${teamName(context, channel.team)}`,
    ...(portal ? [' → ', roomLink(portal.room, portal.room)] : []),
    topic === '' ? '' : ` – ${topic}`,
  ];
}
