import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../errors.ts';
import { Breakers } from './breakers.ts';
import { failureOf } from './failure.ts';
import { createLane, isBefore, windowOf } from './lane.ts';
import type { Lane } from './lane.ts';
import { createLeaseClock } from './lease-clock.ts';
import { Memory } from './memory.ts';
import { outcomeOf } from './outcome.ts';
import type { Claimed, Lease, WaitingLane } from './ports.ts';
import { Settling } from './settle.ts';
import { openTurn } from './turn.ts';
import type { WorkerOptions } from './options.ts';

/** Lanes of low priority whose items are handled at the same time. */
const mostLowLanes = 8;

/** The leased lanes and what runs in them. */
export class Lanes<Change> {
  readonly clock = createLeaseClock();
  private readonly options: WorkerOptions<Change>;
  private readonly lanes = new Map<string, Lane>();
  private readonly breakers = new Breakers();
  private readonly memory;
  private readonly settling;
  private readonly lowWaiting = new Set<Lane>();
  private lowRunning = 0;
  private running = 0;
  private stopping = false;

  constructor(options: WorkerOptions<Change>) {
    this.options = options;
    const { breakers } = this;
    this.memory = new Memory({ ...options, filled: (lane) => this.pump(lane) });
    this.settling = new Settling({
      ...options,
      breakers,
      memory: this.memory,
      stopping: () => this.stopping,
      lose: (lane) => this.lose(lane),
      pump: (lane) => this.pump(lane),
    });
  }

  get size(): number {
    return this.lanes.size;
  }

  get isStopping(): boolean {
    return this.stopping;
  }

  holds(lane: string): boolean {
    return this.lanes.has(lane);
  }

  adopt(lease: Lease): void {
    const known = this.lanes.get(lease.lane);
    if (known?.lease.epoch === lease.epoch || this.stopping) return;
    if (known) this.lose(known);
    const lane = createLane(lease);
    this.lanes.set(lease.lane, lane);
    this.options.log.debug('lane leased', { ...lease });
    this.memory.missing(lane);
  }

  /** Exactly these are ours. */
  reconcile(held: readonly Lease[]): void {
    const epochs = new Map(held.map(({ lane, epoch }) => [lane, epoch]));
    for (const lane of this.lanes.values())
      if (epochs.get(lane.lease.lane) !== lane.lease.epoch) this.lose(lane);
    for (const lease of held) this.adopt(lease);
    for (const lane of this.lanes.values()) this.pump(lane);
    this.memory.read();
  }

  /** A stored item; of no interest when the lane isn't ours. */
  offer(name: string, claimed: Claimed): void {
    const lane = this.lanes.get(name);
    if (!lane) return;
    this.memory.offer(lane, claimed);
    this.pump(lane);
  }

  /** There may be work in the lane that isn't in memory. */
  missing(name: string): void {
    const lane = this.lanes.get(name);
    if (lane) this.memory.missing(lane);
  }

  /** Of any lane more may be stored than this process was told: the last answer was lost with the connection. */
  unseen(): void {
    for (const lane of this.lanes.values()) this.memory.unseen(lane);
  }

  /** The item is in memory, or will be read anyway, or isn't ours to handle. */
  knows(name: string, seq: number): boolean {
    const lane = this.lanes.get(name);
    return lane === undefined || lane.spilled || lane.live.has(seq);
  }

  isComplete(name: string): boolean {
    return this.lanes.get(name)?.spilled === false;
  }

  /** Lanes all of whose items are in memory. */
  complete(): readonly string[] {
    return [...this.lanes.values()].filter(({ spilled }) => !spilled).map(({ lease }) => lease.lane);
  }

  /** The lanes whose oldest item came at least so many milliseconds ago. Looks at memory alone. */
  waiting(milliseconds: number): readonly WaitingLane[] {
    const since = Date.now() - milliseconds;
    const found: WaitingLane[] = [];
    for (const { lease, running, waiting, needs } of this.lanes.values()) {
      const oldest = running ?? waiting[0];
      if (!oldest || oldest.item.receivedAt.getTime() > since) continue;
      found.push({ lane: lease.lane, ...(needs && this.breakers.isOut(needs) && { needs }) });
    }
    return found;
  }

  tryNow(target: Target): void {
    this.breakers.tryNow(target);
  }

  available(target: Target): void {
    this.breakers.reached(target);
  }

