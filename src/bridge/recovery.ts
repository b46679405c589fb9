/** Passes on that the homeserver is back: what waits for it is made later than the connection that notices it. */
export interface Recovery {
  readonly homeserverIsBack: () => void;
  /** Calls `listener` each time from now on; it must not throw. */
  readonly whenHomeserverIsBack: (listener: () => void) => void;
}

export function createRecovery(): Recovery {
  const listeners: (() => void)[] = [];
  return {
    homeserverIsBack() {
      for (const listener of listeners) listener();
    },
    whenHomeserverIsBack(listener) {
      listeners.push(listener);
    },
  };
}
