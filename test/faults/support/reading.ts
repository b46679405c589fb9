import { z } from 'zod';
import { matrixEvent } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixEvent } from '../../../sandbox/matrix-user/event.ts';
import { messagesOf } from '../../../sandbox/matrix-user/messages.ts';
import type { Scene } from '../../support/bridge.ts';
import type { SlackPost } from '../../support/bridge/slack-side.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import { emojis, idIn } from './acts.ts';
import type { CrowdRoom } from './crowd.ts';
import type { Standing } from './model.ts';

/** What stands in a channel or room, in its order: this side's own messages and the other side's. */
type Reading = readonly Standing[];

/** The channel as Slack shows it. */
export function readChannel({ slack }: Pick<Scene, 'slack'>, { channel }: CrowdRoom): Reading {
  const posts = slack.posts(channel);
  const ids = new Map(posts.map((post) => [post.ts ?? '', idIn(shown(post))] as const));
  return posts.flatMap((post) => {
    const id = idIn(shown(post));
    if (id === undefined) return [];
    const root = post.thread_ts === undefined || post.thread_ts === post.ts ? undefined : post.thread_ts;
    const thread = root === undefined ? undefined : (ids.get(root) ?? '?');
    return [{ id, text: shown(post), thread, reactions: reactionsOf(post) }];
  });
}

function reactionsOf({ reactions = [] }: SlackPost): ReadonlyMap<string, number> {
  return new Map(reactions.map(({ name, users }) => [name, users.length] as const));
}

const page = z.object({ chunk: z.array(matrixEvent), end: z.string().optional() });

/** The room as Alice's client would find it, read anew from the homeserver. */
export async function readRoom({ alice }: Pick<Scene, 'alice'>, { room }: CrowdRoom): Promise<Reading> {
  const newest: MatrixEvent[] = [];
  for (let from: string | undefined, more = true; more; more = from !== undefined) {
    const path = `/rooms/${encodeURIComponent(room)}/messages`;
    const answer = page.parse(await alice.api.call('GET', path, { query: { dir: 'b', limit: 500, from } }));
    newest.push(...answer.chunk);
    from = answer.chunk.length > 0 ? answer.end : undefined;
  }
  const messages = messagesOf(newest.toReversed(), () => undefined);
  const ids = new Map(messages.map(({ eventId, body }) => [eventId, idIn(body)] as const));
  return messages.flatMap(({ body, thread: root, reactions }) => {
    const id = idIn(body);
    if (id === undefined) return [];
    const thread = root === undefined ? undefined : (ids.get(root) ?? '?');
    const counts = [...reactions].map(([key, senders]) => [emojiName(key), new Set(senders).size] as const);
    return [{ id, text: body, thread, reactions: new Map(counts) }];
  });
}

function emojiName(key: string): string {
  return Object.entries(emojis).find(([, symbol]) => symbol === key)?.[0] ?? key;
}
