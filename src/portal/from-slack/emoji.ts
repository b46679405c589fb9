import type { MatrixReaction } from '../../events.ts';
import type { Doc, Emoji } from '../../format/doc.ts';
import { collectEmoji, mapEmoji } from '../../format/doc.ts';
import { unicodeOfName } from '../../format/emoji.ts';
import type { MxcUri, TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';

/** Of so many different ones a message shows the pictures. */
const mostEmoji = 50;

/**
 * The workspace's own emoji in a text, with what Matrix shows of them.
 *
 * | Slack                                   | Matrix                                       |
 * | --------------------------------------- | -------------------------------------------- |
 * | an emoji with a picture                 | that picture, once it was brought over       |
 * | another name of a standard emoji        | its characters                               |
 * | any other name                          | stays as it is: the name between colons      |
 */
export async function emojiToMatrix(
  context: Pick<PortalContext, 'slack' | 'matrix'>,
  team: TeamId,
  doc: Doc,
): Promise<Doc> {
  const own = collectEmoji(doc).filter(({ unicode }) => unicode === undefined);
  if (own.length === 0) return doc;
  const names = [...new Set(own.map(({ name }) => name))].slice(0, mostEmoji);
  const shown = await shownEmoji(context, team, names);
  return mapEmoji(doc, (emoji) => (emoji.unicode === undefined && shown.get(emoji.name)) || emoji);
}

/** A reaction with Slack's name for it: characters, a picture, or while that can't be had the name between colons. */
export async function reactionOfName(
  context: Pick<PortalContext, 'slack' | 'matrix'>,
  team: TeamId,
  name: string,
): Promise<MatrixReaction> {
  const standard = unicodeOfName(name);
  if (standard !== undefined) return { key: standard };
  const own = (await shownEmoji(context, team, [name])).get(name);
  if (own?.unicode !== undefined) return { key: own.unicode };
  return own?.image === undefined ? { key: `:${name}:` } : { key: own.image, shortcode: name };
}

interface ShownEmoji extends Emoji {
  readonly image?: MxcUri;
}

async function shownEmoji(
  { slack, matrix }: Pick<PortalContext, 'slack' | 'matrix'>,
  team: TeamId,
  names: readonly string[],
): Promise<ReadonlyMap<string, ShownEmoji>> {
  const own = await slack.ownEmoji(team, names);
  const shown = [...own].map(async ([name, emoji]): Promise<readonly [string, ShownEmoji]> => {
    if ('unicode' in emoji) return [name, { type: 'emoji', name, unicode: emoji.unicode }];
    const image = await matrix.picture(emoji.picture);
    return [name, { type: 'emoji', name, ...(image !== undefined && { image }) }];
  });
  return new Map(await Promise.all(shown));
}
