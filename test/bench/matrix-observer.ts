import { matrixApi } from '../../sandbox/matrix-user/api.ts';
import { textIn } from '../../sandbox/matrix-user/event.ts';
import { startSync } from '../../sandbox/matrix-user/sync.ts';
import type { RegisteredUser } from '../../sandbox/synapse/register-user.ts';
import { createArrivals } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';

/** Somebody at a Matrix client, who notes every message of the rooms that they are in. */
export interface MatrixObserver {
  /** By room id. */
  readonly arrivals: Arrivals;
  stop(): Promise<void>;
}

export function observeMatrix(url: string, person: RegisteredUser): MatrixObserver {
  const arrivals = createArrivals();
  const read = new Map<string, number>();
  const sync = startSync(matrixApi(url, person.accessToken), person.userId);
  sync.onUpdate(() => {
    const at = performance.now();
    for (const [roomId, room] of sync.rooms) {
      const events = room.events();
      for (const event of events.slice(read.get(roomId) ?? 0)) {
        if (event.type === 'm.room.message') arrivals.note(roomId, textIn(event.content, 'body') ?? '', at);
      }
      read.set(roomId, events.length);
    }
  });
  return { arrivals, stop: () => sync.stop() };
}
