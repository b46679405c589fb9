import type { MatrixReaction } from '../../events.ts';
import type { Doc, Emoji, Inline } from '../../format/doc.ts';
import { collectEmoji, mapEmoji, text } from '../../format/doc.ts';
import { canonicalName, emojiOf, isEmojiName, reactionToSlackName } from '../../format/emoji.ts';
import type { MxcUri, TeamId } from '../../ids.ts';
import { InvalidId, mxcUri } from '../../ids.ts';
import type { MatrixPort, SlackPort } from '../ports.ts';

interface Ports {
  readonly slack: Pick<SlackPort, 'ownEmoji' | 'emojiOfPicture'>;
  readonly matrix: Pick<MatrixPort, 'pictureSources'>;
}

/**
 * Custom emoji in a text as the workspace knows them.
 *
 * | Matrix                                               | Slack                           |
 * | ---------------------------------------------------- | ------------------------------- |
 * | one with a name that the workspace has               | the workspace's                 |
 * | one whose picture is that of an emoji of the workspace | that one                        |
 * | one with the name of a standard emoji                | the standard emoji              |
 * | any other                                            | its name between colons, as text |
 */
export async function emojiToSlack(ports: Ports, team: TeamId, doc: Doc): Promise<Doc> {
  const custom = collectEmoji(doc).filter(({ unicode }) => unicode === undefined);
  if (custom.length === 0) return doc;
  const known = new Map<string, Inline>();
  for (const emoji of custom.slice(0, mostEmoji)) {
    const key = keyOf(emoji);
    if (!known.has(key)) known.set(key, await counterpart(ports, team, emoji));
  }
  return mapEmoji(doc, (emoji) =>
    emoji.unicode === undefined ? (known.get(keyOf(emoji)) ?? text(`:${emoji.name}:`)) : emoji,
  );
}

const mostEmoji = 200;

function keyOf({ name, image }: Emoji): string {
  return `${name} ${image ?? ''}`;
}

async function counterpart(ports: Ports, team: TeamId, { name, image }: Emoji): Promise<Inline> {
  const own = await nameInSlack(ports, team, { key: image ?? '', shortcode: name });
  return own === undefined ? text(`:${name}:`) : emojiOf(own);
}

/** Slack's name for a reaction of Matrix; undefined where it has none. */
export async function reactionToName(
  ports: Ports,
  team: TeamId,
  reaction: MatrixReaction,
): Promise<string | undefined> {
  if (pictureIn(reaction.key) !== undefined) return nameInSlack(ports, team, reaction);
  return reactionToSlackName(reaction.key);
}

/** The workspace's name for a picture with a name, else the standard emoji of that name. */
async function nameInSlack(
  { slack, matrix }: Ports,
  team: TeamId,
  { key, shortcode }: MatrixReaction,
): Promise<string | undefined> {
  const name = shortcode !== undefined && isEmojiName(shortcode) ? shortcode : undefined;
  if (name !== undefined && (await slack.ownEmoji(team, [name])).has(name)) return name;
  const picture = pictureIn(key);
  const sources = picture === undefined ? [] : await matrix.pictureSources(picture);
  const byPicture = await slack.emojiOfPicture(team, sources);
  if (byPicture !== undefined) return byPicture;
  return name !== undefined && emojiOf(name).unicode !== undefined ? canonicalName(name) : undefined;
}

function pictureIn(key: string): MxcUri | undefined {
  try {
    return mxcUri(key);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
