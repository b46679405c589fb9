import type { SlackEvent, SlackMessage } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { noteOf, readNote } from '../../format/edits.ts';
import { tsToMillis } from '../../ids.ts';
import type { EventId, Ts } from '../../ids.ts';
import type { Work } from '../context.ts';
import { editMark } from '../edit-mark.ts';
import { quoteInSlack } from '../from-matrix/placement.ts';
import { isFileLink } from '../from-matrix/share.ts';
import { accountIn } from '../own-account.ts';
import type { MessageLink } from '../ports.ts';
import { isNews, keyOfMessage, withText } from '../shown-texts.ts';
import { profileOf } from './author.ts';
import { replaceAs } from './edit-parts.ts';
import { bodyToMatrix } from './message.ts';

type Edit = Extract<SlackEvent, { readonly type: 'edit' }>;

/** A message of a linked person's own account, which they can change in Slack, too. Undefined: nobody but us can. */
export function ownPost({ author }: SlackMessage, links: readonly MessageLink[]): MessageLink | undefined {
  return links.find(
    ({ origin, postedAs }) =>
      origin === 'matrix' && author.type === 'user' && accountIn(postedAs) === author.id,
  );
}

/**
 * What Slack tells of a change of one is the echo of our own, or its author's by hand, which the room shows then, too: as an
 * edit of theirs where the bridge acts as them, else in words of the bot.
 */
export async function ownPostEdited(work: Work, { message, isOwn }: Edit, link: MessageLink): Promise<void> {
  const { context, portal, turn } = work;
  const { editTs, ts } = message;
  const { mark, texts } = readNote(link.lastEdit);
  if (editTs === undefined || !(await isNews(work, { ...message, editTs }, { texts, isOwn: isOwn === true })))
    return context.metrics.ignored('slack', 'echo');
  if (portal.policy.direction === 'to-slack') return context.metrics.ignored('slack', 'direction');
  const event = await bringOver(work, message, { link, at: editTs });
  const own = event === undefined ? '' : editMark({ at: tsToMillis(editTs), event });
  const note = { mark: own > mark ? own : mark, texts: withText(texts, { key: keyOfMessage(message) }) };
  turn.remember({ type: 'edited', portal: portal.id, ts, edit: noteOf(note) });
  context.metrics.bridged('slack', 'edit');
}

async function bringOver(
  work: Work,
  message: SlackMessage,
  { link, at }: { readonly link: MessageLink; readonly at: Ts },
): Promise<EventId | undefined> {
  const { context, portal, turn } = work;
  const { event: target, ts } = link;
  if (target === undefined) return undefined;
  const all = await context.links.byEvent(target);
  const isWhole = all.length === 1 && !isFileLink(link);
  const text = withoutQuote(await bodyToMatrix(work, message), isWhole && (await hadQuote(work, link)));
  const event = await replaceAs(
    work,
    { message, profile: await profileOf(context, message) },
    {
      shown: { name: 'text', text },
      part: link.part,
      target,
      room: link.room,
      fact: `slack:${portal.id}:edit:${ts}:${at} ${keyOfMessage(message)}`,
      ...(isWhole && { written: { postedAs: link.sender, sender: message.author.id } }),
    },
  );
  if (event !== undefined)
    turn.remember({
      type: 'related',
      related: { event, portal: portal.id, ts, part: link.part, kind: 'edit' },
    });
  return event;
}

/** What a message answers stands above it in Slack; the room shows that by itself. */
async function hadQuote(work: Work, { event, room, threadTs }: MessageLink): Promise<boolean> {
  const original = event && (await work.context.matrix.message(room, event));
  return original ? (await quoteInSlack(work, original.relation, threadTs)) !== undefined : false;
}

function withoutQuote(text: Doc, hadOne: boolean): Doc {
  const [first, ...rest] = text.blocks;
  return hadOne && first?.type === 'quote' && rest.length > 0 ? { blocks: rest } : text;
}
