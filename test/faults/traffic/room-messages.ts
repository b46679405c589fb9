import { z } from 'zod';
import { matrixEvent } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixEvent } from '../../../sandbox/matrix-user/event.ts';
import { messagesOf } from '../../../sandbox/matrix-user/messages.ts';
import type { SeenMessage } from '../../../sandbox/matrix-user/messages.ts';
import type { Scene } from '../../support/bridge.ts';

const page = z.object({ chunk: z.array(matrixEvent), end: z.string().optional() });

/** The messages that stand in a room, oldest first, read anew from the homeserver. */
export async function roomMessages(
  { alice }: Pick<Scene, 'alice'>,
  room: string,
): Promise<readonly SeenMessage[]> {
  const newest: MatrixEvent[] = [];
  let from: string | undefined;
  do {
    const path = `/rooms/${encodeURIComponent(room)}/messages`;
    const answer = page.parse(await alice.api.call('GET', path, { query: { dir: 'b', limit: 500, from } }));
    newest.push(...answer.chunk);
    from = answer.chunk.length > 0 ? answer.end : undefined;
  } while (from !== undefined);
  return messagesOf(newest.toReversed(), () => undefined);
}
