import { CannotBridge } from '../errors.ts';
import type { RoomKey } from '../errors.ts';
import type { MatrixEvent } from '../events.ts';
import { textDoc } from '../format/doc.ts';
import type { RoomId } from '../ids.ts';
import type { PortalContext } from './context.ts';
import { placeOf } from './direct-chat.ts';
import type { OutgoingEvent } from './ports.ts';

export type EncryptedEvent = Extract<MatrixEvent, { readonly type: 'encrypted' }>;

/** The key that an event waits for. `withheld`: Matrix's code for why it isn't sent. */
export interface MissingKey {
  readonly key: RoomKey;
  readonly withheld?: string | undefined;
}

/** Whether anybody writes there for the bridge to read it: the room is linked, or a chat with the bot. */
export async function isRead(context: PortalContext, room: RoomId): Promise<boolean> {
  return context.portals.byRoom(room) !== undefined || (await placeOf(context, room)) === 'direct';
}

/** The sender is told that what they wrote can't be read yet, once for all that needs this key. Repeats safely. */
export async function tellKeyMissing(
  { matrix, log }: PortalContext,
  event: EncryptedEvent,
  { key, withheld }: MissingKey,
): Promise<void> {
  const root = event.relation.thread;
  const notice: OutgoingEvent = {
    kind: 'notice',
    text: textDoc(
      `🔑 I can’t read this: it is encrypted, and ${why(withheld)} Until it comes I wait, for up to an hour, also with what follows; then it goes on by itself.`,
    ),
    replyTo: event.event,
    ...(root !== undefined && { thread: { root, latest: event.event } }),
  };
  try {
    await matrix.send(matrix.bot, event.room, notice, { fact: key, part: 'missing' });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.warn('A room takes no notice of a missing key', { room: event.room, reason: error.reason });
  }
}

/** @see https://spec.matrix.org/latest/client-server-api/#mroom_keywithheld */
function why(withheld: string | undefined): string {
  switch (withheld) {
    case 'm.unverified':
      return 'your client sends keys to verified devices only. Verify me, or turn that off for this room; then write it again.';
    case 'm.blacklisted':
      return 'your client is told to send my device no keys. Allow it in my profile there; then write it again.';
    case 'm.unauthorised':
      return 'your device says that I may not have its key. Write it again.';
    default:
      return 'your device hasn’t sent me its key. Keep your client open for a moment; should that not help, write it again.';
  }
}
