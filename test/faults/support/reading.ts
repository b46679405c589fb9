import { z } from 'zod';
import { matrixEvent, textIn } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixEvent } from '../../../sandbox/matrix-user/event.ts';
import { messagesOf } from '../../../sandbox/matrix-user/messages.ts';
import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import type { SlackPost } from '../../support/bridge/slack-side.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import { emojis, idIn } from './acts.ts';
import type { Standing } from './model.ts';

/** What stands in a channel or room, in its order: this side's own messages and the other side's. */
type Reading = readonly Standing[];

/** The channel as Slack shows it. The bot's reactions have nobody's name. */
export function readChannel({ slack }: Pick<Scene, 'slack'>, { channel }: LinkedRoom): Reading {
  const posts = slack.posts(channel);
  const ids = new Map(posts.map((post) => [post.ts, idIn(shown(post))] as const));
  return posts.flatMap((post) => {
    const id = idIn(shown(post));
    if (id === undefined) return [];
    const { ts, thread_ts: threadTs, username } = post;
    const thread = threadTs === undefined || threadTs === ts ? undefined : (ids.get(threadTs) ?? '?');
    const author = username?.replace(/ \(([^()]* on )?Matrix\)$/, '');
    return [{ id, text: shown(post), author, thread, reactions: reactionsOf(post) }];
  });
}

function reactionsOf({ reactions = [] }: SlackPost): readonly string[] {
  return reactions.flatMap(({ name, users }) => users.map(() => name)).toSorted();
}

/** The room as Alice's client would find it, read anew from the homeserver. */
export async function readRoom(scene: Pick<Scene, 'alice' | 'bot'>, { room }: LinkedRoom): Promise<Reading> {
  const events = await readEvents(scene, room);
  const names = new Map<string, string>();
  const senders = new Map<string, string | undefined>();
  for (const { event_id: event, type, state_key: member, sender, content } of events) {
    // who is put out of a room keeps the name there: what they wrote in that moment may stand behind it
    const named =
      type === 'm.room.member' ? (textIn(content, 'displayname') ?? names.get(member ?? '')) : undefined;
    if (member !== undefined && named !== undefined) names.set(member, named);
    senders.set(event, names.get(sender));
  }
  const messages = messagesOf(events, () => undefined).map(({ eventId, sender, body, thread, reactions }) => {
    const speech = sender === scene.bot ? inSomebodysName(body) : undefined;
    const { author, text } = speech ?? { author: senders.get(eventId), text: body };
    return { eventId, author, text, root: thread, reactions };
  });
  const ids = new Map(messages.map(({ eventId, text }) => [eventId, idIn(text)] as const));
  return messages.flatMap(({ text, author, root, reactions }) => {
    const id = idIn(text);
    if (id === undefined) return [];
    const thread = root === undefined ? undefined : (ids.get(root) ?? '?');
    const given = [...reactions].flatMap(([key, people]) =>
      people.map((person) => `${emojiName(key)} ${names.get(person)}`),
    );
    return [{ id, text, author, thread, reactions: given.toSorted() }];
  });
}

/** The bot speaks for somebody whose ghost was removed. */
function inSomebodysName(body: string): { readonly author: string; readonly text: string } | undefined {
  const [, author, text] = /^([^:]+): (.*)$/.exec(body) ?? [];
  return author === undefined || text === undefined ? undefined : { author, text };
}

const page = z.object({ chunk: z.array(matrixEvent), end: z.string().optional() });

/** Oldest first. */
async function readEvents({ alice }: Pick<Scene, 'alice'>, room: string): Promise<readonly MatrixEvent[]> {
  const newest: MatrixEvent[] = [];
  for (let from: string | undefined, more = true; more; more = from !== undefined) {
    const path = `/rooms/${encodeURIComponent(room)}/messages`;
    const answer = page.parse(await alice.api.call('GET', path, { query: { dir: 'b', limit: 500, from } }));
    newest.push(...answer.chunk);
    from = answer.chunk.length > 0 ? answer.end : undefined;
  }
  return newest.toReversed();
}

function emojiName(key: string): string {
  return Object.entries(emojis).find(([, symbol]) => symbol === key)?.[0] ?? key;
}

/** The texts that Alice's client shows in a room, in order, as they were sent: this is asked often, and must cost little. */
export function textsInMatrix({ alice }: Pick<Scene, 'alice'>, { room }: LinkedRoom): readonly string[] {
  return alice
    .room(room)
    .events()
    .filter(({ type }) => type === 'm.room.message')
    .map(({ content }) => String(content['body']));
}

/** The ids of the messages in all these rooms. */
export function idsInMatrix(scene: Pick<Scene, 'alice'>, rooms: readonly LinkedRoom[]): ReadonlySet<string> {
  return new Set(rooms.flatMap((linked) => textsInMatrix(scene, linked).flatMap((text) => idIn(text) ?? [])));
}

/** Waits until a message from Slack stands in a room that isn't one of these; the time (as `performance.now()`) when it was seen. */
export async function nextFromSlack(
  scene: Pick<Scene, 'alice'>,
  rooms: readonly LinkedRoom[],
  known: ReadonlySet<string>,
): Promise<number> {
  await eventually(
    () => [...idsInMatrix(scene, rooms)].some((id) => id.startsWith('S') && !known.has(id)),
    () => 'Nothing came from Slack.',
    240_000,
    50,
  );
  return performance.now();
}
