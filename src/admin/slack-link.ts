import { CannotBridge } from '../errors.ts';
import type { RoomId } from '../ids.ts';
import type { SlackChannel } from '../portal/ports.ts';
import { hasPower, requireChannel } from './access.ts';
import type { Answer, Request } from './command.ts';
import { channelTitle, findChannel, roomNamed } from './find.ts';
import { besideOthers, consequences, linkNewRoom, linkRoom, peopleIn } from './link.ts';
import { line, reply, roomLink, withData } from './reply.ts';

/**
 * Links the channel in which it is said: with the room that is named, where the asker has the power for it or people there
 * say yes; without one with a new room, for who has a Matrix account. Needs the say over the channel.
 */
export async function linkFromSlack(request: Request): Promise<Answer> {
  const { context, args } = request;
  const words = [args['room'], args['anyway']].filter((word) => word !== undefined);
  const otherBridges = words.at(-1)?.toLowerCase() === besideOthers;
  const [query, ...rest] = otherBridges ? words.slice(0, -1) : words;
  if (rest.length > 0)
    throw new CannotBridge(
      'unknown-word',
      `“${rest.join(' ')}” can't be read: the last word can only be “${besideOthers}”.`,
    );
  const channel = await channelHere(request);
  await requireChannel(request, channel);
  const known = context.portals.byChannel(channel.team, channel.channel);
  if (known)
    return reply(
      line('This channel is linked already, to ', roomLink(known.room, `#${channel.name}`), ' in Matrix.'),
    );
  if (query === undefined) return linkNewRoom(request, channel, otherBridges);
  return linkExisting(request, channel, await roomMeant(request, query), otherBridges);
}

async function linkExisting(
  request: Request,
  channel: SlackChannel,
  room: RoomId,
  otherBridges: boolean,
): Promise<Answer> {
  const { context, asker } = request;
  if (!(await context.matrix.rights(room)).joined)
    throw new CannotBridge(
      'not-in-room',
      `I am not in that room. Somebody in it has to invite me there first: ${context.matrix.bot}.`,
    );
  if (!(await hasPower(request, room)))
    return context.consent.ask({
      of: 'matrix',
      room,
      channel,
      actor: asker.name,
      shown: asker.slack?.shown ?? asker.name,
      otherBridges,
    });
  const portal = await linkRoom(request, { room, channel, otherBridges, ownRoom: false });
  const doc = await consequences(request, portal, await peopleIn(request, room));
  return withData(doc, { room, team: channel.team, channel: channel.channel });
}

/** The channel in which it was said. Throws `CannotBridge` for a chat of people. */
export async function channelHere({ context, place }: Request): Promise<SlackChannel> {
  const { channel } = place;
  const found = channel?.channel.startsWith('D')
    ? undefined
    : channel && (await context.slack.channel(channel.team, channel.channel));
  if (found && !(found.private && found.name.startsWith('mpdm-'))) return found;
  throw new CannotBridge(
    'no-channel-here',
    'Say this in the channel that you mean. If it is private, invite me there first, with /invite.',
  );
}

async function roomMeant({ context }: Request, query: string): Promise<RoomId> {
  const room = await roomNamed(context, query);
  if (room !== undefined) return room;
  throw new CannotBridge(
    'no-room',
    `“${query.slice(0, 80)}” leads to no room that I know. Say its id (!…), or its address on ${homeOf(context.matrix.bot)} (#…:…).`,
  );
}

function homeOf(bot: string): string {
  return bot.slice(bot.indexOf(':') + 1);
}

/** For programs: a room and a channel, both named. Their keys are administrators'. */
export async function linkByName(request: Request): Promise<Answer> {
  const { context, args } = request;
  const channel = await findChannel(request, args['channel'] ?? '', args['team']);
  const room = await roomMeant(request, args['room'] ?? '');
  const portal = await linkRoom(request, { room, channel, otherBridges: false, ownRoom: false });
  const doc = reply(`${channelTitle(context, channel)} is linked.`);
  return withData(doc, { portal: portal.id, room, team: channel.team, channel: channel.channel });
}
