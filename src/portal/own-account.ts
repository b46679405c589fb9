import { CannotBridge, TryLater } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { EventId, MatrixUserId, SlackUserId } from '../ids.ts';
import { slackUserId } from '../ids.ts';
import type { Work } from './context.ts';
import type { MessageLink } from './ports.ts';

/** What the bridge does in Slack as somebody, as Slack's permissions name it. */
type OwnScope =
  'channels:write' | 'chat:write' | 'files:write' | 'groups:write' | 'pins:write' | 'reactions:write';

/** After so many milliseconds it is tried again whether somebody is a member of a channel by now. */
const outsideFor = 60_000;
/** More than any process meets; past it all are tried, and told, anew. */
const remembered = 10_000;

/**
 * The account in Slack by which something is done there for a Matrix user: their own, where they are linked, permitted it
 * and aren't known to be no member of the channel. Undefined: the bot does it for them. Asks nobody.
 */
export function ownAccount(
  { context, memory, portal }: Pick<Work, 'context' | 'memory' | 'portal'>,
  sender: MatrixUserId,
  ...needed: readonly OwnScope[]
): SlackUserId | undefined {
  const puppet = context.puppets.ofMatrixUser(sender, portal.channels[0].team);
  if (!puppet || !needed.every((scope) => puppet.scopes.includes(scope))) return undefined;
  const until = memory.outsiders.get(outsider({ portal }, puppet.slackUser)) ?? 0;
  return until > context.clock.now() ? undefined : puppet.slackUser;
}

/** Whose account wrote it; undefined: the bot. */
export function accountIn(postedAs: string): SlackUserId | undefined {
  return /^[UW]/.test(postedAs) ? slackUserId(postedAs) : undefined;
}

/** By whom a post of ours can be changed: by the account that wrote it. Throws `CannotBridge` where that isn't linked any more. */
export function writerOf(
  { context, portal }: Pick<Work, 'context' | 'portal'>,
  { postedAs }: Pick<MessageLink, 'postedAs'>,
): SlackUserId | undefined {
  const account = accountIn(postedAs);
  if (account === undefined || isUsable({ context, portal }, account)) return account;
  throw new CannotBridge(
    'logged-out',
    'it was done in Slack by somebody’s own account, which the bridge can’t use any more. They can do this in Slack, or log in again.',
  );
}

export function isUsable(
  { context, portal }: Pick<Work, 'context' | 'portal'>,
  account: SlackUserId,
): boolean {
  return context.puppets.ofSlackUser(portal.channels[0].team, account) !== undefined;
}

/** Slack's refusals of who isn't a member of the channel. */
const outside: ReadonlySet<string> = new Set(['channel_not_found', 'not_in_channel']);

export interface Own {
  /** As `ownAccount` says. */
  readonly by: SlackUserId | undefined;
  readonly sender: MatrixUserId;
  readonly event: EventId;
}

/**
 * Does something by somebody's own account. Who isn't a member of the channel is told so once, and throws `TryLater`: by
 * then `ownAccount` knows, and the bot does it for them.
 */
export async function unlessOutside<T>(work: Work, own: Own, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { by } = own;
    if (by === undefined || !(error instanceof CannotBridge) || !outside.has(error.reason)) throw error;
    const { context, memory, portal } = work;
    if (portal.through === 'people') throw outsideChat(error);
    await tellOutsider(work, own);
    if (memory.outsiders.size >= remembered) memory.outsiders.clear();
    memory.outsiders.set(outsider(work, by), context.clock.now() + outsideFor);
    const target = `slack:${portal.channels[0].team}:${by}` as const;
    throw new TryLater('a linked person is no member of the channel', { after: 100, target, cause: error });
  }
}

/** Nobody else can do it for them there. */
function outsideChat(cause: CannotBridge): CannotBridge {
  const words = 'your Slack account isn’t in this conversation any more, or the workspace closed it.';
  return new CannotBridge(cause.reason, words, { cause });
}

function outsider({ portal }: Pick<Work, 'portal'>, account: SlackUserId): string {
  return `${portal.id} ${account}`;
}

async function tellOutsider(
  { context, memory, portal, turn }: Work,
  { by, event, sender }: Own,
): Promise<void> {
  const told = `${portal.id} outsider ${by}`;
  if (memory.toldRefusals.has(told)) return;
  const { matrix } = context;
  const { name } = portal.channels[0];
  const words = `${sender}: your Slack account isn’t a member of #${name}. What you do here reaches it through the bot, under your name in Matrix. Join the channel in Slack, and you act there as yourself.`;
  turn.mayWrite();
  try {
    const notice = { kind: 'notice', text: textDoc(`ℹ️ ${words}`), replyTo: event } as const;
    await matrix.send(matrix.bot, portal.room, notice, { fact: `matrix:${event}`, part: 'outsider' });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error; // a room that takes no words from the bot goes without
  }
  if (memory.toldRefusals.size >= remembered) memory.toldRefusals.clear();
  memory.toldRefusals.add(told);
}
