import type { MatrixPoll } from '../../events.ts';
import type { Block, Doc, Inline } from '../../format/doc.ts';
import { paragraph, text } from '../../format/doc.ts';
import type { EventId, MatrixUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { tallyOf } from '../poll-tally.ts';
import type { Tally } from '../poll-tally.ts';
import type { ShownPoll } from '../ports.ts';

/** A poll's post as it stands now. `poll` may be newer than what the homeserver shows. */
export async function pollBody(work: Work, event: EventId, poll: MatrixPoll): Promise<Doc> {
  const shown = await work.context.matrix.poll(work.portal.room, event);
  if (!shown)
    return pollDoc(
      poll,
      tallyOf(poll, [], () => false),
    );
  return pollDoc(poll, await tallyIn(work, { ...shown, message: { ...shown.message, poll } }));
}

/** A poll is ended by whoever began it, or by those who may remove it. Votes of people to whom the bridge isn't open don't go to Slack. */
export async function tallyIn(
  { context, portal }: Work,
  { message, changes: all }: ShownPoll,
): Promise<Tally> {
  const changes = all.filter(({ sender }) => context.permissionOf(sender) !== 'none');
  const others = new Set(changes.filter(({ kind }) => kind === 'end').map(({ sender }) => sender));
  others.delete(message.sender);
  const enders = new Set<MatrixUserId>([message.sender]);
  if (others.size > 0) {
    const needed = await context.matrix.powerNeeded(portal.room, { action: 'redact' });
    for (const user of others)
      if ((await context.matrix.powerOf(portal.room, user)) >= needed) enders.add(user);
  }
  return tallyOf(message.poll, changes, (sender) => enders.has(sender));
}

/** A poll as Slack shows it. */
export function pollDoc(poll: MatrixPoll, tally: Tally): Doc {
  const showsVotes = poll.disclosed || tally.ended;
  const most = Math.max(...tally.counts);
  const items = poll.answers.map((answer, index) => {
    const count = tally.counts[index] ?? 0;
    const won = tally.ended && count > 0 && count === most;
    const words: Inline = text(answer.text, won ? { bold: true } : {});
    return { blocks: [paragraph(words, ...(showsVotes ? [text(` — ${votes(count)}`)] : []))] };
  });
  const list: Block = { type: 'list', ordered: true, start: 1, items };
  const question = paragraph(text('📊 '), text(poll.question, { bold: true }));
  return { blocks: [question, list, paragraph(text(noteOf(poll, tally), { italic: true }))] };
}

function noteOf(poll: MatrixPoll, { ended, voters }: Tally): string {
  const people = voters === 1 ? '1 person voted' : `${voters} people voted`;
  if (ended) return `The poll has ended: ${people}.`;
  const choice = poll.mostChoices > 1 ? `Up to ${poll.mostChoices} answers each. ` : '';
  return poll.disclosed
    ? `${choice}${people} in Matrix so far.`
    : `${choice}Votes are cast in Matrix, and shown when the poll ends.`;
}

function votes(count: number): string {
  return count === 1 ? '1 vote' : `${count} votes`;
}
