import { CannotBridge } from '../errors.ts';
import { cleanName } from '../format/names.ts';
import type { TeamId } from '../ids.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf, textOf } from './fields.ts';
import type { Teams } from './teams.ts';

/** What the organisation of somebody of another workspace is called. */
export type OrganisationName = (team: TeamId, home: TeamId) => Promise<string>;

/** No event tells of a change. */
const goodFor = 24 * 60 * 60_000;
const mostKept = 2000;
/** What Slack itself says of them, where it doesn't tell the name. */
const unnamed = 'external';

/**
 * Asks the workspace that sees the person, which may know the other one through a channel that they share.
 * @see https://docs.slack.dev/reference/methods/team.info
 */
export function createOrganisationNames(call: CallSlack, teams: Teams): OrganisationName {
  const cache = createBoundedCache<string, string>({ size: mostKept, goodFor: () => goodFor });

  async function load(team: TeamId, home: TeamId): Promise<string> {
    try {
      const answer = await call({ team, method: 'team.info', effect: 'read', args: { team: home } });
      const told = fieldsOf(answer['team']);
      return (told['id'] === home && cleanName(textOf(told['name']) ?? '')) || unnamed;
    } catch (error) {
      if (error instanceof CannotBridge) return unnamed;
      throw error;
    }
  }

  return async (team, home) => {
    const own = teams.get(home)?.name;
    return own ?? cache.get(`${team} ${home}`, () => load(team, home));
  };
}
