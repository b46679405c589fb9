import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import type { Portals } from '../portal/portal.ts';
import type { Store } from '../store/open-store.ts';

const retryAfter = 5_000;

interface Watched {
  readonly puppets: Pick<Store['puppets'], 'ofSlackUser' | 'whenChanged'>;
  readonly portals: Pick<Portals, 'loginChanged'>;
  readonly log: Logger;
}

/** Tells the portals whose login to Slack came or went; one that was only renewed changes nothing for them. */
export function watchLogins({ puppets, portals, log }: Watched): { readonly stop: () => Promise<void> } {
  const stopped = new AbortController();
  const usable = new Map<string, boolean>();
  const started = Date.now();
  let told = 0;
  let telling = Promise.resolve();

  async function tell(login: Parameters<Portals['loginChanged']>[0]): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await portals.loginChanged(login, `login:${started}:${(told += 1)}`);
        return;
      } catch (error) {
        log.warn('portals could not be told yet of a login to Slack', { ...login, error });
        await sleep(retryAfter, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  }

  puppets.whenChanged((team, user) => {
    const isUsable = puppets.ofSlackUser(team, user) !== undefined;
    const key = `${team} ${user}`;
    if (usable.get(key) === isUsable) return;
    usable.set(key, isUsable);
    telling = telling.then(() => tell({ team, user }));
  });
  return {
    stop: () => {
      stopped.abort();
      return telling;
    },
  };
}
