import type { SlackEvent } from '../../events.ts';
import type { EventId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';
import { outdateNote } from '../reaction-notes.ts';
import { removeLetters } from '../remove-letters.ts';
import { changerOf } from './account.ts';
import { fileOfPart } from './parts.ts';

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
  const gone: MessageLink[] = [];
  for (const link of links) if (!(await hasOtherPosts(work, link))) gone.push(link);
  await redactLinks(work, gone, `delete:${ts}`);
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

/**
 * Redacts what the links of a message name, our edits of it and the bot's words beside it. What people wrote in Matrix is
 * redacted by the bot. Files that we brought go from the homeserver, too.
 */
export async function redactLinks(work: Work, links: readonly MessageLink[], because: string): Promise<void> {
  const { context, portal } = work;
  const done = new Set<EventId>();
  for (const link of links) {
    if (link.event === undefined) continue;
    const related = await context.links.related(portal.id, link.ts);
    const ours = related.filter((each) => each.kind !== 'redaction' && each.part === link.part);
    for (const each of [{ event: link.event, kind: 'copy' }, ...ours]) {
      if (!done.has(each.event)) await redact(work, link, each, because);
      done.add(each.event);
    }
  }
  const files = links.flatMap(({ origin, part }) => (origin === 'slack' && fileOfPart(part)) || []);
  for (const file of new Set(files)) await context.files.removeFromMatrix(portal.id, file);
}

async function redact(
  { context, portal, turn }: Work,
  link: MessageLink,
  { event, kind }: { readonly event: EventId; readonly kind: string },
  because: string,
): Promise<void> {
  const { matrix } = context;
  const { origin, part, room } = link;
  const isOfAuthor = origin === 'slack' && kind !== 'notice';
  const changer = isOfAuthor ? changerOf({ context }, portal.channels[0].team, link) : undefined;
  const { as, author } = changer ?? { as: matrix.bot, author: {} };
  const key = { fact: `slack:${portal.id}:${because}`, part: `${part}:${event}`, ...author };
  turn.mayWrite();
  await matrix.redact(as, room, event, key);
}
