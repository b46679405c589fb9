import { createHash } from 'node:crypto';
import { CannotBridge, TryLater, Uncertain } from '../../errors.ts';
import type { Doc } from '../../format/doc.ts';
import type { EventId, MatrixUserId, SlackUserId, Ts } from '../../ids.ts';
import type { Work } from '../context.ts';
import { editMark } from '../edit-mark.ts';
import type { MessageLink, OutgoingPost, RelayIdentity } from '../ports.ts';
import type { Posted } from './settle.ts';
import { findPost, neverSent, removeDouble, settle } from './settle.ts';

/** A Matrix message as Slack will show it. */
export interface Plan {
  /** The event that people see in the room, which the posts are linked to. */
  readonly event: EventId;
  /** The event that is being handled: the same one, or an edit of it that became longer. */
  readonly cause: EventId;
  readonly sender: MatrixUserId;
  readonly at: number;
  /** What is posted by the bot stands under this name. */
  readonly as: RelayIdentity;
  /** The sender's own account in Slack, where that posts it. */
  readonly by?: SlackUserId | undefined;
  readonly emote: boolean;
  /** The whole text, and the posts that it makes. */
  readonly body: Doc;
  readonly pieces: readonly Doc[];
  readonly threadTs?: Ts;
}

/** What a link of any of its posts says. */
export type Origin = Pick<Plan, 'event' | 'cause' | 'sender' | 'at' | 'by' | 'threadTs'>;

/** Of the edit that is being handled. */
export function markOf({ at, cause }: Pick<Plan, 'at' | 'cause'>): string {
  return editMark({ at, event: cause });
}

/** How long a call to Slack can last, pacing included. */
const callTime = 20_000;

/** A message of which an edit is in Slack already: its own words are out of date. */
export function isOutdated(
  { cause, event }: Pick<Plan, 'cause' | 'event'>,
  links: readonly MessageLink[],
): boolean {
  return cause === event && links.some(({ lastEdit }) => lastEdit !== undefined);
}

/** Posts the pieces from `from` on, each exactly once and in order, and remembers their links; nothing of what is outdated. */
export async function postPieces(work: Work, plan: Plan, from = 0): Promise<void> {
  const linked = await work.context.links.byEvent(plan.event);
  if (isOutdated(plan, linked)) return;
  for (const [piece, text] of plan.pieces.entries()) {
    if (piece < from || linked.some((link) => link.piece === piece)) continue;
    await postPiece(work, plan, piece, text);
  }
}

/** One piece as Slack gets it; the same for the post and for later updates. */
export function outgoingPost(work: Work, plan: Plan, piece: number, text: Doc): OutgoingPost {
  return {
    text,
    emote: plan.emote,
    ...(plan.by === undefined ? { as: plan.as } : { by: plan.by }),
    ...(plan.threadTs !== undefined && { threadTs: plan.threadTs }),
    opKey: work.context.opKey(plan.cause, piece),
  };
}

async function postPiece(work: Work, plan: Plan, piece: number, text: Doc): Promise<void> {
  const post = outgoingPost(work, plan, piece, text);
  const link = linkOf(work, plan, { piece, part: 'text' });
  const posted = postedAs(work, link, post.opKey);
  const open = work.turn.openAttempts.find((attempt) => attempt.piece === piece);
  const begun = open && (await begunAs(work, posted));
  const settled = open && begun && (await settle(work, begun, open.deadline));
  const ts =
    settled ?? (await attempt(work, posted, hashOf(post), () => work.context.slack.post(posted.place, post)));
  const made = settled === undefined ? link : (begun?.link ?? link);
  if (open && (await cameToLight(work, { ...posted, link: made }, ts))) return;
  work.turn.remember({ type: 'link', link: { ...made, ts } });
}

/** An attempt of an earlier try, which may have been another account's. */
export async function begunAs({ context }: Work, posted: Posted): Promise<Posted> {
  const known = await context.links.attemptByKey(posted.opKey);
  return { ...posted, link: known?.link ?? posted.link };
}

/** What is asked for when the fate of a post isn't known. */
export function postedAs(work: Work, link: Posted['link'], opKey: string): Posted {
  const { piece, threadTs } = link;
  const place = work.portal.channels[0];
  return { place, ...(threadTs !== undefined && { threadTs }), piece, opKey, link };
}

/** Its first post was linked by its echo while it was posted again: the second one goes. */
async function cameToLight(
  { context, turn }: Work,
  { place, piece, link }: Posted,
  ts: Ts,
): Promise<boolean> {
  const links = link.event === undefined ? [] : await context.links.byEvent(link.event);
  if (!links.some((known) => known.piece === piece && known.ts !== ts)) return false;
  await removeDouble({ context, turn }, place, { ts, postedAs: link.postedAs });
  return true;
}

/**
 * The attempt is committed before the call: whatever happens then, its key finds it. `make` makes the post, and says where
 * it is if it can; else that is found out.
 */
export async function attempt(
  work: Work,
  posted: Posted,
  planHash: string,
  make: () => Promise<Ts | undefined>,
): Promise<Ts> {
  const { context, turn } = work;
  const { piece, opKey } = posted;
  const deadline = context.clock.now() + callTime;
  turn.remember({ type: 'attempt-link', piece, link: posted.link });
  await turn.begin({ piece, opKey, planHash, deadline });
  try {
    turn.mayWrite();
  } catch (error) {
    neverSent(work, opKey);
    throw error;
  }
  const made = await sent(work, posted, deadline, make);
  const ts = made ?? (await whereabouts(work, posted, deadline));
  turn.remember({ type: 'attempt-settled', seq: turn.item.seq, piece, applied: true });
  return ts;
}

async function sent(
  work: Work,
  posted: Posted,
  deadline: number,
  make: () => Promise<Ts | undefined>,
): Promise<Ts | undefined> {
  const { context, memory, turn } = work;
  const { piece, opKey } = posted;
  try {
    return await make();
  } catch (error) {
    if (error instanceof Uncertain) {
      memory.uncertainSince.set(opKey, context.clock.now());
      const found = await settle(work, posted, deadline);
      if (found !== undefined) return found;
    } else if (error instanceof TryLater || error instanceof CannotBridge) {
      turn.remember({ type: 'attempt-settled', seq: turn.item.seq, piece, applied: false });
      await turn.flush();
    }
    throw error;
  }
}

/** Slack took it and didn't say where it is. It is looked for later, if it isn't shown yet. */
async function whereabouts(work: Work, posted: Posted, deadline: number): Promise<Ts> {
  const found = await findPost(work, posted, deadline);
  if (found !== undefined) return found;
  work.memory.uncertainSince.set(posted.opKey, work.context.clock.now());
  const { team, channel } = posted.place;
  throw new TryLater('Slack hasn’t shown the post yet', { after: 3000, target: `slack:${team}:${channel}` });
}

export function hashOf(post: object): string {
  return createHash('sha256').update(JSON.stringify(post)).digest('hex');
}

export function linkOf(
  { portal }: Work,
  plan: Origin,
  which: Pick<MessageLink, 'piece' | 'part'>,
): Posted['link'] {
  return {
    portal: portal.id,
    ...which,
    event: plan.event,
    room: portal.room,
    ...(plan.threadTs !== undefined && { threadTs: plan.threadTs }),
    origin: 'matrix',
    source: 'live',
    sender: plan.sender,
    postedAs: plan.by ?? portal.channels[0].team,
    sentAt: plan.at,
    ...(plan.cause !== plan.event && { lastEdit: markOf(plan) }),
  };
}
