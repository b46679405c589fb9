/** Runs transfers: few at a time, and fair between those who ask. */
export interface TransferPool {
  /** Runs `work` when its turn comes. Portals take turns; within a portal, first come, first served. */
  run<T>(portal: number, small: boolean, work: () => Promise<T>): Promise<T>;
  /** Being run now. */
  underWay(): number;
}

/** Small ones never wait behind large ones: they have places of their own. */
export function createTransferPool(places: { readonly large: number; readonly small: number }): TransferPool {
  const large = createFairQueue(places.large);
  const small = createFairQueue(places.small);
  return {
    run: (portal, isSmall, work) => (isSmall ? small : large).run(portal, work),
    underWay: () => large.running() + small.running(),
  };
}

interface FairQueue {
  run<T>(portal: number, work: () => Promise<T>): Promise<T>;
  running(): number;
}

function createFairQueue(places: number): FairQueue {
  /** Who waits, by portal; the portal whose turn is next is the first. */
  const waiting = new Map<number, (() => void)[]>();
  let running = 0;

  function next(): void {
    const [first] = waiting;
    if (!first) {
      running -= 1;
      return;
    }
    const [portal, queue] = first;
    const start = queue.shift();
    waiting.delete(portal);
    if (queue.length > 0) waiting.set(portal, queue); // at the end: the others come first
    start?.();
  }

  return {
    async run(portal, work) {
      if (running >= places) {
        await new Promise<void>((resolve) => {
          const queue = waiting.get(portal) ?? [];
          queue.push(resolve);
          waiting.set(portal, queue);
        });
      } else running += 1;
      try {
        return await work();
      } finally {
        next();
      }
    },
    running: () => running,
  };
}
