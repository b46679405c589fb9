import { CannotBridge } from '../errors.ts';
import type { SlackUserId, TeamId, UsergroupId } from '../ids.ts';
import type { SlackPort, SlackRole, SlackStanding } from '../portal/ports.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import { userProfile } from './profile.ts';

export type Standings = Pick<SlackPort, 'standing' | 'isInUsergroup'>;

/** Whoever loses a role loses within this time, in milliseconds, what it allowed. */
const goodFor = 60_000;

/** What people are in their workspace, for those who give commands in Slack. */
export function createStandings(call: CallSlack): Standings {
  const standings = createBoundedCache<string, SlackStanding>({ size: 5000, goodFor: () => goodFor });
  const groups = createBoundedCache<string, ReadonlySet<string>>({ size: 500, goodFor: () => goodFor });
  return {
    standing: (team, user) => standings.get(`${team} ${user}`, () => readStanding(call, team, user)),
    isInUsergroup: async (team, group, user) =>
      (await groups.get(`${team} ${group}`, () => readGroup(call, team, group))).has(user),
  };
}

async function readStanding(call: CallSlack, team: TeamId, user: SlackUserId): Promise<SlackStanding> {
  const answer = await call({ team, method: 'users.info', effect: 'read', args: { user } });
  const found = fieldsOf(answer['user']);
  const { name, home } = userProfile(team, { ...found, id: user });
  return { name, role: home === undefined ? roleOf(found) : 'stranger' };
}

/** @see https://docs.slack.dev/reference/objects/user-object */
function roleOf(user: Fields): SlackRole {
  if (user['is_stranger'] === true || user['deleted'] === true || user['is_bot'] === true) return 'stranger';
  if (user['is_restricted'] === true || user['is_ultra_restricted'] === true) return 'guest';
  if (user['is_primary_owner'] === true || user['is_owner'] === true) return 'owner';
  return user['is_admin'] === true ? 'admin' : 'member';
}

/** @see https://docs.slack.dev/reference/methods/usergroups.users.list */
async function readGroup(
  call: CallSlack,
  team: TeamId,
  usergroup: UsergroupId,
): Promise<ReadonlySet<string>> {
  try {
    const answer = await call({ team, method: 'usergroups.users.list', effect: 'read', args: { usergroup } });
    const users: readonly unknown[] = Array.isArray(answer['users']) ? answer['users'] : [];
    return new Set(users.flatMap((user) => textOf(user) ?? []));
  } catch (error) {
    if (error instanceof CannotBridge) return new Set(); // the app may not ask, or there is no such group in this workspace
    throw error;
  }
}
