import { TryLater } from '../errors.ts';
import type { Target } from '../errors.ts';
import type { Breakers } from './breakers.ts';
import { failureOf } from './failure.ts';
import { windowOf } from './lane.ts';
import type { Lane } from './lane.ts';
import type { Memory } from './memory.ts';
import type { Outcome, Reason } from './outcome.ts';
import type { Claimed, Ending, Item, Work } from './ports.ts';
import type { OpenTurn } from './turn.ts';
import type { WorkerOptions } from './options.ts';

export interface SettlingOptions<Change> extends WorkerOptions<Change> {
  readonly breakers: Breakers;
  readonly memory: Memory;
  readonly stopping: () => boolean;
  readonly lose: (lane: Lane) => void;
  /** Something changed that the lane's next item may have waited for. */
  readonly pump: (lane: Lane) => void;
}

type Ended = Extract<Outcome, { readonly type: 'ended' }>;
type Unreached = Extract<Outcome, { readonly type: 'unreached' }>;
type Retry = Extract<Ending, { readonly type: 'retry' }>;

/** Without a time from the other side, and without a target that is down. */
const usualWait = 1000;

/** Brings what came of a try into the database, and into memory. */
export class Settling<Change> {
  private readonly options: SettlingOptions<Change>;
  private pending = 0;

  constructor(options: SettlingOptions<Change>) {
    this.options = options;
  }

  /** Endings that are not committed yet. */
  get uncommitted(): number {
    return this.pending;
  }

  /** Resolves when the lane may start another item. */
  async settle(lane: Lane, claimed: Claimed, open: OpenTurn<Change>, outcome: Outcome): Promise<void> {
    switch (outcome.type) {
      case 'lease-lost':
        this.options.inbox.drop(open.takeChanges());
        if (open.fenced()) this.options.lose(lane);
        else if (lane.needs) this.options.breakers.unsure(lane.lease.lane, lane.needs);
        return this.waitAgain(lane, claimed, open);
      case 'unreached':
        this.options.metrics.retried(claimed.item.from, 'target');
        return this.retry(lane, claimed, open, this.retryOf(lane, claimed, outcome), outcome.target);
      case 'ended':
        noteReached(this.options.breakers, lane, outcome.ending);
        if (outcome.ending.type !== 'retry') return this.end(lane, claimed, open, outcome);
        this.options.metrics.retried(claimed.item.from, 'item');
        return this.retry(lane, claimed, open, outcome.ending);
    }
  }

  private retryOf(lane: Lane, { item }: Claimed, { target, after, error }: Unreached): Retry {
    const name = lane.lease.lane;
    if (lane.needs && lane.needs !== target) this.options.breakers.unsure(name, lane.needs);
    if (target) lane.needs = target;
    const wait = target ? this.options.breakers.failed(name, target, after) : (after ?? usualWait);
    return { type: 'retry', notBefore: Date.now() + wait, attempts: item.attempts, error };
  }

  /** The item stays the first of its lane. Here its target's breaker holds it back, which may let it go earlier than planned. */
  private async retry(
    lane: Lane,
    { item, openAttempts }: Claimed,
    open: OpenTurn<Change>,
    ending: Retry,
    target?: Target,
  ): Promise<void> {
    const { attempts, notBefore } = ending;
    const committed = this.commit(lane, item.seq, open.takeChanges(), ending, false);
    if (open.posted()) await committed;
    const tried = { item: { ...item, attempts }, openAttempts };
    this.waitAgain(lane, target ? tried : { ...tried, notBefore }, open);
  }

  /** Where a post was begun the item is read anew: an echo may have settled the attempt meanwhile. */
  private waitAgain(lane: Lane, claimed: Claimed, open: OpenTurn<Change>): void {
    this.options.memory.putBack(lane, claimed);
    if (lane.lost || open.posted()) this.options.memory.trim(lane, 0);
    if (!lane.lost && open.posted()) this.options.memory.missing(lane);
  }

  private async end(
    lane: Lane,
    claimed: Claimed,
    open: OpenTurn<Change>,
    { ending, giveUp: reason, bug }: Ended,
  ): Promise<void> {
    const { item } = claimed;
    if (bug !== undefined)
      this.options.log.error('an event could not be handled: this is a bug', {
        seq: item.seq,
        lane: item.lane,
        error: bug,
      });
    const told = reason && (await this.tell(item, reason));
    if (typeof told === 'object')
      return this.retry(lane, claimed, open, this.retryOf(lane, claimed, told), told.target);
    this.count(item, ending);
    const noted = ending.type === 'dead' && told !== undefined ? { ...ending, noticed: told } : ending;
    lane.uncommitted += 1;
    this.options.memory.free(claimed);
    const { seq } = item; // the payload needn't wait for the commit
    const urgent = lane.uncommitted >= windowOf(claimed, this.pending);
    void this.commit(lane, seq, open.takeChanges(), noted, urgent).then(() => {
      lane.uncommitted -= 1;
      this.options.memory.forget(lane, seq);
      this.options.pump(lane);
    });
  }

  /** The notice; or what it is to be tried again for: nobody could be told, and a failure that nobody sees is a loss. */
  private async tell(item: Item, reason: Reason): Promise<Unreached | string | undefined> {
    let notice: string | undefined;
    const error = await failureOf(async () => {
      notice = await this.options.giveUp(item, reason);
    });
    if (error === undefined) return notice;
    if (error instanceof TryLater)
      return { type: 'unreached', target: error.target, after: error.after, error: error.message };
    this.options.log.error('nobody could be told of a failure', { seq: item.seq, error });
    return undefined;
  }

  private count(item: Item, ending: Ending): void {
    if (ending.type === 'done')
      this.options.metrics.handled(item.from, (Date.now() - item.receivedAt.getTime()) / 1000);
    if (ending.type === 'park') this.options.metrics.parked(item.from);
    if (ending.type === 'dead') this.options.metrics.deadLetter(item.from, ending.reason);
  }

  /** Resolves when the ending is written down, or never will be. */
  private async commit(
    lane: Lane,
    seq: number,
    changes: readonly Change[],
    ending: Ending,
    urgent: boolean,
  ): Promise<void> {
    const work: Work<Change> = { lease: lane.lease, seq, changes, ending };
    this.pending += 1;
    try {
      if ((await this.options.inbox.commit(work, urgent || this.options.stopping())) === 'fenced')
        this.options.lose(lane);
    } catch (error) {
      this.options.inbox.drop(changes);
      if (lane.lost || this.options.stopping()) return;
      this.options.log.error('what came of an event could not be stored', {
        seq,
        lane: lane.lease.lane,
        error,
      });
      await failureOf(() => this.options.inbox.commit({ ...work, changes: [], ending: notStored }, true));
    } finally {
      this.pending -= 1;
    }
  }
}

/** What the database refuses to remember isn't tried for ever. */
const notStored = {
  type: 'dead',
  reason: 'not-stored',
  error: 'the database refused what came of it',
} as const;

function noteReached(breakers: Breakers, lane: Lane, ending: Ending): void {
  if (!lane.needs) return;
  if (ending.type === 'done') breakers.reached(lane.needs);
  else breakers.unsure(lane.lease.lane, lane.needs);
}