  /**
   * Takes out up to `count` lanes for other processes: idle ones first. Those of them in which something is under way start
   * nothing more, and are taken out when asked again, until `keepRest`.
   */
  surrender(count: number): readonly Lease[] {
    const isBusy = (lane: Lane): boolean => lane.running !== undefined || lane.uncommitted > 0;
    const chosen = [...this.lanes.values()]
      .toSorted((a, b) => Number(isBusy(a)) - Number(isBusy(b)) || a.waiting.length - b.waiting.length)
      .slice(0, count);
    for (const lane of chosen) {
      if (isBusy(lane)) lane.leaving = true;
      else this.lose(lane);
    }
    return chosen.filter(({ lost }) => lost).map(({ lease }) => lease);
  }

  /** What wasn't taken out goes on here. */
  keepRest(): void {
    for (const lane of this.lanes.values()) {
      if (!lane.leaving) continue;
      lane.leaving = false;
      this.pump(lane);
    }
  }

  isQuiet(): boolean {
    return this.running === 0 && this.settling.uncommitted === 0 && !this.memory.isReading;
  }

  async quiet(): Promise<void> {
    while (!this.isQuiet()) await sleep(2);
  }

  async stop(milliseconds: number): Promise<void> {
    this.stopping = true;
    const deadline = performance.now() + milliseconds;
    while (this.running + this.settling.uncommitted > 0 && performance.now() < deadline) await sleep(5);
    this.clock.end();
    for (const lane of this.lanes.values()) this.lose(lane);
  }

  private lose(lane: Lane): void {
    if (lane.lost) return;
    lane.lost = true;
    this.options.log.debug('lane given up', { ...lane.lease });
    this.lanes.delete(lane.lease.lane);
    clearTimeout(lane.timer);
    this.memory.drop(lane);
    this.lowWaiting.delete(lane);
    if (lane.needs) this.breakers.unsure(lane.lease.lane, lane.needs);
  }

  /** Starts the lane's next item, if it may. Asked whenever something changed that it may have waited for. */
  private pump(lane: Lane): void {
    if (lane.running || lane.held || lane.leaving || lane.lost) return;
    if (this.stopping || !this.clock.valid()) return;
    lane.blocked = false;
    const [head] = lane.waiting;
    if (!head) return this.memory.top(lane);
    if (lane.uncommitted >= windowOf(head, this.settling.uncommitted)) return;
    if (!this.isTime(lane, head)) return this.block(lane);
    if (this.holdBack(lane, head)) return;
    if (lane.lease.priority > 0 && this.lowRunning >= mostLowLanes) {
      this.lowWaiting.add(lane);
      return;
    }
    if (!this.breakers.admits(lane.lease.lane, lane.needs, () => this.pump(lane))) return this.block(lane);
    lane.waiting.shift();
    this.memory.top(lane);
    void this.run(lane, head);
  }

  /** What was tried already, may have had effects: it has its place. */
  private holdBack(lane: Lane, { item }: Claimed): boolean {
    const wait = lane.tried?.item.seq === item.seq ? undefined : this.options.holdBack?.(item);
    if (wait === undefined) return false;
    lane.held = true;
    void wait.then(() => {
      lane.held = false;
      this.pump(lane);
    });
    return true;
  }

  private block(lane: Lane): void {
    lane.blocked = true;
    this.memory.trim(lane, 1);
  }

  private isTime(lane: Lane, { notBefore = 0 }: Claimed): boolean {
    const wait = notBefore - Date.now();
    if (wait <= 0) return true;
    clearTimeout(lane.timer);
    lane.timer = setTimeout(() => this.pump(lane), Math.min(wait, 60_000));
    return false;
  }

  private async run(lane: Lane, claimed: Claimed): Promise<void> {
    const low = lane.lease.priority > 0 ? 1 : 0;
    lane.running = claimed;
    this.running += 1;
    this.lowRunning += low;
    this.noteOrder(lane, claimed);
    const { inbox, handle } = this.options;
    const open = openTurn(inbox, lane.lease, claimed, () => !lane.lost && this.clock.valid());
    const error = await failureOf(() => handle(open.turn));
    await this.settling.settle(lane, claimed, open, outcomeOf(claimed.item, error, Date.now()));
    lane.running = undefined;
    this.running -= 1;
    this.lowRunning -= low;
    this.pump(lane);
    this.pumpLow();
  }

  private pumpLow(): void {
    const [lane] = this.lowWaiting;
    if (!lane || this.lowRunning >= mostLowLanes) return;
    this.lowWaiting.delete(lane);
    this.pump(lane);
  }

  private noteOrder(lane: Lane, { item }: Claimed): void {
    if (lane.youngest && isBefore(item, lane.youngest)) this.options.metrics.late(item.from);
    else lane.youngest = item;
  }
}
