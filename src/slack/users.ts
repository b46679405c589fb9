import { CannotBridge } from '../errors.ts';
import type { SlackProfile } from '../events.ts';
import type { AuthorId, TeamId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import { isFields } from './fields.ts';
import { namesOf } from './people-lists.ts';
import type { PeopleNames } from './people-names.ts';
import { botProfile, userProfile } from './profile.ts';

/** People and apps. `profile` throws `CannotBridge` (`user_not_found`, `bot_not_found`) for one whom Slack doesn't know. */
export type Users = Pick<SlackPort, 'profile' | 'profileChanged' | 'isNameOfPerson' | 'isNameTaken'>;

/** Changes of people are told by events; of apps, and of other organisations' people, they aren't. */
const goodFor = { person: 6 * 60 * 60_000, bot: 30 * 60_000 };
const keptProfiles = 20_000;

/** @param names learns from each profile that is read. */
export function createUsers(call: CallSlack, names: PeopleNames): Users {
  const cache = createBoundedCache<string, SlackProfile>({
    size: keptProfiles,
    goodFor: (profile) => (profile.bot ? goodFor.bot : goodFor.person),
  });
  const keyOf = (team: TeamId, author: AuthorId) => `${team} ${author}`;

  async function load(team: TeamId, author: AuthorId): Promise<SlackProfile> {
    const bot = author.startsWith('B');
    const answer = bot
      ? await call({ team, method: 'bots.info', effect: 'read', args: { bot: author } })
      : await call({ team, method: 'users.info', effect: 'read', args: { user: author } });
    const found = answer[bot ? 'bot' : 'user'];
    if (!isFields(found)) throw new CannotBridge('user_not_found', 'Slack doesn’t know this person.');
    return met(bot ? botProfile(team, found) : userProfile(team, found));
  }

  function met(profile: SlackProfile): SlackProfile {
    names.note(namesOf(profile));
    return profile;
  }

  return {
    profile: (team, author) => cache.get(keyOf(team, author), () => load(team, author)),
    profileChanged: (profile) => cache.set(keyOf(profile.team, profile.id), met(profile)),
    isNameOfPerson: (team, name) => names.ofPerson(team, name),
    isNameTaken: (team, name) => names.ofAnybody(team, name),
  };
}
