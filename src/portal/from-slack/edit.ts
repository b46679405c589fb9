import { WaitForParent } from '../../errors.ts';
import type { SlackEvent, SlackMessage } from '../../events.ts';
import { endOfSecond, isKnownEdit, readNote } from '../../format/edits.ts';
import type { Work } from '../context.ts';
import type { MessageLink } from '../ports.ts';
import { isNews } from '../shown-texts.ts';
import { recogniseEcho } from './echo.ts';
import { applyEdit } from './edit-parts.ts';
import { forgetFiles } from './forget-files.ts';
import { ownPost, ownPostEdited } from './hand-edit.ts';
import { linkOf, neededToMatrix } from './message.ts';
import { isGone } from './thread.ts';

type Edit = Extract<SlackEvent, { readonly type: 'edit' }>;

/**
 * An edit on Slack: its text replaces the text in Matrix when it is newer than the last one, files that came are sent,
 * files that went are redacted. An edit of a message that isn't there yet waits for it; if it doesn't come, the message
 * is bridged as it stands.
 */
export async function editToMatrix(work: Work, edit: Edit): Promise<void> {
  const { ts, message, only, isLast } = edit;
  const { context, portal, turn } = work;
  const links = await context.links.byTs(portal.id, ts);
  const own = only === 'files' ? undefined : ownPost(message, links);
  if (own) return ownPostEdited(work, edit, own);
  if (await recogniseEcho(work, message, links)) return context.metrics.ignored('slack', 'echo');
  if (portal.policy.direction === 'to-slack') return context.metrics.ignored('slack', 'direction');
  if (links.length === 0) {
    if (await isGone(work, ts)) return context.metrics.ignored('slack', 'deleted');
    if (ts < portal.since) return context.metrics.ignored('slack', 'before-link');
    if (!turn.item.waited) throw new WaitForParent(`ts:${portal.id}:${ts}`);
    await neededToMatrix(work, message);
    return rememberGone(work, message, links);
  }
  if (links.every((link) => link.part === 'none')) return context.metrics.ignored('slack', 'left-out');
  await rememberGone(work, message, links);
  const edits = links.map((link) => link.lastEdit ?? '');
  if (only !== 'files' && isOld(message, edits, isLast)) return context.metrics.ignored('slack', 'old-edit');
  if (only !== 'files' && (await isShown(work, edit, links))) return context.metrics.ignored('slack', 'echo');
  await applyEdit(work, isLast ? withLastTs(message) : message, { links, only });
  context.metrics.bridged('slack', 'edit');
}

/** It is the echo of what its author changed in Matrix, or was written over by that: the room shows it. */
async function isShown(
  work: Work,
  { message, isOwn }: Edit,
  links: readonly MessageLink[],
): Promise<boolean> {
  const { texts } = readNote(links[0]?.lastEdit);
  const { editTs } = message;
  if (editTs === undefined || texts.length === 0) return false;
  return !(await isNews(work, { ...message, editTs }, { texts, isOwn: isOwn === true }));
}

/** A newer edit was bridged, or all of this one: where it was interrupted, only the parts that it added bear its mark. */
function isOld(message: SlackMessage, edits: readonly string[], isLast?: boolean): boolean {
  const { editTs, editHash } = message;
  if (editTs === undefined) return true;
  return isKnownEdit({ editTs, ...(editHash !== undefined && { editHash }) }, edits, isLast);
}

/** What is told of that second later, as events that come late, is older than its last edit. */
function withLastTs(message: SlackMessage): SlackMessage {
  return message.editTs === undefined ? message : { ...message, editTs: endOfSecond(message.editTs) };
}

/** A file that is still on its way when it is deleted isn't shown any more. */
async function rememberGone(work: Work, message: SlackMessage, links: readonly MessageLink[]): Promise<void> {
  const shown = new Set(links.map(({ part }) => part));
  const unseen = (message.gone ?? []).filter((file) => !shown.has(`file:${file}`));
  await forgetFiles(work, unseen);
  for (const file of unseen) {
    const part = `file:${file}` as const;
    work.turn.remember({ type: 'link', link: linkOf(work, message, { part, postedAs: '', source: 'live' }) });
  }
}
