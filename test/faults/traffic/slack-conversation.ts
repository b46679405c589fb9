import type { LinkedRoom, Scene } from '../../support/bridge.ts';
import { ghostOf } from '../../support/bridge/matrix-side.ts';
import { shown } from '../../support/bridge/slack-side.ts';
import type { Random } from '../../support/random.ts';
import { roomMessages } from './room-messages.ts';

/** Reactions that people use here, by Slack's name and as Matrix shows them. */
const emoji: Readonly<Record<string, string>> = { tada: '🎉', eyes: '👀' };

/** So many messages back people still answer, change and react. */
const reach = 25;

/** One thing that somebody does in a channel: writes, answers in a thread, edits, deletes, reacts or takes that back. */
export function oneStep({ slack }: Scene, { channel }: LinkedRoom, step: number, random: Random): void {
  const { control, ann, ben } = slack;
  const some = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  const user = some([ann, ben]) ?? ann;
  const at = { channel: channel.id };
  const known = some(standingIn(slack, channel).slice(-reach));
  const dice = random();
  if (!known || dice < 0.4) {
    const thread = known && dice < 0.15 ? { thread: known.thread_ts ?? known.ts } : {};
    control.post({ ...at, user, text: `message ${step}`, ...thread });
  } else if (dice < 0.6) control.edit({ ...at, ts: known.ts, text: `edited at ${step}` });
  else if (dice < 0.65) control.delete({ ...at, ts: known.ts });
  else {
    const reaction = { ...at, ts: known.ts, user, name: some(Object.keys(emoji)) ?? 'tada' };
    if (!control.react(reaction).changed) control.unreact(reaction);
  }
}

/** A message as it stands in the end. */
interface Standing {
  readonly text: string;
  /**
   * The text of its thread's root. Absent when that is gone, too: where it was deleted before its replies came, there is
   * nothing in the room that they could stand under.
   */
  readonly thread: string | undefined;
  /** `name user`, sorted. */
  readonly reactions: readonly string[];
}

export interface Difference {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** There, but in another thread or with other reactions; or there, and gone in Slack: as found, and as it should be. */
  readonly other: readonly string[];
}

/** How a room differs from its channel. Each text stands in a channel once. */
export async function differenceOf(scene: Scene, linked: LinkedRoom): Promise<Difference> {
  const wanted = new Map(inSlack(scene, linked).map((each) => [each.text, JSON.stringify(each)] as const));
  const found = await inMatrix(scene, linked);
  const texts = found.map(({ text }) => text);
  return {
    lost: [...wanted.keys()].filter((text) => !texts.includes(text)),
    doubled: texts.filter((text, index) => texts.indexOf(text) !== index),
    other: found
      .filter((each) => wanted.get(each.text) !== JSON.stringify(each))
      .map((each) => `${JSON.stringify(each)}, in Slack ${wanted.get(each.text) ?? 'gone'}`),
  };
}

type Post = ReturnType<Scene['slack']['posts']>[number];

function standingIn(slack: Scene['slack'], channel: LinkedRoom['channel']): readonly Post[] {
  return slack
    .posts(channel)
    .filter(({ subtype, username }) => subtype === undefined && username === undefined);
}

function inSlack({ slack }: Scene, { channel }: LinkedRoom): readonly Standing[] {
  const people = new Set([slack.ann, slack.ben]);
  const posts = standingIn(slack, channel).filter(({ user }) => user !== undefined && people.has(user));
  const texts = new Map(posts.map((post) => [post.ts, shown(post)] as const));
  return posts.map((post) => ({
    text: shown(post),
    thread:
      post.thread_ts === undefined || post.thread_ts === post.ts ? undefined : texts.get(post.thread_ts),
    reactions: (post.reactions ?? [])
      .flatMap(({ name, users }) => users.map((user) => `${name} ${user}`))
      .toSorted(),
  }));
}

async function inMatrix(scene: Scene, { room }: LinkedRoom): Promise<readonly Standing[]> {
  const { slack } = scene;
  const ghosts = new Map([slack.ann, slack.ben].map((user) => [ghostOf(scene, user), user] as const));
  const names = new Map(Object.entries(emoji).map(([name, key]) => [key, name] as const));
  const all = await roomMessages(scene, room);
  const messages = all.filter(({ sender }) => ghosts.has(sender));
  const texts = new Map(messages.map(({ eventId, body }) => [eventId, body] as const));
  return messages.map(({ body, thread, reactions }) => ({
    text: body,
    thread: thread === undefined ? undefined : texts.get(thread),
    reactions: [...reactions]
      .flatMap(([key, senders]) =>
        senders.map((sender) => `${names.get(key) ?? key} ${ghosts.get(sender) ?? sender}`),
      )
      .toSorted(),
  }));
}
