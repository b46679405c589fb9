import type { MatrixUserId } from '../ids.ts';
import { serverOf } from '../ids.ts';

/** How far a Matrix user may go; each includes those before it. */
export type Permission = 'none' | 'relay' | 'user' | 'admin';

/**
 * Who may do what. The closest entry counts: the user's own id, then their server, then `*`; without any, `none`.
 */
export function permissionOf(config: {
  readonly permissions: Readonly<Record<string, Permission>>;
}): (user: MatrixUserId) => Permission {
  const entries = new Map(Object.entries(config.permissions));
  return (user) => entries.get(user) ?? entries.get(serverOf(user)) ?? entries.get('*') ?? 'none';
}

/** What somebody may do with commands in Slack; each includes those before it. */
export type SlackPermission = 'none' | 'user' | 'manager' | 'admin';

export const slackDefaults: Readonly<Record<string, SlackPermission>> = {
  owner: 'manager',
  admin: 'manager',
  member: 'user',
  guest: 'none',
  stranger: 'none',
};
const slackRanks: readonly SlackPermission[] = ['none', 'user', 'manager', 'admin'];

/** Somebody of Slack, as far as permissions are concerned. */
export interface SlackPerson {
  readonly user: string;
  readonly role: string;
  /** Whether they are in a usergroup. */
  readonly isIn: (usergroup: string) => Promise<boolean>;
}

/**
 * The closest entry counts: the person's own, then the most that a usergroup of theirs has, then that of their role, which
 * always has one.
 */
export function slackPermissionOf(config: {
  readonly slack_permissions: Readonly<Record<string, SlackPermission>>;
}): (person: SlackPerson) => Promise<SlackPermission> {
  const entries = new Map(Object.entries({ ...slackDefaults, ...config.slack_permissions }));
  const groups = [...entries].filter(([key]) => /^S[A-Z0-9]+$/.test(key));
  return async ({ user, role, isIn }) => {
    const own = entries.get(user);
    if (own !== undefined) return own;
    const had: SlackPermission[] = [];
    for (const [group, permission] of groups) if (await isIn(group)) had.push(permission);
    const most = slackRanks.findLast((each) => had.includes(each));
    return most ?? entries.get(role) ?? 'none';
  };
}
