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
export const lookEvery = 10_000;
/** So many quiet looks in a row: what is collected takes some of the compiled code with it, which is slow at first then. */
export const quietLooks = 3;
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
  let quietFor = 0;
  const look = async (): Promise<void> => {
    const now = used();
    quietFor = now - before < quiet * lookEvery ? quietFor + 1 : 0;
    before = now;
    kept = Math.min(kept, heap());
    if (quietFor < quietLooks || heap() - kept < worthwhile) return;
    quietFor = 0;
    await collect();
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
