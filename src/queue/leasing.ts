import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf } from './failure.ts';
import type { Lanes } from './lanes.ts';
import type { InboxEvents, Leases } from './ports.ts';
import type { WorkerOptions } from './options.ts';

const pollInterval = 1000;
const renewInterval = 3000;
/** Lanes leased in one step. */
const claimed = 200;
/** How long a statement of a connection that is gone may still be committed, unseen by us. */
const lateCommits = 60_000;

/** Keeps the process's lease, finds work, and shares the lanes with other processes. */
export class Leasing<Change> {
  private readonly options: WorkerOptions<Change>;
  private readonly lanes: Lanes<Change>;
  private leases: Leases = { held: [], processes: 1, lanes: 0 };
  private renewedAt = -Infinity;
  private connectedAt = performance.now();
  private polling: Promise<void> = Promise.resolve();
  private waking: NodeJS.Timeout | undefined;
  private left = false;
  private readonly leaving = new AbortController();

  constructor(options: WorkerOptions<Change>, lanes: Lanes<Change>) {
    this.options = options;
    this.lanes = lanes;
  }

  start(): void {
    void this.run();
  }

  events(): InboxEvents {
    const { lanes } = this;
    return {
      wants: () => !lanes.isStopping && lanes.clock.valid() && lanes.size < this.share(),
      holds: (lane) => lanes.holds(lane),
      leased: (lease) => lanes.adopt(lease),
      stored: (lane, item) => lanes.offer(lane, item),
      work: (lane) => {
        if (lanes.holds(lane)) lanes.missing(lane);
        else this.wake();
      },
      disconnected: () => lanes.clock.end(),
      reconnected: () => {
        this.renewedAt = -Infinity;
        this.connectedAt = performance.now();
        this.wake();
      },
    };
  }

  /** Looks for work soon; many wishes at once are one. */
  wake(): void {
    this.waking ??= setTimeout(() => void this.pollNow(), 5);
  }

  /** One after the other: what an earlier poll found is not put over what a later one did. */
  pollNow(): Promise<void> {
    clearTimeout(this.waking);
    this.waking = undefined;
    this.polling = this.polling.then(() => this.poll());
    return this.polling;
  }

  async leave(): Promise<void> {
    this.left = true;
    this.leaving.abort();
    clearTimeout(this.waking);
    await this.polling;
    const error = await failureOf(() => this.options.inbox.leave());
    if (error !== undefined) this.options.log.debug('the lanes could not be given back', { error });
  }

  private async run(): Promise<void> {
    const { signal } = this.leaving;
    while (!signal.aborted) {
      await this.pollNow();
      await sleep(pollInterval, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async poll(): Promise<void> {
    if (this.left) return;
    const error = await failureOf(async () => {
      if (performance.now() - this.renewedAt >= renewInterval || !this.lanes.clock.valid())
        await this.renew();
      if (this.lanes.isStopping) return;
      await this.sweep();
      await this.claim();
      await this.balance();
    });
    if (error !== undefined) this.options.log.debug('the inbox could not be looked at', { error });
  }

  private async renew(): Promise<void> {
    const { inbox } = this.options;
    const asked = this.lanes.clock.asking();
    const at = performance.now();
    this.leases = await inbox.renew();
    asked.granted(inbox.leaseSeconds);
    this.renewedAt = at;
    if (!this.lanes.isStopping) this.lanes.reconcile(this.leases.held);
  }

  /** What others stored in our lanes: other processes, or a connection that is gone. Else this process has seen all of it. */
  private async sweep(): Promise<void> {
    const unseen = this.leases.processes > 1 || performance.now() - this.connectedAt < lateCommits;
    const ready = await this.options.inbox.sweep(unseen ? this.lanes.complete() : []);
    const unknown = ready.filter(({ lane, seq }) => !this.lanes.knows(lane, seq));
    for (const lane of new Set(unknown.map(({ lane }) => lane))) this.lanes.missing(lane);
  }

  private async claim(): Promise<void> {
    for (let found = claimed; found === claimed;) {
      const leases = await this.options.inbox.claim(claimed);
      for (const lease of leases) this.lanes.adopt(lease);
      found = leases.length;
    }
  }

  /** How many lanes are fair; with some room, so that lanes don't wander for nothing. */
  private share(): number {
    const { processes, lanes } = this.leases;
    return processes <= 1 ? Infinity : Math.ceil((lanes / processes) * 1.1) + 1;
  }

  private async balance(): Promise<void> {
    const tooMany = this.lanes.size - this.share();
    if (tooMany <= 0) return;
    const given = this.lanes.surrender(Math.min(tooMany, 50));
    if (given.length > 0) await this.options.inbox.release(given);
  }
}
