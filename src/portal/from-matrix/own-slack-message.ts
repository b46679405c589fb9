import { CannotBridge } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import { isEmpty } from '../../format/doc.ts';
import type { EditNote } from '../../format/edits.ts';
import { noteOf, readNote } from '../../format/edits.ts';
import type { MatrixUserId, SlackUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { fileOfPart } from '../from-slack/parts.ts';
import { ownAccount } from '../own-account.ts';
import type { MessageLink, OutgoingPost } from '../ports.ts';
import { textKey, withText } from '../shown-texts.ts';
import { bodyToSlack } from './body.ts';

/**
 * By whom a linked person changes or removes what they wrote in Slack themselves. Undefined: it isn't theirs, or they can't.
 */
export function authorInSlack(work: Work, link: MessageLink, sender: MatrixUserId): SlackUserId | undefined {
  if (link.origin !== 'slack') return undefined;
  const by = ownAccount(work, sender, 'chat:write');
  return by === link.sender ? by : undefined;
}

/** Removes what the event shows of it: all of the message, or one of its files. */
export async function removeOwn(work: Work, links: readonly MessageLink[], by: SlackUserId): Promise<void> {
  const { context, portal, turn } = work;
  for (const { ts, event } of links) {
    const standing = (await context.links.byTs(portal.id, ts)).filter((link) => link.event !== undefined);
    const shown = standing.filter((link) => link.event === event);
    for (const { part } of shown) turn.remember({ type: 'deleted', portal: portal.id, ts, part });
    await turn.flush(); // what Slack tells of it is no news
    turn.mayWrite();
    if (shown.length === standing.length) {
      await context.slack.remove(portal.channels[0], ts, { by });
      continue;
    }
    const files = shown.flatMap(({ part }) => fileOfPart(part) ?? []);
    if (files.length < shown.length) throw new CannotBridge('one-of-several', partly);
    for (const file of files) await context.slack.removeFile(portal.channels[0].team, file, by);
  }
}

const partly =
  'it was removed here, but is still in Slack, where it is one message with what stands beside it. You can change it there.';

/** Its text becomes what the edit says; Slack tells of it like of any edit there. */
export async function changeOwn(
  work: Work,
  edit: Extract<MatrixEvent, { readonly type: 'edit' }>,
  link: MessageLink,
  by: SlackUserId,
): Promise<void> {
  const { ts, event, threadTs } = link;
  const { context, portal } = work;
  if (portal.policy.direction === 'to-matrix') return context.metrics.ignored('matrix', 'direction');
  const all = await context.links.byTs(portal.id, ts);
  const text = await bodyToSlack(work, { ...edit.message, event: edit.target });
  const isWhole =
    all.every(({ part }) => !part.startsWith('text.')) && context.slack.pieces(text).length === 1;
  if (!isWhole || event === undefined)
    throw new CannotBridge('too-long', 'it is too long to be edited here. You can edit it in Slack.');
  if (isEmpty(text)) return context.metrics.ignored('matrix', 'empty');
  const opKey = context.opKey(edit.event, 0);
  const emote = edit.message.kind === 'emote';
  const post = { text, emote, opKey, by, ...(threadTs !== undefined && { threadTs }) };
  await changeAs(work, link, post, readNote(link.lastEdit).mark);
  context.metrics.bridged('matrix', 'edit');
}

/**
 * Changes a message as its author. What it will say is noted before: Slack's telling of it is known by that from what they
 * change there by hand. `mark`: of the edit that is bridged with it.
 */
export async function changeAs(
  { context, portal, turn }: Work,
  { ts, lastEdit }: MessageLink,
  post: OutgoingPost,
  mark: string,
): Promise<void> {
  const before = readNote(lastEdit);
  const key = textKey(context.slack.shownText(post));
  const texts = before.texts.filter(({ onItsWay }) => !onItsWay); // of an earlier try, or one that came to nothing
  const note = (edit: EditNote): void =>
    turn.remember({ type: 'edited', portal: portal.id, ts, edit: noteOf(edit) });
  note({ mark: before.mark, texts: withText(texts, { key, onItsWay: true }) });
  await turn.flush();
  turn.mayWrite();
  try {
    await context.slack.update(portal.channels[0], ts, post);
  } catch (error) {
    if (error instanceof CannotBridge) {
      note(before);
      await turn.flush();
    }
    throw error;
  }
  note({ mark, texts: withText(texts, { key }) });
}
