import type { Target } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Portals } from '../portal/portal.ts';
import type { SlackAdapter, TeamHealth } from '../slack/start.ts';

const every = 500;
const retryAfter = 5_000;

interface Watched {
  readonly slack: Pick<SlackAdapter, 'health' | 'team'>;
  readonly portals: Pick<Portals, 'teamReturned' | 'teamFailed'>;
  /** What waits for the target goes on. */
  readonly available: (target: Target) => void;
  readonly log: Logger;
}

/**
 * Tells the portals when a workspace's token is good for nothing any more, and when it works again: also when no event
 * says so. At the start each workspace that is well counts as returned: what was paused for its sake goes on. One that
 * is only out of reach is the log's concern: what is meant for it waits in its lanes.
 */
export function watchTeams({ slack, portals, available, log }: Watched): { readonly stop: () => void } {
  const usable = new Map<TeamId, boolean>();
  const reachable = new Map<TeamId, boolean>();
  const started = Date.now();

  function note({ team, ok, trouble }: TeamHealth): void {
    if (!ok && reachable.get(team) !== false) log.warn('a Slack workspace cannot be used', { team, trouble });
    reachable.set(team, ok);
  }

  /** One after the other: what is told last is how things are. */
  let telling = Promise.resolve();
  async function tell(team: TeamId, well: boolean): Promise<void> {
    const cause = `${started}:${Date.now()}`;
    try {
      if (well) {
        available(`slack:${team}`);
        await portals.teamReturned(team, cause);
      } else await portals.teamFailed(team, cause);
    } catch (error) {
      log.warn('portals could not be told yet how their workspace is', { team, error });
      setTimeout(() => usable.delete(team), retryAfter).unref();
    }
  }

  const look = (): void => {
    for (const health of slack.health()) {
      note(health);
      const well = slack.team(health.team)?.trouble === undefined;
      if (usable.get(health.team) === well) continue;
      usable.set(health.team, well);
      telling = telling.then(() => tell(health.team, well));
    }
  };
  look();
  const timer = setInterval(look, every);
  return { stop: () => clearInterval(timer) };
}
