import type { Logger } from '../log.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';

/** A hint may be lost, in milliseconds. */
const every = 30_000;

interface Watched {
  readonly installations: Pick<Store['installations'], 'whenChanged'>;
  readonly installing: Pick<SlackAdapter['installing'], 'configured' | 'catchUp'>;
  readonly log: Logger;
}

/** Workspaces that somebody installed the app in by a page of another process are used here, too. */
export function watchInstallations({ installations, installing, log }: Watched): {
  readonly stop: () => void;
} {
  if (!installing.configured()) return { stop: () => undefined };
  let stopped = false;
  const look = (fresh: boolean): void => {
    if (stopped) return;
    installing.catchUp({ fresh }).catch((error: unknown) => {
      log.debug('workspaces that the app was installed in could not be read', { error });
    });
  };
  installations.whenChanged(() => look(true));
  const timer = setInterval(() => look(false), every);
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
