import { readMetrics } from '../../support/bridge/web-side.ts';
import { memoryOf } from '../../bench/process-usage.ts';

/** The most that a bridge process used of its memory while it was watched. */
export interface MemoryWatch {
  /** In MiB. */
  mostResident(): number;
  /** Stored events in memory. */
  mostItems(): number;
  end(): void;
}

/** Looks twice a second until it is ended; before the process is. */
export function watchMemory(pid: number, webUrl: string): MemoryWatch {
  let resident = 0;
  let items = 0;
  const timer = setInterval(() => {
    resident = Math.max(resident, memoryOf(pid));
    void readMetrics(webUrl).then(
      (metrics) => (items = Math.max(items, metrics.value('queue_memory_items'))),
      () => undefined, // it starts or stops
    );
  }, 500);
  timer.unref();
  return {
    mostResident: () => resident,
    mostItems: () => items,
    end: () => clearInterval(timer),
  };
}
