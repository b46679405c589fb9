import { CannotBridge } from '../errors.ts';
import type { TeamId, UsergroupId } from '../ids.ts';
import { usergroupId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import { maybe, objectsOf, textOf } from './fields.ts';

export type Usergroups = Pick<SlackPort, 'usergroup' | 'usergroupsChanged'>;

/** Changes are told by events, where the app is told of them. */
const goodFor = 60 * 60_000;

/**
 * The names of usergroups. A workspace where the app may not ask, or that has none, knows none.
 * @see https://docs.slack.dev/reference/methods/usergroups.list
 */
export function createUsergroups(call: CallSlack): Usergroups {
  const cache = createBoundedCache<TeamId, ReadonlyMap<UsergroupId, string>>({
    size: 100,
    goodFor: () => goodFor,
  });
  return {
    usergroup: async (team, id) => (await cache.get(team, () => readHandles(call, team))).get(id),
    usergroupsChanged: (team) => cache.forget(team),
  };
}

async function readHandles(call: CallSlack, team: TeamId): Promise<ReadonlyMap<UsergroupId, string>> {
  try {
    const args = { include_disabled: true };
    const answer = await call({ team, method: 'usergroups.list', effect: 'read', args });
    return new Map(
      objectsOf(answer['usergroups']).flatMap((group) => {
        const id = maybe(usergroupId, group['id']);
        const handle = textOf(group['handle']) ?? textOf(group['name']);
        return id === undefined || handle === undefined ? [] : [[id, handle] as const];
      }),
    );
  } catch (error) {
    if (error instanceof CannotBridge) return new Map(); // `missing_scope`, `unknown_method`, `paid_teams_only`, …
    throw error;
  }
}
