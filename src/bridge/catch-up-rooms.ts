import { tsToMillis } from '../ids.ts';
import type { PortalId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { Portal } from '../portal/ports.ts';
import type { Store } from '../store/open-store.ts';
import type { HistoryMetrics } from './meters.ts';

export interface RoomCatchUpOptions {
  readonly store: Pick<Store, 'portals' | 'cursors'>;
  readonly readRoom: MatrixAdapter['readRoom'];
  /** A portal that somebody else has read first. */
  readonly isLeftOut: (portal: PortalId) => boolean;
  readonly metrics: HistoryMetrics;
  readonly log: Logger;
}

/** Keeps rooms and bridge in step where the homeserver lost or kept back what it had to send. */
export interface RoomCatchUp {
  /** From now on. */
  begin(): void;
  /** Reads the portal's room now. Throws `TryLater`, or what storing failed with. */
  read(portal: PortalId): Promise<void>;
  /** Events may be missing: all rooms are read, soon and again later. */
  afterGap(): void;
  /** Something happened in this room. */
  active(room: string): void;
  /** A reading that is under way ends by itself, and stores nothing more. */
  stop(): void;
}

/**
 * How long after a gap the rooms are read, in milliseconds. A transaction that Synapse makes just when it has sent all
 * that it kept for us is kept, too, and nothing sends it until the next failure: that can be a while after the gap's end.
 */
const afterGaps = [1_000, 10_000, 60_000, 600_000];
/** Rooms that are read at the same time. */
const atOnce = 2;
const retryAfter = 10_000;
const sweepEvery = 30_000;
const activeEvery = 600_000;
/** Each room has a time of its own between these two. */
const quietEvery = { least: 64_800_000, most: 86_400_000 };
/** Where nothing is new, the time of the reading isn't written more often. */
const lastingFor = 3_600_000;
/** How far events may stand before the last reading's newest although they came after it. */
const disorder = 600_000;
/** Keys of deliveries are kept for 7 days: what is older can't be told from what is missing. */
const memory = 6 * 86_400_000;

/**
 * Reads the rooms of all portals at the start, those first in which something was said lately; after each gap; where
 * something goes on, some 10 minutes later; and each about once a day. Live traffic doesn't wait for it.
 */
export function createRoomCatchUp(options: RoomCatchUpOptions): RoomCatchUp {
  const state = new RoomCatchUpState(options);
  return {
    begin: () => void state.begin(),
    read: (portal) => state.read(portal),
    afterGap: () => state.afterGap(),
    active: (room) => void state.activeRooms.add(room),
    stop: () => state.stop(),
  };
}

class RoomCatchUpState {
  readonly activeRooms = new Set<string>();
  readonly #options: RoomCatchUpOptions;
  readonly #due = new Set<PortalId>();
  readonly #reading = new Set<PortalId>();
  /** When each was read last, and how long it may then be left alone. */
  readonly #last = new Map<PortalId, { readonly at: number; readonly quiet: number }>();
  readonly #refused = new Set<PortalId>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #stopped = new AbortController();

  constructor(options: RoomCatchUpOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    this.afterGap(); // while the bridge was away
    const lately = await this.#options.store.cursors.byActivity().catch(() => []); // then in any order
    this.#want([...lately, ...this.#options.store.portals.all().map(({ id }) => id)]);
    this.#later('sweep', sweepEvery, () => this.#sweep());
  }

  afterGap(): void {
    for (const wait of afterGaps) this.#later(`gap ${wait}`, wait, () => this.#readAll());
  }

  stop(): void {
    this.#stopped.abort(new Error('the bridge stops'));
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** One timer for each name: the newest. */
  #later(name: string, wait: number, work: () => void): void {
    clearTimeout(this.#timers.get(name));
    if (this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(name);
      work();
    }, wait).unref();
    this.#timers.set(name, timer);
  }

  #readAll(): void {
    this.#want(this.#options.store.portals.all().map(({ id }) => id));
  }

  /** New portals, and those whose time has come. */
  #sweep(): void {
    const now = Date.now();
    const due = this.#options.store.portals.all().filter(({ id, room }) => {
      const last = this.#last.get(id);
      return !last || now - last.at >= (this.activeRooms.has(room) ? activeEvery : last.quiet);
    });
    this.#want(due.map(({ id }) => id));
    this.#later('sweep', sweepEvery, () => this.#sweep());
  }

  #want(portals: readonly PortalId[]): void {
    for (const id of portals) this.#due.add(id);
    this.#next();
  }

  #next(): void {
    for (const id of this.#due) {
      if (this.#reading.size >= atOnce || this.#stopped.signal.aborted) return;
      if (this.#reading.has(id)) continue; // once more after this time
      this.#due.delete(id);
      this.#reading.add(id);
      void this.#tryToRead(id).finally(() => {
        this.#reading.delete(id);
        this.#next();
      });
    }
  }

  async #tryToRead(id: PortalId): Promise<void> {
    if (this.#options.isLeftOut(id)) return;
    try {
      await this.read(id);
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#options.metrics('matrix', 'failed', 0);
      this.#options.log.debug('a room could not be read, it will be again', { portal: id, error });
      this.#later(`portal ${id}`, retryAfter, () => this.#want([id]));
    }
  }

  async read(id: PortalId): Promise<void> {
    const portal = this.#options.store.portals.byId(id);
    if (portal?.status !== 'live' && portal?.status !== 'paused') return;
    const at = Date.now();
    this.activeRooms.delete(portal.room);
    await this.#readRoom(portal, at);
    const { least, most } = quietEvery;
    this.#last.set(id, { at, quiet: least + Math.random() * (most - least) });
  }

  async #readRoom({ id, room, since }: Portal, at: number): Promise<void> {
    const { store, readRoom, metrics, log } = this.#options;
    const { cursors } = store;
    const cursor = await cursors.room(id);
    const from = {
      after: cursor?.event,
      since: Math.max(cursor ? cursor.readAt - disorder : 0, tsToMillis(since), at - memory),
    };
    const reading = await readRoom(room, from, (keys) => cursors.knownDeliveries(keys), this.#stopped.signal);
    metrics('matrix', reading.outcome, reading.outcome === 'read' ? reading.found : 0);
    if (reading.outcome === 'refused') {
      if (!this.#refused.has(id)) log.warn('a room can’t be read', { room, reason: reading.reason });
      this.#refused.add(id);
      return;
    }
    this.#refused.delete(id);
    const { newest } = reading;
    if (newest === undefined || (newest === cursor?.event && at - cursor.readAt < lastingFor)) return;
    await cursors.setRoom(id, { event: newest, readAt: at });
  }
}
