import { CannotBridge } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import type { SlackPort } from '../portal/ports.ts';
import { createBoundedCache } from './bounded-cache.ts';
import type { CallSlack } from './calls.ts';
import { fieldsOf } from './fields.ts';
import { largestPicture } from './profile.ts';

/** No event tells of a change. */
const goodFor = 60 * 60_000;

/**
 * The pictures that workspaces chose for themselves. One that chose none, or doesn't let the app ask, has none.
 * @see https://docs.slack.dev/reference/methods/team.info
 */
export function createTeamPictures(call: CallSlack): Pick<SlackPort, 'teamPicture'> {
  const cache = createBoundedCache<TeamId, { readonly url: string | undefined }>({
    size: 100,
    goodFor: () => goodFor,
  });

  async function load(team: TeamId): Promise<{ readonly url: string | undefined }> {
    try {
      const answer = await call({ team, method: 'team.info', effect: 'read', background: true, args: {} });
      const icon = fieldsOf(fieldsOf(answer['team'])['icon']);
      return { url: icon['image_default'] === true ? undefined : largestPicture(icon) };
    } catch (error) {
      if (error instanceof CannotBridge) return { url: undefined };
      throw error;
    }
  }

  return { teamPicture: async (team) => (await cache.get(team, () => load(team))).url };
}
