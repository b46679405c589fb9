import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { arrivalsFromMatrix, arrivalsFromSlack, lateAmong } from '../../support/bridge/late.ts';
import type { Arrivals } from '../../support/bridge/late.ts';
import { shown } from '../../support/bridge/slack-side.ts';

/** Of a load's texts those that a network delivered, or catch-up found, after younger ones of their conversation. */
export async function cameLate(
  { alice, slack, databaseUrl }: Scene,
  rooms: readonly LinkedRoom[],
): Promise<ReadonlySet<string>> {
  const fromMatrix = await arrivalsFromMatrix(databaseUrl);
  const fromSlack = await arrivalsFromSlack(databaseUrl);
  return new Set(
    rooms.flatMap(({ room, channel }) => [
      ...lateOf(
        alice
          .room(room)
          .messages()
          .filter(({ body }) => body.startsWith('M '))
          .map(({ eventId, body }) => [eventId, body]),
        fromMatrix,
      ),
      ...lateOf(
        slack
          .posts(channel)
          .map((post) => [`${channel.id} ${post.ts}`, shown(post)] as const)
          .filter(([, text]) => text.startsWith('S ')),
        fromSlack,
      ),
    ]),
  );
}

/** @param texts with their ids, in their conversation's order. */
function lateOf(texts: readonly (readonly [string, string])[], arrivals: Arrivals): readonly string[] {
  const byId = new Map(texts);
  return lateAmong([...byId.keys()], arrivals).flatMap((id) => byId.get(id) ?? []);
}
