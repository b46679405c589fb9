import type { Doc, Inline } from '../../format/doc.ts';
import { lineBreak, link, normalise, plainText, text } from '../../format/doc.ts';
import { truncate } from '../../format/names.ts';
import type { Bookmark } from '../ports.ts';

/** The line of a room's topic that lists the channel's bookmarks begins so. */
const bookmarkSign = '🔖';
const mostBookmarks = 5;
const longestTitle = 40;
const longestAddress = 500;

/** What a channel says of itself, as one topic: Slack has three places for it where Matrix has one. */
export interface ChannelTopic {
  readonly doc: Doc;
  readonly text: string;
  /** The lines below the topic itself, which come from elsewhere. */
  readonly below: readonly string[];
}

export interface TopicParts {
  readonly topic: Doc | undefined;
  readonly purpose: Doc | undefined;
  /** Absent: not known now; then the line that the room shows stays. */
  readonly bookmarks: readonly Bookmark[] | undefined;
  /** The topic that the room shows. */
  readonly inRoom: string;
}

/** First the topic, then the purpose, last the bookmarks, a line each as far as they are there. */
export function channelTopic({ topic, purpose, bookmarks, inRoom }: TopicParts): ChannelTopic {
  const marks = bookmarks ? bookmarkLine(bookmarks) : keptLine(inRoom);
  const first = inlinesOf(topic);
  const second = sameText(topic, purpose) ? [] : inlinesOf(purpose);
  const lines = [first, second, marks].filter((line) => line.length > 0);
  const doc = docOf(lines.flatMap((line) => [lineBreak(), line].flat()).slice(1));
  const below = [second, marks].flatMap((line) => plainText(docOf(line), { spelled: true }).split('\n'));
  return { doc, text: plainText(doc, { spelled: true }), below: below.filter((line) => line !== '') };
}

/** What of a room's topic is the channel's topic: all but what comes from the channel's other places. */
export function topicAlone(inRoom: string, below: readonly string[]): string {
  const others = new Set(below.map((line) => line.trim()));
  const lines = inRoom.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !others.has(line) && !line.startsWith(bookmarkSign)).join(' ');
}

export function withoutBookmarks(topic: string): string {
  return topic
    .split('\n')
    .filter((line) => !line.startsWith(bookmarkSign))
    .join('\n');
}

function docOf(children: readonly Inline[]): Doc {
  return normalise({ blocks: [{ type: 'paragraph', children }] });
}

function sameText(one: Doc | undefined, other: Doc | undefined): boolean {
  return one !== undefined && other !== undefined && plainText(one) === plainText(other);
}

/** Topics are running text; whatever else somebody put there is shown without its form. */
function inlinesOf(doc: Doc | undefined): readonly Inline[] {
  if (!doc) return [];
  return doc.blocks.flatMap((block, index) => {
    const inlines = block.type === 'paragraph' ? block.children : [text(plainText({ blocks: [block] }))];
    return index === 0 ? inlines : [text(' '), ...inlines];
  });
}

function bookmarkLine(bookmarks: readonly Bookmark[]): readonly Inline[] {
  const shown = bookmarks.filter(({ url }) => url.length <= longestAddress).slice(0, mostBookmarks);
  if (shown.length === 0) return [];
  const links = shown.flatMap(({ title, url }, index) => [
    text(index === 0 ? `${bookmarkSign} ` : ' · '),
    link(url, [text(truncate(title, longestTitle))]),
  ]);
  return bookmarks.length > shown.length ? [...links, text(' …')] : links;
}

function keptLine(inRoom: string): readonly Inline[] {
  const line = inRoom.split('\n').find((each) => each.startsWith(bookmarkSign));
  return line === undefined ? [] : [text(line)];
}
