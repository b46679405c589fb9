import { CannotBridge, TryLater } from '../../errors.ts';
import type { SlackPlace } from '../../events.ts';
import { slackUserId, teamId } from '../../ids.ts';
import type { MatrixUserId, SlackUserId, TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { knownProfile } from '../from-slack/author.ts';
import { findObstacle } from '../obstacles.ts';
import { pausePortal } from '../pause.ts';
import type { Portal, Puppet } from '../ports.ts';
import { nowTs } from '../since.ts';
import type { PortalTurn } from '../turn.ts';
import { chatName, peopleOf } from './chat-people.ts';
import { makeChat, openChat } from './make-chat.ts';
import { loginFirst, roomLink, sayInRoom } from './words.ts';
import type { MemberEvent } from './words.ts';

interface Invited {
  readonly context: PortalContext;
  readonly event: MemberEvent;
  readonly turn: PortalTurn;
  /** Who is invited. */
  readonly guest: SlackUserId;
  readonly team: TeamId;
}

/**
 * Somebody invites a ghost: a room of people and ghosts becomes the chat of them all in Slack; where that has a room already,
 * they are led there. A chat grows: since Slack keeps the people of each conversation as they are, the room goes on as the
 * larger one.
 */
export async function ghostInvited(
  context: PortalContext,
  event: MemberEvent,
  turn: PortalTurn,
): Promise<void> {
  const portal = context.portals.byRoom(event.room);
  if (portal?.kind === 'channel') return context.metrics.ignored('matrix', 'member');
  const found = guestOf(context, event);
  if (!found) return context.metrics.ignored('matrix', 'member');
  const invited = { context, event, turn, ...found };
  if (portal) return grow(invited, portal);
  return begin(invited);
}

/** The person behind the ghost, in the workspace that the one who invites is logged in to. */
function guestOf(
  { matrix, puppets, slack }: PortalContext,
  { user, sender }: MemberEvent,
): Pick<Invited, 'guest' | 'team'> | undefined {
  const owner = matrix.authorOf(user);
  if (!owner || !/^[UW]/.test(owner.author)) return undefined;
  const teams = slack.teams().map(({ id }) => id);
  const team =
    owner.team ?? teams.find((each) => puppets.ofMatrixUser(sender, each) !== undefined) ?? teams[0];
  return team === undefined ? undefined : { guest: slackUserId(owner.author), team: teamId(team) };
}

async function begin(invited: Invited): Promise<void> {
  const { context, event, team, guest } = invited;
  const { matrix } = context;
  if (context.permissionOf(event.sender) === 'none') return decline(invited);
  const profile = await knownProfile(context, team, guest);
  if (!profile) return decline(invited);
  await matrix.prepareGhost(profile);
  await matrix.bringIn(event.room, event.user);
  await matrix.bringBot(event.room, event.user);
  const present = await membersOf(invited);
  const isChat = event.direct || present.people.length === 1;
  if (!isChat) {
    await matrix.leave(event.room, matrix.bot);
    return decline(invited);
  }
  const own = context.puppets.ofMatrixUser(event.sender, team);
  if (!own) {
    await sayInRoom(context, event, loginFirst);
    await matrix.leave(event.room, matrix.bot);
    return decline(invited);
  }
  await openHere(invited, own, present.users);
}

/** People and ghosts who are in the room, or will be. */
async function membersOf({ context, event, team, guest }: Invited): Promise<{
  readonly people: readonly MatrixUserId[];
  /** Those of them who are in Slack. */
  readonly users: readonly SlackUserId[];
}> {
  const { matrix, puppets } = context;
  const members = (await matrix.stateOfType(event.room, 'm.room.member'))
    .filter(({ content }) => content['membership'] === 'join' || content['membership'] === 'invite')
    .flatMap(({ stateKey }) => (isUser(stateKey) ? [stateKey] : []));
  const people = members.filter((each) => !matrix.isOurs(each));
  const users = members.flatMap((each) => {
    const author = matrix.authorOf(each)?.author ?? puppets.ofMatrixUser(each, team)?.slackUser;
    return author !== undefined && /^[UW]/.test(author) ? [slackUserId(author)] : [];
  });
  return { people, users: [...new Set([guest, ...users])] };
}

function isUser(value: string): value is MatrixUserId {
  return /^@[^\s:]*:\S+$/.test(value);
}

/** The chat of these people goes on in this room. */
async function openHere(invited: Invited, own: Puppet, users: readonly SlackUserId[]): Promise<void> {
  const { context, event, turn, team } = invited;
  const place = await chatOf(invited, own, users);
  const known = context.portals.byChannel(team, place.channel);
  if (known && known.room !== event.room) {
    await leadTo(invited, known);
    await context.matrix.leave(event.room, context.matrix.bot);
    return decline(invited);
  }
  const chat = await context.slack.chat(place, own.slackUser);
  if (!chat) throw new TryLater('Slack does not show the chat yet', { after: 1000 });
  const since = nowTs(context.clock);
  const mayWrite = (): void => turn.mayWrite();
  const portal = await makeChat(context, { place, chat, since, room: event.room, mayWrite });
  await started(context, await openChat(context, portal), event);
}

async function chatOf(
  { context, team }: Invited,
  own: Puppet,
  users: readonly SlackUserId[],
): Promise<SlackPlace> {
  const others = users.filter((user) => user !== own.slackUser);
  return { team, channel: await context.slack.openChat(team, others, own.slackUser) };
}

/** A room that people made may lack what a portal needs. */
async function started(context: PortalContext, portal: Portal, { event }: MemberEvent): Promise<void> {
  const obstacle = await findObstacle(context, { ...portal, channel: portal.channels[0] });
  if (obstacle) await pausePortal(context, portal, obstacle, event);
}

async function grow(invited: Invited, portal: Portal): Promise<void> {
  const { context, event, turn, team, guest } = invited;
  const [place] = portal.channels;
  const own = context.puppets.ofMatrixUser(event.sender, place.team);
  const chat = own && team === place.team ? await context.slack.chat(place, own.slackUser) : undefined;
  if (!own || !chat) {
    await sayInRoom(context, event, own ? 'They aren’t in the workspace of this chat.' : loginFirst);
    return decline(invited);
  }
  const profile = await knownProfile(context, team, guest);
  if (profile) await context.matrix.prepareGhost(profile);
  if (chat.members.includes(guest)) return context.matrix.bringIn(portal.room, event.user);
  if (await context.chats.isWaiting(`portal:${portal.id}:matrix`, { before: turn.item.seq }))
    throw new TryLater('what was said before is for those who were there', { after: 500 });
  const larger = await chatOf(invited, own, [...chat.members, guest]);
  const known = context.portals.byChannel(team, larger.channel);
  if (known) {
    await leadTo(invited, known);
    return decline(invited);
  }
  const opened = await context.slack.chat(larger, own.slackUser);
  if (!opened) throw new TryLater('Slack does not show the chat yet', { after: 1000 });
  const name = chatName(await peopleOf(context, team, opened.members));
  turn.mayWrite();
  await context.portals.succeed(portal.id, {
    room: portal.room,
    channel: { ...larger, name },
    since: nowTs(context.clock),
    kind: opened.kind,
  });
  const grown = await makeChat(context, {
    place: larger,
    chat: opened,
    since: nowTs(context.clock),
    room: portal.room,
    mayWrite: () => turn.mayWrite(),
  });
  await renameRoom(context, grown, name);
  const words =
    'In Slack this is a new conversation from here on, with all who are in this room. What was said before stays where it was.';
  await sayInRoom(context, event, words);
  await openChat(context, grown);
}

/** A group is called by its people, unless people called the room otherwise. */
async function renameRoom({ matrix }: PortalContext, { room }: Portal, name: string): Promise<void> {
  try {
    await matrix.setState(room, 'm.room.name', '', { name });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
  }
}

async function leadTo({ context, event }: Invited, portal: Portal): Promise<void> {
  await context.matrix.invite(portal.room, event.sender);
  const name = portal.channels[0].name;
  await sayInRoom(context, event, 'This conversation has a room already: ', roomLink(portal.room, name), '.');
}

async function decline({ context, event }: Invited): Promise<void> {
  await context.matrix.leave(event.room, event.user);
  context.metrics.ignored('matrix', 'chat-declined');
}
