import { setTimeout as sleep } from 'node:timers/promises';
import { TryLater } from '../errors.ts';
import type { PortalId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Portal } from '../portal/ports.ts';
import type { Patience } from '../slack/channel-history.ts';
import type { Portals } from '../store/portals.ts';

export interface LookLoopOptions {
  readonly portals: Pick<Portals, 'byId'>;
  readonly look: (portal: Portal, patience: Patience) => Promise<void>;
  readonly log: Logger;
  /** How long a workspace rests after a look that failed, in milliseconds. */
  readonly pause?: number;
}

const minute = 60_000;

/**
 * Looks at what channels show of themselves, one after another in each workspace, beside the reading of history: Slack
 * tells what is pinned far less often than what was written, and repair waits for no look. One that can't be had now is
 * the workspace's last again; one that is asked for twice before it began is one.
 */
export class LookLoop {
  readonly #options: LookLoopOptions;
  readonly #wanted = new Map<TeamId, Set<PortalId>>();
  readonly #running = new Map<TeamId, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: LookLoopOptions) {
    this.#options = options;
  }

  want({ id, channels: [{ team }] }: Portal): void {
    const wanted = this.#wanted.get(team) ?? new Set();
    this.#wanted.set(team, wanted.add(id));
    if (!this.#running.has(team)) this.#start(team, wanted);
  }

  /** Resolves when the looks under way are over: these were the last. */
  async stop(): Promise<void> {
    this.#stopping.abort(new TryLater('the bridge stops'));
    await Promise.all(this.#running.values());
  }

  #start(team: TeamId, wanted: Set<PortalId>): void {
    if (this.#stopping.signal.aborted) return;
    const over = this.#work(wanted).finally(() => {
      this.#running.delete(team);
      if (wanted.size > 0) this.#start(team, wanted); // since the last one was taken
    });
    this.#running.set(team, over);
  }

  async #work(wanted: Set<PortalId>): Promise<void> {
    const { portals, pause = minute } = this.#options;
    const { signal } = this.#stopping;
    for (const id of wanted) {
      wanted.delete(id);
      const portal = portals.byId(id);
      if (!portal || (portal.status !== 'live' && portal.status !== 'paused') || (await this.#isDone(portal)))
        continue;
      wanted.add(id);
      await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  async #isDone(portal: Portal): Promise<boolean> {
    const { look, log } = this.#options;
    const { signal } = this.#stopping;
    try {
      await look(portal, { signal });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const isLater = error instanceof TryLater;
      log[isLater ? 'debug' : 'warn']('a channel could not be looked at', { portal: portal.id, error });
      return !isLater; // else the next sweep asks for it
    }
  }
}
