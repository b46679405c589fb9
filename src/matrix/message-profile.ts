import type { MatrixMessage } from '../events.ts';
import { cleanName } from '../format/names.ts';
import { InvalidId, mxcUri } from '../ids.ts';
import type { MxcUri } from '../ids.ts';
import { isObject, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** The key of a message's own profile, before and after it becomes part of the specification. */
const profileKeys = ['com.beeper.per_message_profile', 'm.per_message_profile'] as const;

/** The key under which clients look today. */
export const [profileKey] = profileKeys;

/**
 * Who says a message by its own account, and its content without the name that stands in it for clients that don't know
 * such profiles. The name is cleaned; one in which nothing is left is none.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4144
 */
export function spokenBy(content: JsonObject): {
  readonly content: JsonObject;
  readonly speaker?: NonNullable<MatrixMessage['speaker']>;
} {
  const profile = profileOf(content);
  const displayname = profile && textAt(profile, 'displayname');
  const name = cleanName(displayname ?? '');
  if (!profile || displayname === undefined || name === '') return { content };
  const picture = pictureIn(profile);
  return {
    content: profile['has_fallback'] === true ? withoutFallback(content, displayname) : content,
    speaker: { name, ...(picture !== undefined && { picture }) },
  };
}

/** An edit's new content with the profile that may stand beside it only. */
export function withProfileOf(content: JsonObject, inner: JsonObject): JsonObject {
  const profile = profileOf(content);
  return profile && !profileOf(inner) ? { ...inner, [profileKey]: profile } : inner;
}

function profileOf(content: JsonObject): JsonObject | undefined {
  return profileKeys.map((key) => content[key]).find(isObject);
}

/** An element without others in it: what isn't written as everybody writes it stays, and is read as text. */
const fallbackElement =
  /<(strong|b|em|i|span) data-mx-profile-fallback(?:="[^"<>]{0,100}")?>[^<]{0,1000}<\/\1>\s?/gi;

function withoutFallback(content: JsonObject, name: string): JsonObject {
  const body = textAt(content, 'body');
  const html = textAt(content, 'formatted_body');
  const start = `${name}: `;
  return {
    ...content,
    ...(body?.startsWith(start) && { body: body.slice(start.length) }),
    ...(html !== undefined && { formatted_body: html.replace(fallbackElement, '') }),
  };
}

function pictureIn(profile: JsonObject): MxcUri | undefined {
  try {
    return mxcUri(profile['avatar_url']);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
