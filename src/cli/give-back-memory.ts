import { getHeapStatistics } from 'node:v8';

export interface MemoryOptions {
  /** Collects garbage and gives free memory back. */
  readonly collect: () => Promise<unknown>;
  /** Processor time that this process has used, in milliseconds. */
  readonly used: () => number;
  /** What the heap occupies, in bytes. */
  readonly heap: () => number;
}

/** Milliseconds between two looks. */
export const lookEvery = 3_000;
/** A process is quiet that uses less than this share of a processor. */
const quiet = 0.05;
/** For less a collection isn't worth its few dozen milliseconds, in bytes. */
const worthwhile = 8 * 1024 * 1024;

/**
 * V8 collects garbage when it needs room, not when it has time, and keeps the room for next time. A bridge at work needs
 * it; one that has nothing to do (after its start, after a busy hour) gives it back. Without `--expose-gc` nothing is done.
 */
export function giveBackMemory(options: MemoryOptions | undefined = fromNode()): { stop(): void } {
  if (options === undefined) return { stop: () => undefined };
  const { collect, used, heap } = options;
  let before = used();
  let kept = 0;
  let collecting = false;
  const look = async (): Promise<void> => {
    const now = used();
    const isQuiet = now - before < quiet * lookEvery;
    before = now;
    kept = Math.min(kept, heap());
    if (!isQuiet || collecting || heap() - kept < worthwhile) return;
    collecting = true;
    await collect();
    collecting = false;
    before = used();
    kept = heap();
  };
  const timer = setInterval(() => void look(), lookEvery).unref();
  return { stop: () => clearInterval(timer) };
}

function fromNode(): MemoryOptions | undefined {
  const { gc } = globalThis;
  if (gc === undefined) return undefined;
  return {
    collect: async () => gc({ type: 'major', execution: 'async', flavor: 'last-resort' }),
    used: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    heap: () => getHeapStatistics().total_heap_size,
  };
}
