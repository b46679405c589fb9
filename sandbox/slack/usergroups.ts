import type { Team, Usergroup } from './model.ts';

/** A subteam object. */
export function usergroupShape(team: Team, group: Usergroup, withUsers: boolean) {
  return {
    id: group.id,
    team_id: team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: '',
    handle: group.handle,
    is_external: false,
    date_create: team.created,
    date_update: team.created,
    date_delete: 0,
    auto_provision: false,
    enterprise_subteam_id: '',
    prefs: { channels: [], groups: [] },
    user_count: group.users.length,
    ...(withUsers && { users: group.users }),
  };
}
