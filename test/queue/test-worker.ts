import type { Logger } from '../../src/log.ts';
import type { Change } from '../../src/portal/ports.ts';
import type { GiveUp, Handle, Item, QueueMetrics } from '../../src/queue/ports.ts';
import { startWorker } from '../../src/queue/worker.ts';
import type { Worker } from '../../src/queue/worker.ts';
import type { Store } from '../../src/store/open-store.ts';
import { log } from '../store/test-store.ts';

export const noQueueMetrics: QueueMetrics = {
  handled: () => undefined,
  retried: () => undefined,
  deadLetter: () => undefined,
  parked: () => undefined,
  late: () => undefined,
  inMemory: () => undefined,
};

export interface TestWorkerOptions {
  readonly giveUp?: GiveUp;
  readonly metrics?: Partial<QueueMetrics>;
  readonly log?: Logger;
  readonly holdBack?: (item: Item) => Promise<void> | undefined;
}

export function testWorker(store: Store, handle: Handle<Change>, options: TestWorkerOptions = {}): Worker {
  return startWorker({
    inbox: store.inbox,
    handle,
    giveUp: options.giveUp ?? (() => Promise.resolve(undefined)),
    ...(options.holdBack && { holdBack: options.holdBack }),
    log: options.log ?? log,
    metrics: { ...noQueueMetrics, ...options.metrics },
  });
}

/** What a delivery of `slackMessage` or `matrixMessage` says. */
export function numberIn(payload: Buffer): number {
  const parsed: unknown = JSON.parse(payload.toString());
  if (typeof parsed === 'object' && parsed !== null && 'n' in parsed && typeof parsed.n === 'number')
    return parsed.n;
  throw new Error('not a payload of these tests');
}
