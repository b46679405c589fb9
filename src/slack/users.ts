import { CannotBridge } from '../errors.ts';
import type { SlackProfile } from '../events.ts';
import type { AuthorId, TeamId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import { isFields } from './fields.ts';
import type { OrganisationName } from './organisations.ts';
import { namesOf } from './people-lists.ts';
import type { PeopleNames } from './people-names.ts';
import { botProfile, userProfile } from './profile.ts';

/** People and apps. `profile` throws `CannotBridge` (`user_not_found`, `bot_not_found`) for one whom Slack doesn't know. */
export type Users = Pick<SlackPort, 'profile' | 'profileChanged' | 'isNameOfPerson' | 'isNameTaken'>;

/** Changes of people are told by events; of apps, and of other organisations' people, they aren't. */
const goodFor = { person: 6 * 60 * 60_000, bot: 30 * 60_000 };
const keptProfiles = 20_000;

interface UsersOptions {
  readonly call: CallSlack;
  /** Learns from each profile that is read. */
  readonly names: PeopleNames;
  readonly organisation: OrganisationName;
}

export function createUsers({ call, names, organisation }: UsersOptions): Users {
  const cache = createBoundedCache<string, SlackProfile>({
    size: keptProfiles,
    goodFor: (profile) => (profile.bot ? goodFor.bot : goodFor.person),
  });
  const keyOf = (team: TeamId, author: AuthorId) => `${team} ${author}`;

  async function load(team: TeamId, author: AuthorId, background: boolean): Promise<SlackProfile> {
    const bot = author.startsWith('B');
    const reading = { team, effect: 'read', background } as const;
    const answer = bot
      ? await call({ ...reading, method: 'bots.info', args: { bot: author } })
      : await call({ ...reading, method: 'users.info', args: { user: author } });
    const found = answer[bot ? 'bot' : 'user'];
    if (!isFields(found)) throw new CannotBridge('user_not_found', 'Slack doesn’t know this person.');
    return whole(bot ? botProfile(team, found) : userProfile(team, found));
  }

  /** With what a user object doesn't say. */
  async function whole(profile: SlackProfile): Promise<SlackProfile> {
    const { team, home, bot, name } = profile;
    names.note(namesOf(profile));
    if (bot && names.ofPerson(team, name)) return { ...profile, namesake: true };
    return home === undefined ? profile : { ...profile, organisation: await organisation(team, home) };
  }

  return {
    profile: (team, author, { background = false } = {}) =>
      cache.get(keyOf(team, author), () => load(team, author, background)),
    async profileChanged(told) {
      const profile = await whole(told);
      cache.set(keyOf(profile.team, profile.id), profile);
      return profile;
    },
    isNameOfPerson: (team, name) => names.ofPerson(team, name),
    isNameTaken: (team, name) => names.ofAnybody(team, name),
  };
}
