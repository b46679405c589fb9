import { CannotBridge, WaitForParent } from '../../errors.ts';
import type { MatrixRelation, SlackMessage } from '../../events.ts';
import type { Block } from '../../format/doc.ts';
import { link, paragraph, plainText, text } from '../../format/doc.ts';
import { truncate } from '../../format/names.ts';
import type { EventId, Ts } from '../../ids.ts';
import { knownProfile } from '../from-slack/author.ts';
import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';

/** Where a Matrix message belongs in Slack, and what it answers where Slack wouldn't show that. */
export interface SlackPlacement {
  readonly threadTs?: Ts;
  readonly quote?: Block;
}

/**
 * | Matrix                                             | Slack                                                  |
 * | -------------------------------------------------- | ------------------------------------------------------ |
 * | in a thread                                        | in the thread                                          |
 * | an answer to a message of a thread, or to its root | in that thread                                         |
 * | an answer to a particular message within a thread  | in the thread, with a short quote                      |
 * | any other answer                                   | in the channel, with a short quote and a link          |
 *
 * A thread's root that isn't in Slack yet is waited for. What an answer is to is only ever looked up in this portal.
 */
export async function placementInSlack(work: Work, relation: MatrixRelation): Promise<SlackPlacement> {
  const answered = relation.replyTo === undefined ? undefined : await linkOf(work, relation.replyTo);
  if (relation.thread !== undefined) {
    const threadTs = await threadOf(work, relation.thread);
    const quoted = answered && answered.ts !== threadTs ? await quoteOf(work, answered) : undefined;
    return { ...(threadTs !== undefined && { threadTs }), ...(quoted && { quote: quoted }) };
  }
  if (!answered) return {};
  if (answered.threadTs !== undefined) return { threadTs: answered.threadTs };
  const latest = await work.context.links.latestInThread(work.portal.id, answered.ts);
  if (latest && latest.ts !== answered.ts) return { threadTs: answered.ts };
  return { quote: await quoteOf(work, answered) };
}

/** The quote that a message which stands in this thread (or in the channel) began with. */
export async function quoteInSlack(
  work: Work,
  { replyTo, thread }: MatrixRelation,
  threadTs: Ts | undefined,
): Promise<Block | undefined> {
  const answered = replyTo === undefined ? undefined : await linkOf(work, replyTo);
  const isQuoted = thread === undefined ? threadTs === undefined : answered?.ts !== threadTs;
  return answered && isQuoted ? quoteOf(work, answered) : undefined;
}

async function linkOf(work: Work, event: EventId): Promise<MessageLink | undefined> {
  const links = await work.context.links.byEvent(event);
  return links.find((link) => link.portal === work.portal.id && link.part !== 'none');
}

async function threadOf(work: Work, root: EventId): Promise<Ts | undefined> {
  const found = await linkOf(work, root);
  if (found) return found.threadTs ?? found.ts;
  if (!work.turn.item.waited) throw new WaitForParent(`event:${root}`);
  return undefined;
}

const longestExcerpt = 100;

async function quoteOf({ context, portal }: Work, answered: MessageLink): Promise<Block> {
  const place = portal.channels[0];
  const { ts, threadTs } = answered;
  const address = context.slack.permalink(place, ts, threadTs);
  const original = await shownOriginal(context.slack.message(place, ts, threadTs));
  if (!original) return { type: 'quote', blocks: [paragraph(link(address, [text('an earlier message')]))] };
  const name = await nameOf({ context }, original);
  const line = paragraph(link(address, [text(name)]), text(`: ${excerpt(original)}`));
  return { type: 'quote', blocks: [line] };
}

/** A message that Slack won't show is quoted by its address alone. */
async function shownOriginal(asked: Promise<SlackMessage | undefined>): Promise<SlackMessage | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CannotBridge) return undefined;
    throw error;
  }
}

async function nameOf({ context }: Pick<Work, 'context'>, { author, team }: SlackMessage): Promise<string> {
  if (author.type === 'bot' && author.name !== undefined) return author.name;
  return (await knownProfile(context, team, author.id))?.name ?? author.id;
}

function excerpt(message: SlackMessage): string {
  const flat = plainText(message.text).replaceAll(/\s+/g, ' ').trim();
  const shown = flat === '' ? message.files.map((file) => file.name).join(', ') : flat;
  return truncate(shown, longestExcerpt);
}
