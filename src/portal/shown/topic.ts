import { CannotBridge, TryLater } from '../../errors.ts';
import type { MatrixEvent, SlackEvent } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { plainText } from '../../format/doc.ts';
import type { MatrixUserId, SlackUserId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { mentionsToMatrix } from '../from-slack/mentions.ts';
import { ownAccount, unlessOutside } from '../own-account.ts';
import type { Bookmark, SlackChannel } from '../ports.ts';
import { changeChannel, changeRoom, tellOnce } from './left-out.ts';
import type { ChannelTopic } from './topic-text.ts';
import { channelTopic, topicAlone, withoutBookmarks } from './topic-text.ts';

type State = Extract<MatrixEvent, { readonly type: 'state' }>;

/** Slack's limit, in characters. */
const longestTopic = 250;

interface Topics {
  readonly channel: SlackChannel;
  readonly bookmarks: readonly Bookmark[] | undefined;
  readonly inSlack: ChannelTopic;
  /** What of it people set themselves: by this it is known whether the channel's topic changed. */
  readonly said: string;
  readonly inRoom: string;
  /** Which of the two is as it was when they were last in step; `undefined`: they never were. */
  readonly unchanged: { readonly slack: boolean; readonly matrix: boolean } | undefined;
}

/**
 * The room's topic follows the channel's, if that has changed since both were last in step: our own changes come back and
 * change nothing. What a room says of itself when it is linked stays until somebody in Slack changes the channel's.
 */
export async function topicToMatrix(work: Work, { by }: By = {}): Promise<void> {
  const { context, portal } = work;
  if (!portal.policy.topic || portal.policy.direction === 'to-slack')
    return context.metrics.ignored('slack', 'policy');
  const topics = await topicsNow(work);
  if (!topics) return context.metrics.ignored('slack', 'no-channel');
  const isTheirs = by !== undefined && topics.channel.topicBy?.includes(by) === true;
  return followSlack(work, topics, isTheirs ? by : undefined);
}

/** Who changed it. */
type By = Pick<Extract<SlackEvent, { readonly type: 'shown' }>, 'by'>;

async function followSlack(work: Work, topics: Topics, by?: SlackUserId): Promise<void> {
  const { context, portal } = work;
  const { inSlack, said, inRoom, unchanged } = topics;
  const isNew = unchanged?.slack !== true;
  if (!isNew && !onlyBookmarksDiffer(topics)) return context.metrics.ignored('slack', 'repeated-topic');
  const follows = inSlack.text !== inRoom && (unchanged !== undefined || inSlack.text.startsWith(inRoom));
  if (follows) {
    const change = (as?: MatrixUserId) => context.matrix.setTopic(portal.room, inSlack.doc, as);
    if (!(await changeRoom(work, 'topic', change, by))) return;
    context.metrics.bridged('slack', 'topic');
  }
  const matrix = follows ? inSlack.text : inRoom;
  await context.shown.agree(portal.id, 'topic', { slack: said, matrix });
}

/** The room shows the channel's topic, with other bookmarks. A room with a topic of its own shows none. */
function onlyBookmarksDiffer({ bookmarks, inSlack, inRoom }: Topics): boolean {
  if (bookmarks === undefined || inSlack.text === inRoom) return false;
  return withoutBookmarks(inSlack.text) === withoutBookmarks(inRoom);
}

/** The channel's topic follows the room's; where both have changed, Slack's stands. */
export async function topicToSlack(work: Work, { event, sender }: State): Promise<void> {
  const { context, portal } = work;
  const { topic: allowed, direction } = portal.policy;
  if (!allowed || direction === 'to-matrix') return context.metrics.ignored('matrix', 'policy');
  const topics = await topicsNow(work);
  if (!topics) return context.metrics.ignored('matrix', 'no-channel');
  const { channel, inSlack, said, inRoom, unchanged } = topics;
  if (unchanged?.matrix === true) return context.metrics.ignored('matrix', 'repeated-topic');
  if (unchanged?.slack === false && direction === 'both') return followSlack(work, topics);
  const agree = (slack: string) => context.shown.agree(portal.id, 'topic', { slack, matrix: inRoom });
  const wanted = topicAlone(inRoom, inSlack.below);
  const isPermitted = context.permissionOf(sender) !== 'none';
  if (!isPermitted || wanted === topicAlone(plainText(channel.topic ?? none, { spelled: true }), []))
    return agree(said);
  const topic = fitted(wanted);
  const by = ownAccount(work, sender, 'channels:write', 'groups:write');
  const change = async (): Promise<void> => {
    const now = await context.slack.setTopic(portal.channels[0], topic, by);
    await agree(saidIn({ ...channel, topic: now }));
  };
  const changed = await unlessOutside(work, { by, sender, event }, () =>
    changeChannel(work, { part: 'topic', event }, change),
  );
  if (!changed) return;
  context.metrics.bridged('matrix', 'topic');
  if (topic === wanted) return;
  const words = `Slack takes topics of up to ${longestTopic} characters: the channel shows the beginning of this one.`;
  await tellOnce(work, { part: 'topic', event, reason: event }, words);
}

function fitted(topic: string): string {
  const characters = Array.from(topic);
  return characters.length > longestTopic ? `${characters.slice(0, longestTopic - 1).join('')}…` : topic;
}

const none: Doc = { blocks: [] };

async function topicsNow(work: Work): Promise<Topics | undefined> {
  const { context, portal } = work;
  const place = portal.channels[0];
  const channel = await context.slack.channel(place.team, place.channel);
  if (!channel) return undefined;
  const content = await context.matrix.state(portal.room, 'm.room.topic', '');
  const inRoom = typeof content?.['topic'] === 'string' ? content['topic'] : '';
  const bookmarks = await bookmarksOf(work);
  const inSlack = await describe(work, channel, bookmarks, inRoom);
  const said = saidIn(channel);
  const unchanged = await context.shown.unchanged(portal.id, 'topic', { slack: said, matrix: inRoom });
  return { channel, bookmarks, inSlack, said, inRoom, unchanged };
}

function saidIn({ topic = none, purpose = none }: SlackChannel): string {
  return JSON.stringify([plainText(topic), plainText(purpose)]);
}

async function describe(
  { context, portal }: Work,
  { topic, purpose }: SlackChannel,
  bookmarks: readonly Bookmark[] | undefined,
  inRoom: string,
): Promise<ChannelTopic> {
  const inMatrix = (doc: Doc | undefined) =>
    doc && mentionsToMatrix(context, portal, portal.channels[0], doc);
  return channelTopic({ topic: await inMatrix(topic), purpose: await inMatrix(purpose), bookmarks, inRoom });
}

/** A nicety: where Slack doesn't say, there are none, and nothing waits for them. */
async function bookmarksOf({ context, portal }: Work): Promise<readonly Bookmark[] | undefined> {
  try {
    return await context.slack.bookmarks(portal.channels[0]);
  } catch (error) {
    if (error instanceof CannotBridge) return [];
    if (error instanceof TryLater) return undefined;
    throw error;
  }
}
