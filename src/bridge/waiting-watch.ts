import { TryLater } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { PortalContext } from '../portal/context.ts';
import { createWaitingTeller, longWait } from '../portal/waiting.ts';
import type { WaitingItem, WaitingItems, WaitingStore } from '../portal/waiting-ports.ts';
import type { Worker } from '../queue/worker.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { LateItem, WaitingRows } from '../store/waiting.ts';
import type { PeekMatrix } from './encrypted-items.ts';

const every = 1000;

interface Watched {
  readonly context: PortalContext;
  readonly worker: Pick<Worker, 'waiting'>;
  readonly rows: WaitingRows;
  readonly slack: Pick<SlackAdapter, 'peek'>;
  readonly peekMatrix: PeekMatrix;
  readonly log: Logger;
}

/**
 * Sees to it that people are told when what they wrote waits for long, beside everything else. After a start it waits
 * first: what was left over from before may go through at once.
 */
export function watchWaiting({ context, worker, rows, slack, peekMatrix, log }: Watched): {
  readonly stop: () => void;
} {
  const teller = createWaitingTeller(context, waitingStore(rows, { slack, peekMatrix }));
  let stopped = false;
  let timer = setTimeout(() => void look(), longWait);

  async function look(): Promise<void> {
    try {
      await teller.look(worker.waiting(longWait));
    } catch (error) {
      if (error instanceof TryLater)
        log.debug('people could not be told yet that something waits', { error });
      else log.error('people could not be told that something waits', { error });
    }
    if (!stopped) timer = setTimeout(() => void look(), every);
  }

  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function waitingStore(rows: WaitingRows, readers: Pick<Watched, 'slack' | 'peekMatrix'>): WaitingStore {
  return {
    ...rows,
    async late(...asked) {
      const found = await rows.late(...asked);
      const read = new Map<string, WaitingItems>();
      for (const [lane, { items, total }] of found)
        read.set(lane, { total, items: await Promise.all(items.map((item) => eventOf(item, readers))) });
      return read;
    },
  };
}

async function eventOf(
  { seq, from, payload }: LateItem,
  { slack, peekMatrix }: Pick<Watched, 'slack' | 'peekMatrix'>,
): Promise<WaitingItem> {
  if (!payload) return { seq, from };
  try {
    return from === 'slack'
      ? { seq, from, event: slack.peek(payload) }
      : { seq, from, event: await peekMatrix(payload) };
  } catch {
    return { seq, from }; // its lane sets it aside, and tells of that
  }
}
