import { CannotBridge } from '../errors.ts';
import type { SlackProfile } from '../events.ts';
import { slackUserId } from '../ids.ts';
import type { TeamId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf, isFields, maybe, objectsOf, textOf } from './fields.ts';
import type { Fields } from './fields.ts';
import { userProfile } from './profile.ts';

const pageSize = 1000;
/** In larger workspaces people are found by their address or id. */
const mostPages = 20;

/** Finds people of a workspace as others call them. */
export function createFindPeople(call: CallSlack): Pick<SlackPort, 'findPeople'> {
  return {
    findPeople: async (team, query) => {
      const wanted = query.trim().replace(/^@/, '');
      if (/^[UW][A-Z0-9]{4,}$/.test(wanted)) return one(call, team, 'users.info', { user: wanted });
      if (/^[^\s@]+@[^\s@]+$/.test(wanted))
        return one(call, team, 'users.lookupByEmail', { email: wanted.toLowerCase() });
      return named(call, team, wanted);
    },
  };
}

async function one(
  call: CallSlack,
  team: TeamId,
  method: string,
  args: Readonly<Record<string, string>>,
): Promise<readonly SlackProfile[]> {
  try {
    const { user } = await call({ team, method, effect: 'read', args });
    return isFields(user) ? [userProfile(team, user)] : [];
  } catch (error) {
    if (error instanceof CannotBridge && /^users?_not_(?:found|visible)$/.test(error.reason)) return [];
    throw error;
  }
}

/** Those who have the name just so; several people may. @see https://docs.slack.dev/reference/methods/users.list */
async function named(call: CallSlack, team: TeamId, name: string): Promise<readonly SlackProfile[]> {
  const wanted = plain(name);
  const found: SlackProfile[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const args = { limit: pageSize, cursor };
    const page = await call({ team, method: 'users.list', effect: 'read', args });
    const fitting = objectsOf(page['members']).filter((member) => namesOf(member).includes(wanted));
    for (const member of fitting)
      if (maybe(slackUserId, member['id']) !== undefined && member['deleted'] !== true)
        found.push(userProfile(team, member));
    cursor = textOf(fieldsOf(page['response_metadata'])['next_cursor']);
    if (cursor === undefined) break;
  }
  return found;
}

function namesOf(member: Fields): readonly string[] {
  const profile = fieldsOf(member['profile']);
  const names = [member['name'], member['real_name'], profile['display_name'], profile['real_name']];
  return names.flatMap((each) => (typeof each === 'string' && each !== '' ? [plain(each)] : []));
}

function plain(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}
