import type { Logger } from '../log.ts';
import type { CallSlack } from './calls.ts';
import type { Teams } from './teams.ts';

/** How often a workspace in trouble is asked whether its token works again, in milliseconds. */
const every = 5000;

/**
 * Asks about each workspace in trouble until its token works again: its portals may all be paused, so that no other call
 * would find out.
 */
export function watchTokens(
  teams: Teams,
  call: CallSlack,
  log: Logger,
  interval: number = every,
): { readonly stop: () => void } {
  const asking = new Set<string>();

  async function ask(team: Parameters<Teams['get']>[0]): Promise<void> {
    if (asking.has(team)) return;
    asking.add(team);
    try {
      await call({ team, method: 'auth.test', effect: 'read', args: {} });
      log.info('a Slack workspace can be used again', { team });
    } catch (error) {
      log.debug('a Slack workspace can still not be used', { team, error });
    } finally {
      asking.delete(team);
    }
  }

  const timer = setInterval(() => {
    for (const { id, trouble } of teams.all()) if (trouble !== undefined) void ask(id);
  }, interval);
  return { stop: () => clearInterval(timer) };
}
