import { CannotBridge } from '../errors.ts';
import type { MatrixEvent, SlackEvent, SlackPlace } from '../events.ts';
import type { EventId, TeamId } from '../ids.ts';
import type { CommandPort, PortalContext, PortalMemory, Side, Work } from './context.ts';
import { emptyMemory } from './context.ts';
import { openWhenReady } from './chats/open-when-ready.ts';
import { chatFromSlack } from './chats/from-slack.ts';
import type { ToldOfChat } from './chats/from-slack.ts';
import { loginChanged } from './chats/login-changed.ts';
import type { ChangedLogin } from './chats/login-changed.ts';
import { placeOf } from './direct-chat.ts';
import { editToSlack } from './from-matrix/edit.ts';
import { memberChanged } from './from-matrix/member.ts';
import { messageToSlack } from './from-matrix/message.ts';
import { pollToSlack } from './from-matrix/poll.ts';
import { reactionToSlack } from './from-matrix/reaction.ts';
import { redactionToSlack } from './from-matrix/redaction.ts';
import { stateChanged } from './from-matrix/state.ts';
import { channelChanged } from './from-slack/channel.ts';
import { deleteInMatrix } from './from-slack/delete.ts';
import { editToMatrix } from './from-slack/edit.ts';
import { membersToMatrix, memberToMatrix } from './from-slack/members.ts';
import { messageToMatrix } from './from-slack/message.ts';
import { profileToMatrix } from './from-slack/profile.ts';
import { reactionToMatrix } from './from-slack/reaction.ts';
import { teamChanged, teamFailed, teamReturned } from './from-slack/team.ts';
import { watchPrivacy } from './from-slack/watch-privacy.ts';
import type { Failed } from './give-up.ts';
import { giveUp } from './give-up.ts';
import { createNoticeThrottle } from './notice-throttle.ts';
import { shownToMatrix, shownToSlack } from './shown/shown.ts';
import { findObstacle } from './obstacles.ts';
import { mayPass, pausePortal, whilePaused } from './pause.ts';
import type { Portal } from './ports.ts';
import type { FailureReason } from './tell-sender.ts';
import type { PortalTurn } from './turn.ts';
import { isRead, tellKeyMissing } from './unreadable.ts';
import type { EncryptedEvent, MissingKey } from './unreadable.ts';

/** The portals: what the queue's items become. Both handlers throw as `Handle` of the queue says. */
export interface Portals {
  fromSlack(event: SlackEvent, turn: PortalTurn): Promise<void>;
  fromMatrix(event: MatrixEvent, turn: PortalTurn): Promise<void>;
  /** What came of a chat before it had a portal. */
  chatFromSlack(told: ToldOfChat, turn: PortalTurn): Promise<void>;
  /** Somebody logged in to Slack, or can't be used any more. `cause` is unique to this change. */
  loginChanged(login: ChangedLogin, cause: string): Promise<void>;
  /** For the queue's `GiveUp`. */
  giveUp(failed: Failed, reason: FailureReason): Promise<EventId | undefined>;
  /**
   * An encrypted event can't be opened; `missing`: yet, and its sender is told, once for all that needs that key. False:
   * nobody expects it to be read where it was written.
   */
  unreadable(event: EncryptedEvent, missing?: MissingKey): Promise<boolean>;
  /** A workspace can't be used: all its portals pause. `cause` is unique to this failure. */
  teamFailed(team: TeamId, cause: string): Promise<void>;
  /** A workspace can be used again, or for the first time in this process. `cause` is unique to this return. */
  teamReturned(team: TeamId, cause: string): Promise<void>;
}

export function createPortals(context: PortalContext, commands: CommandPort): Portals {
  const memory = emptyMemory();
  const throttle = createNoticeThrottle(() => context.clock.now());
  return {
    fromSlack: (event, turn) => fromSlack(context, memory, event, turn),
    fromMatrix: (event, turn) => fromMatrix({ context, memory, commands }, event, turn),
    chatFromSlack: (told, turn) => chatFromSlack(context, told, turn),
    loginChanged: (login, cause) => loginChanged(context, login, cause),
    giveUp: (failed, reason) => giveUp(context, throttle, failed, reason),
    unreadable: async (event, missing) => {
      if (!(await isRead(context, event.room))) return false;
      if (missing) await tellKeyMissing(context, event, missing);
      return true;
    },
    teamFailed: (team, cause) => teamFailed(context, team, cause),
    teamReturned: (team, cause) => teamReturned(context, team, cause),
  };
}

async function fromSlack(
  context: PortalContext,
  memory: PortalMemory,
  event: SlackEvent,
  turn: PortalTurn,
): Promise<void> {
  switch (event.type) {
    case 'ignored':
      return context.metrics.ignored('slack', event.reason);
    case 'profile':
      return profileToMatrix(context, event);
    case 'usergroups':
      return context.slack.usergroupsChanged(event.team);
    case 'logins-revoked':
      return context.metrics.ignored('slack', event.type); // the adapter finds out
    case 'emoji':
      return context.slack.emojiChanged(event.team, event.change);
    case 'team':
      return teamChanged(context, event, turn);
    case 'channel': {
      const portal = context.portals.byChannel(event.team, event.channel);
      return portal ? channelChanged(context, portal, event, turn) : context.slack.channelChanged(event);
    }
    case 'shown':
    case 'pin':
    case 'look':
    case 'member':
    case 'members':
    case 'message':
    case 'edit':
    case 'delete':
    case 'reaction': {
      const portal = context.portals.byChannel(event.team, event.channel);
      if (!portal || isOfAnother(portal, turn)) return context.metrics.ignored('slack', 'no-portal');
      // when it goes on it is looked at again
      if ((event.type === 'look' || event.type === 'members') && portal.status !== 'live')
        return context.metrics.ignored('slack', 'not-live');
      return pass({ context, memory, portal, turn }, 'slack', (work) => slackToMatrix(work, event));
    }
  }
}

