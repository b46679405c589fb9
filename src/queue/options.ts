import type { Logger } from '../log.ts';
import type { GiveUp, Handle, Inbox, Item, QueueMetrics } from './ports.ts';

/** What a worker works with. */
export interface WorkerOptions<Change> {
  readonly inbox: Inbox<Change>;
  readonly handle: Handle<Change>;
  readonly giveUp: GiveUp;
  /**
   * Asked before an item is handled: what its lane waits for first, if anything. Older items that are stored meanwhile come
   * before it. Must not reject.
   */
  readonly holdBack?: (item: Item) => Promise<void> | undefined;
  readonly log: Logger;
  readonly metrics: QueueMetrics;
}
