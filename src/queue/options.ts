import type { Logger } from '../log.ts';
import type { GiveUp, Handle, Inbox, QueueMetrics } from './ports.ts';

/** What a worker works with. */
export interface WorkerOptions<Change> {
  readonly inbox: Inbox<Change>;
  readonly handle: Handle<Change>;
  readonly giveUp: GiveUp;
  readonly log: Logger;
  readonly metrics: QueueMetrics;
}
