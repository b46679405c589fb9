import type { Target } from '../errors.ts';
import { Lanes } from './lanes.ts';
import { Leasing } from './leasing.ts';
import type { WorkerOptions } from './options.ts';
import type { WaitingLane } from './ports.ts';

/** Hands the items of leased lanes to the handler, one of each lane at a time, in order. */
export interface Worker {
  /** Resolves when nothing is left that could be handled now: what waits for a time or a parent doesn't count. */
  idle(): Promise<void>;
  /** The target may be back: what waits for it goes on now instead of within seconds. A time that the target named is kept. */
  tryNow(target: Target): void;
  /** The target is there: what waits for it goes on now, whatever time was named. */
  available(target: Target): void;
  /** The lanes of this process whose oldest item came at least so many milliseconds ago. */
  waiting(milliseconds: number): readonly WaitingLane[];
  /**
   * Starts nothing more, waits for what is under way (at most `milliseconds`), commits, and gives the lanes back. What is
   * still under way then may not write any more and is handled again by whoever has its lane next.
   */
  drain(milliseconds: number): Promise<void>;
}

/** Starts at once; while the database is out of reach it waits for it. */
export function startWorker<Change>(options: WorkerOptions<Change>): Worker {
  const lanes = new Lanes(options);
  const leasing = new Leasing(options, lanes);
  options.inbox.listen(leasing.events());
  leasing.start();
  return {
    async idle() {
      do {
        await lanes.quiet();
        await leasing.pollNow();
      } while (!lanes.isQuiet());
    },
    tryNow: (target) => lanes.tryNow(target),
    available: (target) => lanes.available(target),
    waiting: (milliseconds) => lanes.waiting(milliseconds),
    async drain(milliseconds) {
      await lanes.stop(milliseconds);
      await leasing.leave();
    },
  };
}
