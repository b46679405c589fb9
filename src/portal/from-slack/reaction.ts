import { CannotBridge, WaitForParent } from '../../errors.ts';
import type { SlackEvent, SlackProfile } from '../../events.ts';
import { canonicalName } from '../../format/emoji.ts';
import type { EventId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { accountIn } from '../own-account.ts';
import type { MessageLink, ReactionLink } from '../ports.ts';
import { asAuthor, changerOf } from './account.ts';
import { knownProfile } from './author.ts';
import { reactionOfName } from './emoji.ts';
import { neededToMatrix } from './message.ts';
import { isGone, mainEvent } from './thread.ts';
import { unwelcome } from './unwelcome.ts';

type Reaction = Extract<SlackEvent, { readonly type: 'reaction' }>;

/**
 * A reaction on Slack, as the person or their ghost. One that overtakes its message waits for it; if that doesn't come, it is
 * fetched and bridged first. Our bot's own reactions stand for people in Matrix and don't come back.
 */
export async function reactionToMatrix(work: Work, reaction: Reaction): Promise<void> {
  const { context, portal } = work;
  if (context.slack.teams().some((team) => team.bot === reaction.user))
    return context.metrics.ignored('slack', 'echo');
  if (portal.policy.direction === 'to-slack') return context.metrics.ignored('slack', 'direction');
  const links = await linksOfMessage(work, reaction);
  if (links.length === 0) return context.metrics.ignored('slack', 'unmapped-reaction');
  const target = mainEvent(links);
  if (target === undefined) return context.metrics.ignored('slack', 'left-out');
  const name = canonicalName(reaction.name);
  const standing = await context.links.reactions(portal.id, reaction.ts, name);
  const fromMatrix = standing.find((each) => accountIn(each.postedAs) === reaction.user);
  if (fromMatrix) return ofMatrix(work, reaction, fromMatrix);
  if (await isOvertaken(work, reaction, name)) return context.metrics.ignored('slack', 'old-reaction');
  const own = standing.find((each) => each.origin === 'slack' && each.sender === reaction.user);
  if (reaction.change === 'added' && !own) await add(work, reaction, { name, target });
  else if (reaction.change === 'removed' && own) await remove(work, reaction, own);
  else context.metrics.ignored('slack', 'repeated-reaction');
}

/** Somebody's own account gave it, for them: it comes back here, or they took it back in Slack. */
async function ofMatrix(work: Work, reaction: Reaction, given: ReactionLink): Promise<void> {
  const { context, memory, portal, turn } = work;
  if (reaction.change === 'added' || memory.takenBack.has(given.event))
    return context.metrics.ignored('slack', 'echo');
  const { matrix } = context;
  const double = matrix.doubleOf(reaction.team, reaction.user);
  const as = double === given.sender ? double : matrix.bot;
  const key = { ...factOf(work, reaction), author: reaction.user };
  turn.mayWrite();
  try {
    await matrix.redact(as, portal.room, given.event, key);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error; // who may not redact others' reactions lets it stand
    return context.metrics.ignored('slack', 'reaction-of-matrix');
  }
  turn.remember({ type: 'reaction-removed', event: given.event });
  context.metrics.bridged('slack', 'reaction-removed');
}

/** Given and taken back in short order, the two may come the other way round, or one of them wait for the message. */
async function isOvertaken(
  { context, portal, turn }: Work,
  reaction: Reaction,
  name: string,
): Promise<boolean> {
  const one = { portal: portal.id, ts: reaction.ts, sender: reaction.user, name };
  const last = await context.links.reactionChangedAt(one);
  if (last !== undefined && last > turn.item.srcTs) return true;
  turn.remember({ type: 'reaction-changed', ...one, at: turn.item.srcTs });
  return false;
}

async function linksOfMessage(work: Work, reaction: Reaction): Promise<readonly MessageLink[]> {
  const { context, portal, turn } = work;
  const { ts } = reaction;
  const known = await context.links.byTs(portal.id, ts);
  if (known.length > 0 || ts < portal.since || (await isGone(work, ts))) return known;
  if (!turn.item.waited) throw new WaitForParent(`ts:${portal.id}:${ts}`);
  const message = await context.slack.message(reaction, ts);
  if (message) await neededToMatrix(work, message);
  return context.links.byTs(portal.id, ts);
}

async function add(
  work: Work,
  reaction: Reaction,
  { name, target }: { readonly name: string; readonly target: EventId },
): Promise<void> {
  const { context, portal, turn } = work;
  const profile = await reactingProfile(work, reaction);
  const shown = await reactionOfName(context, reaction.team, name);
  const given = await reactOr(
    asAuthor(work, profile, factOf(work, reaction), (as, key) => {
      turn.mayWrite();
      return context.matrix.react(as, portal.room, target, shown, key);
    }),
  );
  if (given === 'unwelcome') return context.metrics.ignored('slack', 'unwelcome-reaction');
  context.metrics.bridged('slack', 'reaction');
  const { done: event, as: postedAs } = given;
  if (event === undefined) return;
  const { ts, user: sender } = reaction;
  const link = { event, portal: portal.id, ts, name, sender, origin: 'slack', postedAs } as const;
  turn.remember({ type: 'reaction', reaction: link });
}

/** A reaction can't be given in somebody's name: one of a ghost that people removed is left out. */
async function reactOr<Given>(giving: Promise<Given>): Promise<Given | 'unwelcome'> {
  try {
    return await giving;
  } catch (error) {
    if (unwelcome(error) !== undefined) return 'unwelcome';
    throw error;
  }
}

async function reactingProfile({ context }: Work, { team, user }: Reaction): Promise<SlackProfile> {
  const profile = await knownProfile(context, team, user);
  return profile ?? { team, id: user, name: user, bot: false, deactivated: false };
}

async function remove(work: Work, reaction: Reaction, own: ReactionLink): Promise<void> {
  const { context, portal, turn } = work;
  turn.mayWrite();
  const { as, author } = changerOf(work, reaction.team, own) ?? { as: context.matrix.bot, author: {} };
  await context.matrix.redact(as, portal.room, own.event, { ...factOf(work, reaction), ...author });
  turn.remember({ type: 'reaction-removed', event: own.event });
  context.metrics.bridged('slack', 'reaction-removed');
}

/** The time of the event is part of the fact: react, take back and react again are three. */
function factOf({ portal, turn }: Work, { ts, user, name, change }: Reaction) {
  const fact = `slack:${portal.id}:reaction:${change}:${ts}:${user}:${name}:${turn.item.srcTs}`;
  return { fact, part: 'reaction' };
}
