/** Until when this process may write, by a clock that goes on while the process is stopped. */
export interface LeaseClock {
  valid(): boolean;
  /** Before a renewal is asked for: the lease counts from then, whenever the answer comes. */
  asking(): { granted(seconds: number): void };
  end(): void;
}

/**
 * Between the last moment in which a write may be begun and the first in which another process may write, in milliseconds: a
 * write is sent within 1.4 s of being begun, or not at all.
 */
const margin = 2000;

export function createLeaseClock(now: () => number = () => performance.now()): LeaseClock {
  let until = 0;
  let generation = 0;
  return {
    valid: () => now() < until,
    asking() {
      const at = now();
      const asked = generation;
      return {
        // An answer from before the connection was lost says nothing about now.
        granted: (seconds) => {
          if (asked === generation) until = at + seconds * 1000 - margin;
        },
      };
    },
    end() {
      until = 0;
      generation += 1;
    },
  };
}
