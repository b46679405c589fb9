import type { SlackMessage } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { collectMentions, mention, paragraph, text } from '../../format/doc.ts';
import type { EventId, MatrixUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { Placement } from './thread.ts';

interface Said {
  readonly event: EventId;
  readonly postedAs: MatrixUserId;
  readonly text: Doc;
  readonly placement: Placement;
}

/**
 * Where the portal's policy lets `@channel` reach everybody in the room, but the ghost that says it lacks the power for that,
 * the bot calls them, beside the message. What comes late rings for nobody.
 */
export async function callRoom(work: Work, message: SlackMessage, said: Said): Promise<void> {
  const { context, portal, turn } = work;
  const { matrix } = context;
  if (!collectMentions(said.text).some(({ type }) => type === 'everyone')) return; // the policy left none
  const { room } = portal;
  const needed = await matrix.powerNeeded(room, { notification: 'room' });
  if ((await matrix.powerOf(room, said.postedAs)) >= needed) return; // the message rings by itself
  if ((await matrix.powerOf(room, matrix.bot)) < needed) return;
  turn.mayWrite();
  const call = { blocks: [paragraph(text('📣 '), mention({ type: 'everyone', range: 'channel' }))] };
  const event = await matrix.send(
    matrix.bot,
    room,
    { kind: 'text', text: call, ...said.placement, replyTo: said.event },
    { fact: `slack:${portal.id}:message:${message.ts}`, part: 'call' },
  );
  const related = { event, portal: portal.id, ts: message.ts, part: 'text', kind: 'notice' } as const;
  turn.remember({ type: 'related', related });
}
