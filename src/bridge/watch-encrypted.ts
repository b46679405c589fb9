import type { RoomKey } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { Portals } from '../portal/portal.ts';
import type { Store } from '../store/open-store.ts';
import { createEncryptedItems } from './encrypted-items.ts';
import type { EncryptedItems } from './encrypted-items.ts';

interface Parts {
  readonly matrix: Pick<MatrixAdapter, 'encryption' | 'shownRoom'>;
  readonly portals: Pick<Portals, 'unreadable'>;
  readonly store: Pick<Store, 'intake' | 'keyWaits'>;
  readonly log: Logger;
}

/** What was about to be set aside when its key came is woken by the second call, in milliseconds. */
const again = 2000;

/** Reads encrypted items, and hands those out again whose keys come. */
export function watchEncrypted({ matrix, portals, store, log }: Parts): EncryptedItems {
  const { encryption, shownRoom: shown } = matrix;
  const items = createEncryptedItems({
    encryption,
    shown,
    unreadable: (...told) => portals.unreadable(...told),
    intake: store.intake,
    log,
  });
  const timers = new Set<NodeJS.Timeout>();

  async function wake(keys: readonly RoomKey[] | 'all'): Promise<void> {
    try {
      const woken = await store.keyWaits.wake(keys);
      if (woken > 0) log.debug('what waited for keys goes on', { woken });
    } catch (error) {
      log.debug('what waits for keys could not be woken', { error }); // its time comes
    }
  }

  encryption?.onStored((event) => items.stored(event));
  encryption?.onKeys((keys) => {
    items.came(keys);
    void wake(keys);
    const timer = setTimeout(() => {
      timers.delete(timer);
      void wake(keys);
    }, again);
    timers.add(timer);
  });
  if (encryption) void wake('all'); // some may have come while the process ended
  return {
    ...items,
    stop() {
      for (const timer of timers) clearTimeout(timer);
      items.stop();
    },
  };
}
