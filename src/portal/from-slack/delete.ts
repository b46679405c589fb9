import type { SlackEvent } from '../../events.ts';
import { matrixUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';
import { outdateNote } from '../reaction-notes.ts';
import { removeLetters } from '../remove-letters.ts';

type Delete = Extract<SlackEvent, { readonly type: 'delete' }>;

/**
 * A message deleted on Slack goes from the room with all its parts and edits, whichever way it was bridged. One that
 * isn't known leaves a grave: if it comes later, it isn't bridged.
 */
export async function deleteInMatrix(work: Work, { ts }: Delete): Promise<void> {
  const { context, portal, turn } = work;
  await removeLetters(work, `ts:${portal.id}:${ts}`, `slack:${portal.id}:delete:${ts}`);
  const links = await context.links.byTs(portal.id, ts);
  if (links.length === 0) {
    if (!(await context.links.isDeleted(portal.id, ts)))
      turn.remember({ type: 'grave', portal: portal.id, ts });
    return context.metrics.ignored('slack', 'unmapped-delete');
  }
  for (const link of links)
    if (!(await hasOtherPosts(work, link))) await redactPart(work, link, `delete:${ts}`);
  turn.remember({ type: 'deleted', portal: portal.id, ts });
  outdateNote(work, ts);
  context.metrics.bridged('slack', 'delete');
}

/**
 * A long message of Matrix stands as long as one of its posts does: when it becomes shorter we remove posts ourselves,
 * and Slack tells of it before it answers.
 */
async function hasOtherPosts({ context }: Work, { origin, event, ts }: MessageLink): Promise<boolean> {
  if (origin !== 'matrix' || event === undefined) return false;
  return (await context.links.byEvent(event)).some((link) => link.ts !== ts);
}

/** Redacts what a link names, our edits of it and the bot's words beside it. What people wrote in Matrix is redacted by the bot. */
export async function redactPart(work: Work, link: MessageLink, because: string): Promise<void> {
  if (link.event === undefined) return;
  const { context, portal, turn } = work;
  const as = link.origin === 'slack' ? matrixUserId(link.postedAs) : context.matrix.bot;
  const related = await context.links.related(portal.id, link.ts);
  const ours = related.filter((each) => each.kind !== 'redaction' && each.part === link.part);
  for (const { event, kind } of [{ event: link.event, kind: 'copy' }, ...ours]) {
    turn.mayWrite();
    await context.matrix.redact(kind === 'notice' ? context.matrix.bot : as, link.room, event, {
      fact: `slack:${portal.id}:${because}`,
      part: `${link.part}:${event}`,
    });
  }
}