type SlackContent = Exclude<Extract<SlackEvent, SlackPlace>, { readonly type: 'channel' }>;

async function slackToMatrix(work: Work, event: SlackContent): Promise<void> {
  switch (event.type) {
    case 'message':
      return newMessage(work, event);
    case 'edit':
      await watchPrivacy(work, event);
      return editToMatrix(work, event);
    case 'delete':
      return deleteInMatrix(work, event);
    case 'reaction':
      return reactionToMatrix(work, event);
    case 'member':
      return memberToMatrix(work, event);
    case 'members':
      return membersToMatrix(work);
    case 'shown':
    case 'pin':
    case 'look':
      return shownToMatrix(work, event);
  }
}

async function newMessage(
  work: Work,
  event: Extract<SlackEvent, { readonly type: 'message' }>,
): Promise<void> {
  await watchPrivacy(work, event);
  return messageToMatrix(work, event, event.late === true ? 'catch-up' : 'live');
}

interface MatrixSide {
  readonly context: PortalContext;
  readonly memory: PortalMemory;
  readonly commands: CommandPort;
}

async function fromMatrix(side: MatrixSide, event: MatrixEvent, turn: PortalTurn): Promise<void> {
  const { context, memory, commands } = side;
  if (event.type === 'ignored') return context.metrics.ignored('matrix', event.reason);
  if (event.type === 'encrypted') return context.metrics.ignored('matrix', event.type); // nothing opens it here
  if (event.type === 'member') return memberChanged({ context, commands, turn }, event);
  if (context.matrix.isOurs(event.sender)) return context.metrics.ignored('matrix', 'echo');
  const portal = context.portals.byRoom(event.room);
  if (event.type === 'state') return stateFromMatrix({ context, memory, turn }, portal, event);
  if (event.type === 'message' && commands.isCommand(event.plain))
    return commands.run(event, await placeOf(context, event.room));
  if (event.type === 'edit' && commands.isCommand(event.message.plain))
    return context.metrics.ignored('matrix', 'edited-command');
  if (portal && isOfAnother(portal, turn)) return context.metrics.ignored('matrix', 'no-portal');
  if (portal) return pass({ context, memory, portal, turn }, 'matrix', (work) => matrixToSlack(work, event));
  if (event.type === 'message' && event.kind === 'text' && (await placeOf(context, event.room)) === 'direct')
    return commands.run(event, 'direct');
  context.metrics.ignored('matrix', 'no-portal');
}

async function stateFromMatrix(
  { context, memory, turn }: Pick<Work, 'context' | 'memory' | 'turn'>,
  portal: Portal | undefined,
  event: Extract<MatrixEvent, { readonly type: 'state' }>,
): Promise<void> {
  if (!portal || isOfAnother(portal, turn)) return context.metrics.ignored('matrix', 'no-portal');
  const shown = shownToSlack(event);
  return shown
    ? pass({ context, memory, portal, turn }, 'matrix', shown)
    : stateChanged(context, portal, event);
}

/**
 * It waited in the lane of a link that is gone: it wasn't written for where the room or channel is linked to now. A chat that
 * grew took its room along: what people wrote there since is for all of them.
 */
function isOfAnother(portal: Portal, { item }: PortalTurn): boolean {
  const lane = /^portal:(\d+):/.exec(item.lane);
  if (lane === null || lane[1] === String(portal.id)) return false;
  return portal.kind !== 'group' || !lane.input.endsWith(':matrix');
}

type MatrixContent = Extract<
  MatrixEvent,
  { readonly type: 'message' | 'edit' | 'redaction' | 'reaction' | 'poll-change' }
>;

function matrixToSlack(work: Work, event: MatrixContent): Promise<void> {
  switch (event.type) {
    case 'message':
      return messageToSlack(work, event);
    case 'edit':
      return editToSlack(work, event);
    case 'redaction':
      return redactionToSlack(work, event);
    case 'reaction':
      return reactionToSlack(work, event);
    case 'poll-change':
      return pollToSlack(work, event);
  }
}

/** Refusals that may mean that the portal as a whole can't go on, rather than this item alone. */
const portalWide: ReadonlySet<string> = new Set([
  'cannot-invite',
  'channel_not_found',
  'is_archived',
  'matrix-forbidden',
  'matrix-not-found',
  'not-in-room',
  'not_in_channel',
]);

/**
 * Hands an item of a portal on when the portal is live. A refusal that comes from the portal's own state pauses it, and
 * the item waits with it instead of being lost.
 */
async function pass(item: Work, from: Side, handle: (work: Work) => Promise<void>): Promise<void> {
  const work = item.portal.kind === 'channel' ? item : { ...item, portal: await openWhenReady(item) };
  const { context, memory, portal } = work;
  const { seq } = work.turn.item;
  if (!(await mayPass(context, memory, portal, { from, seq })))
    return context.metrics.ignored(from, 'portal-closed');
  try {
    await handle(work);
  } catch (error) {
    if (error instanceof CannotBridge && portalWide.has(error.reason))
      await pauseIfBlocked(work, portal, `${from}:${seq}`);
    throw error;
  }
}

async function pauseIfBlocked({ context }: Work, portal: Portal, cause: string): Promise<void> {
  for (const channel of portal.channels) context.slack.channelChanged(channel);
  const obstacle = await findObstacle(context, { ...portal, channel: portal.channels[0] });
  if (!obstacle) return;
  await pausePortal(context, portal, obstacle, cause);
  throw whilePaused(portal);
}
