import type { RoomCatchUp } from './catch-up-rooms.ts';

/** Passes on what the connection with the homeserver notices to those who are made later. */
export interface Recovery {
  readonly homeserverIsBack: () => void;
  readonly eventsMayBeMissing: () => void;
  readonly roomIsActive: (room: string) => void;
  /** Calls `listener` each time from now on; it must not throw. */
  readonly whenHomeserverIsBack: (listener: () => void) => void;
  /** Tells it of gaps and activity from now on. */
  readonly watchedBy: (rooms: Pick<RoomCatchUp, 'afterGap' | 'active'>) => void;
}

export function createRecovery(): Recovery {
  const listeners: (() => void)[] = [];
  let watching: Pick<RoomCatchUp, 'afterGap' | 'active'> | undefined;
  return {
    eventsMayBeMissing: () => watching?.afterGap(),
    roomIsActive: (room) => watching?.active(room),
    watchedBy(rooms) {
      watching = rooms;
    },
    homeserverIsBack() {
      for (const listener of listeners) listener();
    },
    whenHomeserverIsBack(listener) {
      listeners.push(listener);
    },
  };
}
