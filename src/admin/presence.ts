import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import type { RoomId } from '../ids.ts';
import type { SlackChannel } from '../portal/ports.ts';
import { requireChannel, requirePermission, requirePower } from './access.ts';
import type { Request } from './command.ts';
import { channelTitle, findChannel, roomNamed } from './find.ts';
import { reply } from './reply.ts';
import { channelHere } from './slack-link.ts';

/** The bot comes into a channel or a room. It can’t into private ones by itself: somebody there invites it. */
export async function join(request: Request): Promise<Doc> {
  const { context, asker, args } = request;
  const room = await roomMeant(request, args['place']);
  if (room !== undefined) {
    requirePermission(asker, 'admin');
    await context.matrix.join(room);
    await record(request, 'join', { room });
    return reply('I am in that room now.');
  }
  const channel = await channelMeant(request, args['place']);
  await requireMayMove(request, channel);
  const title = channelTitle(context, channel);
  if (channel.member) return reply(`I am in ${title} already.`);
  if (channel.private)
    throw new CannotBridge(
      'private',
      `${title} is private: somebody in it invites me with /invite in Slack.`,
    );
  if (channel.archived)
    throw new CannotBridge('archived', `${title} is archived. Bring it back in Slack first.`);
  await context.slack.join(channel);
  await record(request, 'join', { team: channel.team, channel: channel.channel });
  return reply(`I am in ${title} now. It is not linked by that: “link” does it.`);
}

/** What leaving means. */
export async function leavePreview(request: Request): Promise<Doc> {
  const { context } = request;
  const { room, channel } = await toLeave(request);
  if (room !== undefined)
    return reply('I leave that room. Somebody has to invite me before I can come back.');
  return reply(`I leave ${channel ? channelTitle(context, channel) : 'it'}, and hear no more of it.`);
}

/** The bot goes from a channel or a room that isn’t linked. */
export async function leave(request: Request): Promise<Doc> {
  const { context } = request;
  const { room, channel } = await toLeave(request);
  if (room !== undefined) {
    await record(request, 'leave', { room });
    await context.matrix.leave(room, context.matrix.bot);
    return reply('I have left that room.');
  }
  if (channel === undefined) throw new Error('neither a room nor a channel is left');
  await context.slack.leave(channel);
  await record(request, 'leave', { team: channel.team, channel: channel.channel });
  return reply(`I have left ${channelTitle(context, channel)}.`);
}

async function toLeave(
  request: Request,
): Promise<{ readonly room?: RoomId; readonly channel?: SlackChannel }> {
  const { context, args, permission, place } = request;
  const here = args['place'] === undefined && !place.direct ? place.room : undefined;
  const room = here ?? (await roomMeant(request, args['place']));
  if (room !== undefined) {
    if (permission !== 'admin') await requirePower(request, room);
    if (context.portals.byRoom(room)) throw linked;
    if (!(await context.matrix.rights(room)).joined)
      throw new CannotBridge('not-there', 'I am not in that room.');
    return { room };
  }
  const channel = await channelMeant(request, args['place']);
  await requireMayMove(request, channel);
  if (context.portals.byChannel(channel.team, channel.channel)) throw linked;
  if (!channel.member) throw new CannotBridge('not-there', `I am not in ${channelTitle(context, channel)}.`);
  return { channel };
}

const linked = new CannotBridge('linked', 'It is linked, and I am needed there. Say “unlink” first.');

/** Whoever may link it. */
async function requireMayMove(request: Request, channel: SlackChannel): Promise<void> {
  if (request.asker.slack !== undefined) await requireChannel(request, channel);
  else requirePermission(request.asker, 'admin');
}

async function roomMeant({ context }: Request, query: string | undefined): Promise<RoomId | undefined> {
  return query === undefined ? undefined : roomNamed(context, query);
}

async function channelMeant(request: Request, query: string | undefined): Promise<SlackChannel> {
  if (query !== undefined) return findChannel(request, query);
  if (request.place.channel !== undefined) return channelHere(request);
  throw new CannotBridge('missing-argument', 'Say which: a channel like #general, or a room.');
}

async function record(
  { context, asker }: Request,
  action: string,
  details: Readonly<Record<string, unknown>>,
): Promise<void> {
  await context.audit.record({ actor: asker.name, action, details });
}
