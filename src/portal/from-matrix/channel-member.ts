import { CannotBridge } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import { textDoc } from '../../format/doc.ts';
import type { MatrixUserId, SlackUserId } from '../../ids.ts';
import { slackUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { knownProfile } from '../from-slack/author.ts';
import type { Portal } from '../ports.ts';
import type { PortalTurn } from '../turn.ts';

export type Member = Extract<MatrixEvent, { readonly type: 'member' }>;

/** What people do to a ghost's membership. */
export interface MembershipWork {
  readonly context: PortalContext;
  readonly turn: Pick<PortalTurn, 'mayWrite'>;
  readonly portal: Portal;
}

/**
 * People removed or banned a ghost that was in the room: with the policy `kicks`, its person is removed from the channel.
 * Resolves with words on what became of that; `undefined` where nobody wants it, or nobody was removed: a ghost that leaves
 * by itself, an invitation that was taken back and a ban that was lifted concern nobody in Slack.
 */
export async function removeFromChannel(
  work: MembershipWork,
  event: Member,
  name: string,
): Promise<string | undefined> {
  const { portal, context } = work;
  const person = personOf(work, event.user);
  if (!portal.policy.kicks || event.before !== 'join' || person === undefined || !acts(portal))
    return undefined;
  const [place] = portal.channels;
  const done = await inSlack(work, event.sender, (by) => context.slack.removeMember(place, person, by));
  if (done instanceof CannotBridge) return `In Slack ${name} stays in #${place.name}: ${done.message}`;
  return done
    ? `${name} was removed from #${place.name} in Slack, too.`
    : `${name} wasn’t in #${place.name} in Slack.`;
}

/** People invited a ghost: its person is invited into the channel, and who is there already comes into the room. */
export async function ghostInvitedToChannel(work: MembershipWork, event: Member): Promise<void> {
  const { context, portal, turn } = work;
  const { matrix, metrics, slack } = context;
  const [place] = portal.channels;
  const person = personOf(work, event.user);
  if (!portal.policy.invites || person === undefined || !acts(portal))
    return metrics.ignored('matrix', 'member');
  const profile = await knownProfile(context, place.team, person);
  const done = await inSlack(work, event.sender, (by) => slack.inviteMember(place, person, by));
  if (done instanceof CannotBridge) {
    const name = profile?.name ?? person;
    return tell(work, event, `${name} was not invited to #${place.name} in Slack: ${done.message}`);
  }
  turn.mayWrite();
  if (profile) await matrix.prepareGhost(profile);
  await matrix.enter(portal.room, event.user).catch(unlessDecided);
}

/** By the bot, in the room. */
export async function tell(
  { context, portal, turn }: MembershipWork,
  event: Member,
  words: string,
): Promise<void> {
  const { matrix, log } = context;
  turn.mayWrite();
  try {
    const key = { fact: `matrix:${event.event}`, part: 'notice' };
    await matrix.send(matrix.bot, portal.room, { kind: 'notice', text: textDoc(words) }, key);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.warn('A room takes no notice from the bot', { portal: portal.id, reason: error.reason });
  }
}

/** It went out, or was removed, since. */
function unlessDecided(error: unknown): void {
  if (!(error instanceof CannotBridge)) throw error;
}

function acts({ kind, policy, status }: Portal): boolean {
  return kind === 'channel' && status === 'live' && policy.direction !== 'to-matrix';
}

function personOf({ context }: MembershipWork, ghost: MatrixUserId): SlackUserId | undefined {
  const author = context.matrix.authorOf(ghost)?.author;
  return author === undefined || author.startsWith('B') ? undefined : slackUserId(author);
}

/**
 * By the account of whoever asks, so that Slack decides what they may; where they have none, by the bot, if they may use the
 * bridge and change what the room is joined to. A refusal is given, not thrown.
 */
async function inSlack(
  { context, portal, turn }: MembershipWork,
  asker: MatrixUserId,
  act: (by: SlackUserId | undefined) => Promise<boolean>,
): Promise<boolean | CannotBridge> {
  const [{ team }] = portal.channels;
  const by = context.puppets.ofMatrixUser(asker, team)?.slackUser;
  try {
    if (by === undefined) await requireRights(context, portal, asker);
    turn.mayWrite();
    return await act(by);
  } catch (error) {
    if (error instanceof CannotBridge) return error;
    throw error;
  }
}

async function requireRights(
  { matrix, permissionOf }: PortalContext,
  { room }: Portal,
  asker: MatrixUserId,
): Promise<void> {
  const permission = permissionOf(asker);
  if (permission === 'admin') return;
  const needed = await matrix.powerNeeded(room, { state: 'm.bridge' });
  if (permission === 'user' && (await matrix.powerOf(room, asker)) >= needed) return;
  throw new CannotBridge(
    'permission',
    `the bot does that for people with the bridge's permission “user” and a power level of ${needed} here. Link your Slack account to do it as yourself.`,
  );
}
