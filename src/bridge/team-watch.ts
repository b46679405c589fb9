import type { Logger } from '../log.ts';
import type { Portals } from '../portal/portal.ts';
import type { SlackAdapter } from '../slack/start.ts';

const every = 2000;

/**
 * Tells the portals when a workspace can be used again, and the log when it can't. At the start each one that is well
 * counts as returned: what was paused for its sake goes on.
 */
export function watchTeams(
  slack: Pick<SlackAdapter, 'health'>,
  portals: Pick<Portals, 'teamReturned'>,
  log: Logger,
): { readonly stop: () => void } {
  const well = new Map<string, boolean>();
  const started = Date.now();

  const look = (): void => {
    for (const { team, ok, trouble } of slack.health()) {
      if (ok === (well.get(team) ?? false)) continue;
      well.set(team, ok);
      if (!ok) log.warn('a Slack workspace cannot be used', { team, trouble });
      else
        portals.teamReturned(team, `${started}:${Date.now()}`).catch((error: unknown) => {
          well.set(team, false); // tried again at the next look
          log.warn('portals could not be resumed', { team, error });
        });
    }
  };
  look();
  const timer = setInterval(look, every);
  return { stop: () => clearInterval(timer) };
}
