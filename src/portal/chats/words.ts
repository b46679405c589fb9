import { CannotBridge } from '../../errors.ts';
import type { MatrixEvent } from '../../events.ts';
import { mention, paragraph, text } from '../../format/doc.ts';
import type { Inline } from '../../format/doc.ts';
import type { RoomId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';

export type MemberEvent = Extract<MatrixEvent, { readonly type: 'member' }>;

/** As the bot, in the room where it happened; one that takes no words from it goes without. */
export async function sayInRoom(
  { matrix, log }: PortalContext,
  { event, room }: Pick<MemberEvent, 'event' | 'room'>,
  ...words: readonly (string | Inline)[]
): Promise<void> {
  const said = words.map((each) => (typeof each === 'string' ? text(each) : each));
  try {
    const notice = { kind: 'notice', text: { blocks: [paragraph(...said)] } } as const;
    await matrix.send(matrix.bot, room, notice, { fact: `matrix:${event}`, part: 'chat' });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.warn('A room takes no notice from the bot', { room, reason: error.reason });
  }
}

export function roomLink(room: RoomId, label: string): Inline {
  return mention({ type: 'matrix-room', room, label });
}

export const loginFirst =
  'Only people who have logged in to Slack can write there from here. Say “login” to me in a chat of our own, then invite them again.';
