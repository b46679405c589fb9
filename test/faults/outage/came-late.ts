import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import type { Deliveries } from '../support/deliveries.ts';
import { readLate } from '../support/late.ts';
import type { LateAmong } from '../support/late.ts';

/** Of a load's texts those that a network delivered, or catch-up found, after younger ones of their conversation. */
export async function cameLate(
  { alice, slack, databaseUrl }: Scene,
  rooms: readonly LinkedRoom[],
  deliveries: Deliveries,
): Promise<ReadonlySet<string>> {
  const late = await readLate(databaseUrl, deliveries);
  return new Set(
    rooms.flatMap(({ room, channel }) => [
      ...lateOf(
        alice
          .room(room)
          .messages()
          .filter(({ body }) => body.startsWith('M '))
          .map(({ eventId, body }) => [eventId, body]),
        late.fromMatrix,
      ),
      ...lateOf(
        slack
          .posts(channel)
          .map((post) => [`${channel.id} ${post.ts}`, shown(post)] as const)
          .filter(([, text]) => text.startsWith('S ')),
        late.fromSlack,
      ),
    ]),
  );
}

/** @param texts with their ids, in their conversation's order. */
function lateOf(texts: readonly (readonly [string, string])[], lateAmong: LateAmong): readonly string[] {
  const byId = new Map(texts);
  return lateAmong([...byId.keys()]).flatMap((id) => byId.get(id) ?? []);
}
