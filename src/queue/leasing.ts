import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf } from './failure.ts';
import type { Lanes } from './lanes.ts';
import type { InboxEvents, Leases } from './ports.ts';
import type { WorkerOptions } from './options.ts';

const pollInterval = 1000;
const renewInterval = 3000;
/** Lanes leased in one step, and given back in one. */
const claimed = 200;
const surrendered = 200;
/** How often and after how many milliseconds it is asked again whether a lane that is to be given back is at rest. */
const surrenderTries = 10;
const surrenderPause = 30;
/** How long this process leaves a lane that it gave back to the others, in milliseconds. */
const leftToOthers = 5000;
/** How long a statement of a connection that is gone may still be committed, unseen by us. */
const lateCommits = 60_000;

/** Keeps the process's lease, finds work, and shares the lanes with other processes. */
export class Leasing<Change> {
  private readonly options: WorkerOptions<Change>;
  private readonly lanes: Lanes<Change>;
  private leases: Leases = { held: [], processes: 1, lanes: 0 };
  private renewedAt = -Infinity;
  /** Lanes given back lately, and until when they are left to others. */
  private readonly given = new Map<string, number>();
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
      holds: (lane) => lanes.clock.valid() && lanes.holds(lane),
      complete: (lane) => lanes.clock.valid() && lanes.isComplete(lane),
      knows: (lane, seq) => lanes.knows(lane, seq),
      leased: (lease) => lanes.adopt(lease),
      stored: (lane, item) => lanes.offer(lane, item),
      work: (lane) => {
        if (lanes.holds(lane)) lanes.missing(lane);
        else this.wake();
      },
      known: (lane) => {
        if (this.mayBeUnseen()) lanes.missing(lane);
      },
      disconnected: () => {
        lanes.clock.end();
        lanes.unseen();
      },
      reconnected: () => {
        this.renewedAt = -Infinity;
        this.connectedAt = performance.now();
        void this.pollNow();
      },
    };
  }

  /** Looks for free lanes soon; many wishes at once are one. */
  private wake(): void {
    this.waking ??= setTimeout(() => void this.pollNow(true), 5);
  }

  /**
   * One after the other: what an earlier poll found is not put over what a later one did.
   *
   * @param asked somebody told of work in a lane that isn't ours: a process that has its share leaves it to the others, until
   *   its next own look.
   */
  pollNow(asked = false): Promise<void> {
    clearTimeout(this.waking);
    this.waking = undefined;
    this.polling = this.polling.then(() => this.poll(asked));
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

  private async poll(asked: boolean): Promise<void> {
    if (this.left) return;
    const error = await failureOf(async () => {
      if (performance.now() - this.renewedAt >= renewInterval || !this.lanes.clock.valid())
        await this.renew();
      if (this.lanes.isStopping) return;
      if (!asked) await this.sweep();
      const room = this.share() - this.lanes.size;
      if (!asked) await this.claim(claimed);
      else if (room > 0) await this.claim(Math.min(claimed, room));
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
    if (this.lanes.isStopping) return;
    this.lanes.reconcile(this.leases.held);
    await this.balance();
  }

  /** What others stored in our lanes: other processes, or a connection that is gone. Else this process has seen all of it. */
  private async sweep(): Promise<void> {
    const unseen = this.leases.processes > 1 || this.mayBeUnseen();
    const ready = await this.options.inbox.sweep(unseen ? this.lanes.complete() : []);
    const unknown = ready.filter(({ lane, seq }) => !this.lanes.knows(lane, seq));
    for (const lane of new Set(unknown.map(({ lane }) => lane))) this.lanes.missing(lane);
  }

  /** Something may be stored that this process was told had failed. */
  private mayBeUnseen(): boolean {
    return performance.now() - this.connectedAt < lateCommits;
  }

  /** @param most lanes in one step. Steps go on while each brings as many as there can be; fewer are for once. */
  private async claim(most: number): Promise<void> {
    for (const [lane, until] of this.given) if (until < performance.now()) this.given.delete(lane);
    for (let found = claimed; found === claimed;) {
      const leases = await this.options.inbox.claim(most, [...this.given.keys()]);
      for (const lease of leases) this.lanes.adopt(lease);
      found = leases.length;
    }
  }

  /** How many lanes are fair; with some room, so that lanes don't wander for nothing. */
  private share(): number {
    const { processes, lanes } = this.leases;
    return processes <= 1 ? Infinity : Math.ceil((lanes / processes) * 1.1) + 1;
  }

  /** Only when it is known anew what is fair: lanes that others have just taken would be given back for nothing. */
  private async balance(): Promise<void> {
    let tooMany = Math.min(this.lanes.size - this.share(), surrendered);
    for (let tries = 0; tooMany > 0 && tries < surrenderTries; tries += 1) {
      const given = this.lanes.surrender(tooMany);
      for (const { lane } of given) this.given.set(lane, performance.now() + leftToOthers);
      if (given.length > 0) await this.options.inbox.release(given);
      tooMany -= given.length;
      if (tooMany > 0) await sleep(surrenderPause);
    }
    this.lanes.keepRest();
  }
}
