import { CannotBridge, TryLater } from '../../errors.ts';
import type { SlackPlace } from '../../events.ts';
import type { RoomId, SlackUserId, Ts } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { beginsEncrypted, encryptionFor } from '../encryption.ts';
import type { Portal, PortalChannel, SlackChat } from '../ports.ts';
import { accountIn, chatName, peopleOf } from './chat-people.ts';
import type { ChatPeople } from './chat-people.ts';

export interface NewChat {
  readonly place: SlackPlace;
  readonly chat: SlackChat;
  /** The first message that belongs into the room. */
  readonly since: Ts;
  /** The room that people made for it; absent: it gets one. */
  readonly room?: RoomId;
  /** Asked before each step that others see. */
  readonly mayWrite: () => void;
}

/**
 * The portal of a chat, with its people in the room; nothing goes through it before `openChat`. All of it may be repeated
 * after a crash, and goes on where it stopped: there is never a second room.
 *
 * @throws CannotBridge where the homeserver refuses the room
 */
export async function makeChat(context: PortalContext, request: NewChat): Promise<Portal> {
  const { place, chat } = request;
  const people = await peopleOf(context, place.team, chat.members);
  const portal =
    context.portals.byChannel(place.team, place.channel) ?? (await createPortal(context, request, people));
  if (portal.status === 'pending') await context.portals.setStatus(portal.id, 'filling');
  const seen = people.linked.map(({ slackUser }) => slackUser);
  await context.readers.add(place, seen);
  request.mayWrite();
  await gather(context, portal, chat.members);
  await context.chats.endRoom(place);
  return context.portals.byId(portal.id) ?? portal;
}

/** Lets a portal's messages go, once nothing that came before it waits any more but the item `except`. */
export async function openChat(context: PortalContext, portal: Portal, except = 0): Promise<Portal> {
  if (portal.status !== 'filling') return portal;
  if (await context.chats.isWaiting(chatLane(portal.channels[0]), { except })) return portal;
  return context.portals.setStatus(portal.id, 'live');
}

/** The lane of what is said in a chat without a portal. */
export function chatLane({ team, channel }: SlackPlace): string {
  return `chat:${team}:${channel}`;
}

async function createPortal(context: PortalContext, request: NewChat, people: ChatPeople): Promise<Portal> {
  const { place, chat, since } = request;
  const channel = { ...place, name: chatName(people) };
  const room = request.room ?? (await roomFor(context, request, { channel, people }));
  try {
    const portal = await context.portals.create({ room, channel, since, kind: chat.kind });
    const details = { room, team: place.team, channel: place.channel, kind: chat.kind };
    await context.audit.record({ actor: 'bridge', action: 'chat', portal: portal.id, details });
    return portal;
  } catch (error) {
    if (!(error instanceof CannotBridge) || error.reason !== 'channel-linked') throw error;
    return existing(context, request, room);
  }
}

/** Another process was faster. Nobody needs the second room. */
async function existing(
  context: PortalContext,
  { place, room: own }: NewChat,
  room: RoomId,
): Promise<Portal> {
  const portal = context.portals.byChannel(place.team, place.channel);
  if (!portal) throw new TryLater('another process makes this chat', { after: 500 });
  if (own === undefined && portal.room !== room) await context.matrix.leave(room, context.matrix.bot);
  return portal;
}

async function roomFor(
  context: PortalContext,
  { place, chat, mayWrite }: NewChat,
  { channel, people }: { readonly channel: PortalChannel; readonly people: ChatPeople },
): Promise<RoomId> {
  const { chats, matrix, portals } = context;
  const isTaken = (room: RoomId): boolean => portals.byRoom(room) !== undefined;
  const before = (await chats.beginRoom(place)) ? await matrix.chatRoomOf(place, isTaken) : undefined;
  if (before) return before;
  const ghosts = [];
  for (const profile of people.others) ghosts.push(await matrix.prepareGhost(profile));
  mayWrite();
  return matrix.createChatRoom({
    ...(chat.kind === 'group' && { name: channel.name }),
    channel: described(context, channel),
    people: people.linked.map(({ matrixUser }) => matrixUser),
    ghosts,
    encrypt: beginsEncrypted(
      encryptionFor(context.encryption, { kind: chat.kind, policy: {}, private: true }),
    ),
  });
}

function described({ slack }: PortalContext, channel: PortalChannel) {
  const team = slack.team(channel.team);
  return { ...channel, teamName: team?.name ?? channel.team, url: team?.url ?? 'https://slack.com/' };
}

/** All its people are in the room, and find it among their direct chats. */
export async function gather(
  context: PortalContext,
  portal: Portal,
  members: readonly SlackUserId[],
): Promise<void> {
  const { matrix } = context;
  const { team } = portal.channels[0];
  const accounts = members.map((member) => accountIn(context, team, member));
  for (const account of accounts) {
    if (matrix.isOurs(account)) await matrix.bringIn(portal.room, account);
    else await matrix.invite(portal.room, account).catch(unlessUnwilling);
  }
  for (const account of accounts.filter((each) => !matrix.isOurs(each))) {
    await matrix.joinDirect(account, portal.room);
    for (const other of accounts) if (other !== account) await matrix.markDirect(account, portal.room, other);
  }
  await matrix.describeBridge(portal.room, described(context, portal.channels[0]), true);
}

/** Somebody who can't be invited keeps nobody else from the chat. */
function unlessUnwilling(error: unknown): void {
  if (!(error instanceof CannotBridge)) throw error;
}
