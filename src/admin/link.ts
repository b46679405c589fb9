import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import type { RoomId } from '../ids.ts';
import type { LinkRequest } from '../portal/link.ts';
import type { Portal, SlackChannel } from '../portal/ports.ts';
import { requireCharge, requirePower } from './access.ts';
import { matrixUserOf } from './asker.ts';
import type { Request } from './command.ts';
import { messageOf } from './command.ts';
import { channelTitle, findChannel, findPortal, portalTitle } from './find.ts';
import type { FoundChannel } from './find.ts';
import { bold, bullets, line, reply, roomLink } from './reply.ts';

/** The word that says that another bridge in the room or the channel is no mistake. */
export const besideOthers = 'anyway';

/** Links this room; in a chat with the bot alone a new room is made. */
export async function link(request: Request): Promise<Doc> {
  const { channel: query = '' } = request.args;
  const words = [request.args['team'], request.args['anyway']].filter((word) => word !== undefined);
  const otherBridges = words.at(-1) === besideOthers;
  const [team, ...rest] = otherBridges ? words.slice(0, -1) : words;
  if (rest.length > 0)
    throw new CannotBridge(
      'unknown-word',
      `“${rest.join(' ')}” can't be read: the last word can only be “${besideOthers}”.`,
    );
  const channel = await findChannel(request, query, team);
  return request.direct
    ? linkNewRoom(request, channel, otherBridges)
    : linkHere(request, channel, otherBridges);
}

async function linkHere(request: Request, channel: FoundChannel, otherBridges: boolean): Promise<Doc> {
  const { room } = messageOf(request);
  await requirePower(request, room);
  const portal = await linkRoom(request, {
    room,
    channel,
    otherBridges,
    ownRoom: false,
    ...through(channel),
  });
  return consequences(request, portal, await peopleIn(request, room));
}

export async function linkNewRoom(
  request: Request,
  channel: FoundChannel,
  otherBridges: boolean,
): Promise<Doc> {
  const { context } = request;
  const known = context.portals.byChannel(channel.team, channel.channel);
  if (known)
    return reply(
      line(`${channelTitle(context, channel)} is linked already: `, roomLink(known.room, `#${channel.name}`)),
    );
  refuseUnenterable(request, channel);
  const room = await context.matrix.createRoom({
    name: `#${channel.name}`,
    ...(channel.topic && { topic: channel.topic }),
    invite: [matrixUserOf(request.asker)],
    encrypt: context.encryption.begins(channel.private || channel.by !== undefined),
  });
  const portal = await linkRoom(request, {
    room,
    channel,
    otherBridges,
    ownRoom: true,
    ...through(channel),
  }).catch(async (error: unknown) => {
    // nobody needs a room that leads nowhere; with a passing trouble the command comes again and makes a new one
    await context.matrix.leave(room, context.matrix.bot);
    throw error;
  });
  const answer = line('I made the room ', roomLink(room, `#${channel.name}`), ' and invited you.');
  return reply(answer, ...(await consequences(request, portal, 1)).blocks);
}

function through({ by }: FoundChannel): Pick<LinkRequest, 'by'> {
  return by === undefined ? {} : { by };
}

/** What would be refused anyway, before a room is made for it. */
function refuseUnenterable({ context }: Request, channel: SlackChannel): void {
  const title = channelTitle(context, channel);
  if (channel.archived)
    throw new CannotBridge('archived', `${title} is archived. Bring it back in Slack first.`);
  if (channel.private && !channel.member)
    throw new CannotBridge(
      'not-invited',
      `${title} is private. A member has to invite the bridge's app there first, with /invite in Slack.`,
    );
}

export async function linkRoom(
  { context, asker }: Request,
  link: Omit<LinkRequest, 'actor'>,
): Promise<Portal> {
  try {
    return await context.linking.link({ ...link, actor: asker.name });
  } catch (error) {
    if (!(error instanceof CannotBridge) || error.reason !== 'other-bridge') throw error;
    const words = `${error.message} If that is wanted, add the word “${besideOthers}”.`;
    throw new CannotBridge(error.reason, words, { cause: error });
  }
}

/** What the link means for people on both sides. */
export async function consequences({ context }: Request, portal: Portal, people: number): Promise<Doc> {
  const [channel] = portal.channels;
  const isEncrypted = await context.matrix.encrypts(portal.room);
  const readers = people === 1 ? 'one person' : `${people} people`;
  return reply(
    `Linked to ${channelTitle(context, channel)}. What is written in Slack appears here, for all in this room (now ${readers}) and whoever joins it.`,
    portal.through === 'people'
      ? 'I am not in that channel: I read it by your account, and by those of others in it who have logged in. They write there as themselves; whoever hasn’t logged in reaches it once my app is invited there.'
      : 'What is written here appears in Slack under the writer’s name with “(Matrix)” behind it.',
    ...(isEncrypted ? [`The room is encrypted. ${context.encryption.worth}`] : []),
  );
}

export async function peopleIn({ context }: Request, room: RoomId): Promise<number> {
  const members = await context.matrix.joinedMembers(room);
  return members.filter((user) => user !== context.matrix.bot).length;
}

/** What parting them means. */
export async function unlinkPreview(request: Request): Promise<Doc> {
  const { context, args } = request;
  const portal = await findPortal(request, args['channel']);
  await requireCharge(request, portal);
  const members = await context.matrix.joinedMembers(portal.room);
  const ghosts = members.filter((user) => user !== context.matrix.bot && context.matrix.isOurs(user)).length;
  return reply(
    line(bold(`This parts ${portalTitle(context, portal)} from its room in Matrix.`)),
    bullets([
      ['Nothing more goes across, in either direction; what waits is not brought over.'],
      ['What was said stays on both sides.'],
      ...(ghosts === 0 ? [] : [[`The people of Slack who are in the room (${ghosts}) leave it.`]]),
      ['I stay in the room until somebody removes me; linked again, it goes on from then.'],
    ]),
  );
}

/** Parts a room and its channel. */
export async function unlink(request: Request): Promise<Doc> {
  const { context, asker, args } = request;
  const portal = await findPortal(request, args['channel']);
  await requireCharge(request, portal);
  await context.linking.unlink(portal, asker.name);
  const title = portalTitle(context, portal);
  return reply(
    `${title} is not linked any more. What was said stays on both sides; nothing more goes across. I stay in the room until somebody removes me.`,
  );
}
