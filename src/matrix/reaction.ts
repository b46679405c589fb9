import type { MatrixReaction } from '../events.ts';
import { objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** Where a reaction with a picture says its name: by the proposal, and as clients had it before. */
export const shortcodeKeys = ['shortcode', 'com.beeper.reaction.shortcode'] as const;

/**
 * What the content of an `m.reaction` shows; undefined where it shows nothing. A shortcode comes with colons or without.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4027
 */
export function readReaction(content: JsonObject): MatrixReaction | undefined {
  const key = textAt(objectAt(content, 'm.relates_to'), 'key');
  if (!key) return undefined;
  const [named] = shortcodeKeys.flatMap((name) => textAt(content, name) ?? []);
  const shortcode = named?.replace(/^:/, '').replace(/:$/, '');
  return { key, ...(shortcode !== undefined && shortcode !== '' && { shortcode }) };
}
