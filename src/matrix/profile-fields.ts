import { isDeepStrictEqual } from 'node:util';
import type { SlackProfile } from '../events.ts';
import { cleanName } from '../format/names.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { HomeserverClient } from './call.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import { isRefusal } from './refusal.ts';

/** What of a profile has fields of its own on homeservers that know such. */
export type ProfileFields = Readonly<Record<string, unknown>>;

/** Keeps these fields of our users in step. */
export interface FieldWriter {
  /** Whether they differ from those that are on the homeserver, as far as it takes any. */
  differ(before: ProfileFields | undefined, profile: SlackProfile): boolean;
  /** Resolves with those that are there from now on. */
  bring(user: MatrixUserId, before: ProfileFields | undefined, profile: SlackProfile): Promise<ProfileFields>;
}

interface FieldWriterOptions {
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly log: Logger;
  /** Off: no fields are written. */
  readonly enabled: boolean;
}

/** The longest status and title that are shown, in what people take for characters. */
const longestText = 100;

/**
 * The time zone has a name in the specification, the pronouns and the status have one of a proposal, the title has none.
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4133 fields of profiles
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4175 time zone
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4247 pronouns
 * @see https://github.com/matrix-org/matrix-spec-proposals/pull/4426 status
 */
export function fieldsOfProfile(profile: SlackProfile): ProfileFields {
  const { timezone, pronouns, title, status } = profile;
  const text = cleanName(status?.text ?? '', longestText);
  const emoji = status?.emoji ?? '';
  return {
    ...(timezone !== undefined && { 'm.tz': timezone }),
    ...(pronouns !== undefined && {
      'io.fsky.nyx.pronouns': [{ language: 'en', summary: cleanName(pronouns, longestText) }],
    }),
    ...(title !== undefined && { 'matrix_slack_bridge.title': cleanName(title, longestText) }),
    ...((text !== '' || emoji !== '') && {
      'org.matrix.msc4426.status': { text, ...(emoji !== '' && { emoji }) },
    }),
  };
}

/** Under which path the homeserver takes fields; it is asked once. */
type Place = readonly string[] | undefined;

const stable: Place = ['client', 'v3', 'profile'];
const unstable: Place = ['client', 'unstable', 'uk.tcpip.msc4133', 'profile'];

export function createFieldWriter({ client, accounts, log, enabled }: FieldWriterOptions): FieldWriter {
  let asked: Promise<Place> | undefined;
  let takesNone = !enabled;

  async function place(): Promise<Place> {
    asked ??= client.call({ name: 'versions', method: 'GET', path: ['client', 'versions'] }).then(placeIn);
    asked.catch(() => (asked = undefined));
    const found = await asked;
    takesNone ||= found === undefined;
    return found;
  }

  /** A homeserver that refuses one isn't asked again by this process. */
  async function write(
    user: MatrixUserId,
    path: readonly string[],
    key: string,
    value: unknown,
  ): Promise<void> {
    const call = { name: 'profile', path: [...path, user, key], as: await accounts.actor(user) } as const;
    try {
      if (value === undefined) await client.call({ ...call, method: 'DELETE' });
      else await client.call({ ...call, method: 'PUT', body: { [key]: value } });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (value === undefined && isRefusal(error, 'M_NOT_FOUND')) return;
      takesNone = true;
      log.warn('the homeserver refuses a field of a profile', { user, key, code: error.code });
    }
  }

  return {
    differ: (before = {}, profile) => !takesNone && changed(before, fieldsOfProfile(profile)).length > 0,
    async bring(user, before = {}, profile) {
      const path = takesNone ? undefined : await place();
      if (!path) return before;
      const wanted = fieldsOfProfile(profile);
      for (const key of changed(before, wanted)) if (!takesNone) await write(user, path, key, wanted[key]);
      return wanted;
    },
  };
}

function changed(before: ProfileFields, wanted: ProfileFields): readonly string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(wanted)])];
  return keys.filter((key) => !isDeepStrictEqual(before[key], wanted[key]));
}

/** @see https://spec.matrix.org/v1.16/client-server-api/#profiles */
function placeIn(answer: JsonObject): Place {
  const { versions, unstable_features: features } = answer;
  const known = Array.isArray(versions) ? versions : [];
  const has = (feature: string): boolean => isObject(features) && features[feature] === true;
  if (known.some(isSixteenOrLater) || has('uk.tcpip.msc4133.stable')) return stable;
  return has('uk.tcpip.msc4133') ? unstable : undefined;
}

function isSixteenOrLater(version: unknown): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)$/.exec(typeof version === 'string' ? version : '') ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 16);
}
