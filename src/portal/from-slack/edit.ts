import { WaitForParent } from '../../errors.ts';
import type { SlackEvent, SlackMessage, SlackProfile } from '../../events.ts';
import type { EventId } from '../../ids.ts';
import { matrixUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink, OutgoingEvent } from '../ports.ts';
import { profileOf } from './author.ts';
import { recogniseEcho } from './echo.ts';
import { bodyToMatrix, contentOf, linkOf, messageToMatrix, showPart } from './message.ts';
import type { Part } from './parts.ts';
import { isCopy, isText, partsOf } from './parts.ts';
import { redactPart } from './delete.ts';
import { isGone, placementOf, placementOfPart } from './thread.ts';
import { unwelcome } from './unwelcome.ts';

type Edit = Extract<SlackEvent, { readonly type: 'edit' }>;

/**
 * An edit on Slack: its text replaces the text in Matrix when it is newer than the last one, files that came are sent,
 * files that went are redacted. An edit of a message that isn't there yet waits for it; if it doesn't come, the message
 * is bridged as it stands.
 */
export async function editToMatrix(work: Work, { ts, message }: Edit): Promise<void> {
  const { context, portal, turn } = work;
  const links = await context.links.byTs(portal.id, ts);
  if (await recogniseEcho(work, message, links)) return context.metrics.ignored('slack', 'echo');
  if (portal.policy.direction === 'to-slack') return context.metrics.ignored('slack', 'direction');
  if (links.length === 0) {
    if (await isGone(work, ts)) return context.metrics.ignored('slack', 'deleted');
    if (ts < portal.since) return context.metrics.ignored('slack', 'before-link');
    if (!turn.item.waited) throw new WaitForParent(`ts:${portal.id}:${ts}`);
    return messageToMatrix(work, message, 'catch-up');
  }
  if (links.every((link) => link.part === 'none')) return context.metrics.ignored('slack', 'left-out');
  if (isOld(message, links)) return context.metrics.ignored('slack', 'old-edit');
  await applyEdit(work, message, links);
  context.metrics.bridged('slack', 'edit');
}

/** A newer edit was bridged, or all of this one: where it was interrupted, only the parts that it added bear its mark. */
function isOld({ editTs }: SlackMessage, links: readonly MessageLink[]): boolean {
  if (editTs === undefined) return true;
  const edits = links.map((link) => link.lastEdit ?? '');
  return edits.some((edit) => edit > editTs) || edits.every((edit) => edit === editTs);
}

async function applyEdit(work: Work, message: SlackMessage, links: readonly MessageLink[]): Promise<void> {
  const { context, turn, portal } = work;
  const profile = await profileOf(context, message);
  const inChannel = message.broadcast || links.some(({ part }) => isCopy(part));
  const parts = partsOf(message, await bodyToMatrix(work, message), inChannel);
  for (const part of parts) {
    const link = links.find((known) => known.part === part.name);
    if (link && isText(part)) await replaceText(work, message, { part, link, profile });
    else if (!link) await addPart(work, message, part, profile);
  }
  for (const link of links) {
    if (parts.some((part) => part.name === link.part)) continue;
    await redactPart(work, link, `edit:${message.ts}:${message.editTs ?? ''}`);
    turn.remember({ type: 'deleted', portal: portal.id, ts: message.ts, part: link.part });
  }
  if (message.editTs !== undefined)
    turn.remember({ type: 'edited', portal: portal.id, ts: message.ts, edit: message.editTs });
}

interface Replacing {
  readonly part: Part;
  readonly link: MessageLink;
  readonly profile: SlackProfile;
}

async function replaceText(work: Work, message: SlackMessage, replacing: Replacing): Promise<void> {
  const { part, link } = replacing;
  const { event: target } = link;
  if (target === undefined) return;
  const { portal, turn } = work;
  const event = await replaced(work, message, { ...replacing, target });
  if (event === undefined) return;
  const { ts } = message;
  turn.remember({
    type: 'related',
    related: { event, portal: portal.id, ts, part: part.name, kind: 'edit' },
  });
}

/** Only the account that wrote it can change it. Where people removed that, the bot says how it reads now. */
async function replaced(
  work: Work,
  message: SlackMessage,
  { part, link, profile, target }: Replacing & { readonly target: EventId },
): Promise<EventId | undefined> {
  const { context, portal, turn } = work;
  const { matrix } = context;
  const author = matrixUserId(link.postedAs);
  const content = await contentOf(work, message, { as: author, part, profile });
  const key = { fact: `slack:${portal.id}:edit:${message.ts}:${message.editTs ?? ''}`, part: part.name };
  turn.mayWrite();
  try {
    return await matrix.edit(author, link.room, target, content, key);
  } catch (error) {
    const why = unwelcome(error);
    if (why === undefined) throw error;
    if (why === 'banned') return undefined;
    const said = await contentOf(work, message, { as: matrix.bot, part, profile });
    turn.mayWrite();
    return matrix.send(matrix.bot, link.room, { ...said, ...editedBy(said), replyTo: target }, key);
  }
}

function editedBy({ speaker }: Pick<OutgoingEvent, 'speaker'>): Pick<OutgoingEvent, 'speaker'> {
  return speaker ? { speaker: { ...speaker, name: `${speaker.name} (edited)` } } : {};
}

async function addPart(work: Work, message: SlackMessage, part: Part, profile: SlackProfile): Promise<void> {
  const inThread = await placementOf(work, message, (inner, root) =>
    messageToMatrix(inner, root, 'catch-up'),
  );
  const placement = placementOfPart(part.name, inThread);
  if (!placement) return;
  const copy = await showPart(work, message, part, { profile, placement });
  if (copy === 'banned') return;
  const link = linkOf(work, message, { part: part.name, ...copy, source: 'live' });
  work.turn.remember({ type: 'link', link });
}
