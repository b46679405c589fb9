import type { Logger } from '../log.ts';
import type { Linking } from '../portal/link.ts';

const every = 10_000;

/**
 * Brings portals to their end that were being linked when the process stopped, beside everything else: what one of them
 * needs may be away now, and the others don't wait for it.
 */
export function finishLinks(
  linking: Pick<Linking, 'finishOpen'>,
  log: Logger,
  interval: number = every,
): { readonly stop: () => void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function finish(): Promise<void> {
    try {
      await linking.finishOpen();
    } catch (error) {
      if (stopped) return;
      log.warn('portals that were being linked could not be finished yet', { error });
      timer = setTimeout(() => void finish(), interval);
    }
  }

  void finish();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
