import { failpoint } from '#failpoint';
import { LeaseLost } from '../errors.ts';
import type { Attempt, Claimed, Inbox, Lease, Turn } from './ports.ts';

/** A handler's turn with one item, and what it left. */
export interface OpenTurn<Change> {
  readonly turn: Turn<Change>;
  /** What was remembered and not committed by the handler; it is the caller's from now on. */
  takeChanges(): readonly Change[];
  /** An attempt was begun in this turn or before: the database knows best which ones are still open. */
  posted(): boolean;
  /** The lane has another owner. */
  fenced(): boolean;
}

export function openTurn<Change>(
  inbox: Pick<Inbox<Change>, 'commit' | 'remember' | 'drop'>,
  lease: Lease,
  { item, openAttempts }: Claimed,
  mayWrite: () => boolean,
): OpenTurn<Change> {
  let changes: Change[] = [];
  let posted = openAttempts.length > 0;
  let fenced = false;

  function take(): readonly Change[] {
    const taken = changes;
    changes = [];
    return taken;
  }

  async function commit(attempt?: Attempt): Promise<void> {
    const taken = take();
    const work = { lease, seq: item.seq, changes: taken, ...(attempt && { attempt }) };
    try {
      if ((await inbox.commit(work, true)) === 'committed') return;
    } catch (error) {
      inbox.drop(taken);
      throw error;
    }
    fenced = true;
    throw new LeaseLost(lease.lane);
  }

  const turn: Turn<Change> = {
    item,
    openAttempts,
    remember(change) {
      failpoint('remember', change);
      changes.push(change);
      inbox.remember(change);
    },
    flush: () => commit(),
    async begin(attempt) {
      posted = true;
      await commit(attempt);
    },
    mayWrite() {
      if (!mayWrite()) throw new LeaseLost(lease.lane);
    },
  };
  return { turn, takeChanges: take, posted: () => posted, fenced: () => fenced };
}
