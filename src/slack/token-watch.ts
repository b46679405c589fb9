import { TryLater } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CallSlack } from './calls.ts';
import type { Teams } from './teams.ts';
import { isOrganisation, outOfReach } from './teams.ts';

/** How often a workspace in trouble, or one that didn't answer, is asked whether it works, in milliseconds. */
const every = 2000;
/** How long after its last answer one that nothing is asked of is asked, too. */
const quietFor = 60_000;

/**
 * Asks about each workspace in trouble until its token works again: its portals may all be paused, so that no other call
 * would find out. One that left a call unanswered counts as away when it doesn't answer this question either. One that is
 * quiet is asked now and then: its token may be gone without anybody having said so.
 */
export function watchTokens(
  teams: Teams,
  call: CallSlack,
  log: Logger,
  interval: number = every,
): { readonly stop: () => void } {
  const asking = new Set<string>();

  async function ask(team: Parameters<Teams['get']>[0], doubted: boolean): Promise<void> {
    if (asking.has(team)) return;
    asking.add(team);
    const unusable = teams.get(team)?.trouble ?? teams.awayBecause(team);
    try {
      await call({ team, effect: 'read', ...questionFor(teams, team) });
      if (unusable !== undefined) log.info('a Slack workspace can be used again', { team });
    } catch (error) {
      // a limit is an answer
      if (doubted && error instanceof TryLater && error.after === undefined) teams.away(team, outOfReach);
      log.debug('a Slack workspace can still not be used', { team, error });
    } finally {
      asking.delete(team);
    }
  }

  const timer = setInterval(() => {
    for (const team of teams.doubtful()) void ask(team, true);
    for (const team of teams.quietSince(Date.now() - quietFor)) void ask(team, false);
  }, interval);
  return { stop: () => clearInterval(timer) };
}

/** An organisation's token may work in others of its workspaces. */
function questionFor(teams: Teams, team: Parameters<Teams['get']>[0]) {
  return isOrganisation(teams.installationOf(team))
    ? { method: 'users.conversations', args: { limit: 1 } }
    : { method: 'auth.test', args: {} };
}
