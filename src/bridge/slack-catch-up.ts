import { CannotBridge, TryLater } from '../errors.ts';
import { ts as tsId } from '../ids.ts';
import type { PortalId, TeamId, Ts } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { CatchUpStore, HistoryCursor, Place } from '../portal/catch-up-ports.ts';
import type { Portal } from '../portal/ports.ts';
import type { Item } from '../queue/ports.ts';
import { atMost } from '../slack/at-most.ts';
import { earlier } from '../slack/catch-up-compare.ts';
import { catchUp, settlesAfter } from '../slack/catch-up.ts';
import type { CatchUpParts, Read, Reading } from '../slack/catch-up.ts';
import type { Connected } from '../slack/transport.ts';
import type { Portals } from '../store/portals.ts';
import { Holds, slackLane } from './slack-holds.ts';

export interface SlackCatchUpOptions {
  readonly parts: CatchUpParts;
  readonly store: CatchUpStore;
  readonly portals: Pick<Portals, 'all' | 'byId' | 'whenLive'>;
  /** The workspaces whose events come now. */
  readonly hearing: () => readonly TeamId[];
  /** How far back edits, deletes and reactions are looked for, in days. */
  readonly days: number;
  /** How often each portal is read without a reason, in hours. */
  readonly sweepHours: number;
  /** A whole pass is over: the portal is to look at what the channel shows of itself, whenever that can be. */
  readonly look: (portal: Portal) => void;
  readonly count: (outcome: 'read' | 'refused' | 'failed') => void;
  readonly log: Logger;
}

/** Why a channel's history is read. */
type Cause = 'start' | 'gap' | 'rate-limited' | 'live' | 'sweep' | 'handled' | 'restored' | 'undecided';

/** Brings what Slack's events did not. */
export interface SlackCatchUp {
  /** Events come again: what was written before may have been missed. */
  readonly connected: Connected;
  /** Slack says that it keeps events of a workspace from us. */
  missed(team: TeamId): void;
  /**
   * What happened in Slack by now was compared with a restored backup. Slack may tell of it again, without what followed:
   * that it had told before the database was put back. Each time that it does, the channel is read once more.
   */
  compared(portal: PortalId): void;
  /** What the worker's next item waits for before it is handled, if anything: older messages that are being fetched. */
  holdBack(item: Item): Promise<void> | undefined;
  stop(): Promise<void>;
}

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
/** What is read again of the time before the last message that was read. */
const overlap = hour;
/** Threads in which nobody wrote for so long are left alone. */
const activeFor = 30 * day;
const tickEvery = 3 * second;
/** Slack tells once a minute that it keeps events back. The last minute of it is over then. */
const afterLimit = 90 * second;
/** What Slack tells again comes with more of it. */
const afterToldAgain = 10 * second;
const shortestPause = 5 * second;
const longestPause = 60 * second;
const stopWithin = second;

/** A portal that is to be read: first from the newest message of the last reading on, then what is older. */
interface Need {
  readonly cause: Cause;
  /** What is left to read, after the recent part. */
  readonly older?: Reading;
  /**
   * What waited when the reading began. That somebody took back a reaction, or deleted the only reply of a thread, is
   * found in the history when the reaction or the reply is known: these are handled first, then all is read once more.
   */
  readonly waiting?: Place;
  readonly failures: number;
  readonly notBefore: number;
}

/** Begins when `connected` is called. Throws `TryLater` when the database can't be asked. */
export async function startSlackCatchUp(options: SlackCatchUpOptions): Promise<SlackCatchUp> {
  const cursors = new Map(await options.store.cursors());
  const state = new CatchUpState(options, cursors);
  return {
    connected: (teams, away) => void state.connected(teams, away),
    missed: (team) => state.missed(team),
    compared: (portal) => state.compared(portal),
    holdBack: (item) => state.holdBack(item),
    stop: () => state.stop(),
  };
}

class CatchUpState {
  readonly holds: Holds;
  readonly #options: SlackCatchUpOptions;
  readonly #cursors: Map<PortalId, HistoryCursor>;
  readonly #needs = new Map<PortalId, Need>();
  readonly #running = new Map<PortalId, Promise<void>>();
  readonly #workers = new Map<TeamId, Promise<void>>();
  readonly #refused = new Map<PortalId, string>();
  /** By lane: up to when the channel was compared with a backup. */
  readonly #compared = new Map<string, { readonly portal: PortalId; readonly upTo: Ts }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  readonly #ticking: NodeJS.Timeout;

  constructor(options: SlackCatchUpOptions, cursors: Map<PortalId, HistoryCursor>) {
    this.#options = options;
    this.#cursors = cursors;
    this.holds = new Holds((portal) => void this.#run(portal));
    options.portals.whenLive((portal) => this.#need(portal, 'live'));
    this.#ticking = setInterval(() => void this.#tick(), tickEvery);
  }

  async connected(teams: readonly TeamId[], away: number | undefined): Promise<void> {
    const at = Date.now();
    for (const team of teams) {
      const cause = away === undefined ? 'start' : 'gap';
      for (const { id } of this.#portalsOf(team)) {
        this.#need(id, cause);
        this.holds.add(id, at);
      }
      if (!this.#workers.has(team)) this.#workers.set(team, this.#work(team));
      const { store } = this.#options;
      // unknown counts as long: a first start has nothing to wait for, and waiting costs two seconds
      const ago = away ?? (await store.heardAgo(team).catch(() => undefined)) ?? Infinity;
      if (!this.holds.isWorth(ago)) for (const { id } of this.#portalsOf(team)) this.holds.end(id);
    }
  }

  missed(team: TeamId): void {
    const all = (): void => {
      for (const { id } of this.#portalsOf(team)) this.#need(id, 'rate-limited');
    };
    all();
    this.#after(afterLimit, all);
  }

  #after(milliseconds: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, milliseconds);
    this.#timers.add(timer);
  }

  compared(portal: PortalId): void {
    this.#compared.set(slackLane(portal), { portal, upTo: tsId((Date.now() / second).toFixed(6)) });
    this.#toldAgain(portal);
  }

  holdBack(item: Item): Promise<void> | undefined {
    const compared = this.#compared.get(item.lane);
    if (compared && item.srcTs < compared.upTo) this.#toldAgain(compared.portal);
    return this.holds.of(item);
  }

  #toldAgain(portal: PortalId): void {
    this.#again(portal, 'restored', Date.now() + afterToldAgain);
  }

  #again(portal: PortalId, cause: Cause, notBefore?: number): void {
    const need = this.#needs.get(portal);
    if (need && need.older === undefined && need.cause !== 'handled') return; // it hasn't begun
    this.#need(portal, cause, notBefore);
  }

  async stop(): Promise<void> {
    clearInterval(this.#ticking);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stopping.abort(new TryLater('the bridge stops'));
    this.#wakeUp();
    // a call under way, or a database that is away, keeps nobody from stopping: what comes of it is found again
    const ended = [this.#hears(), ...this.#workers.values(), ...this.#running.values()];
    await atMost(stopWithin, Promise.all(ended));
  }

  #portalsOf(team: TeamId): readonly Portal[] {
    const { portals } = this.#options;
    return portals.all().filter((portal) => portal.channels[0].team === team && isRead(portal));
  }

  #need(portal: PortalId, cause: Cause, notBefore = 0): void {
    this.#needs.set(portal, { cause, failures: 0, notBefore });
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  async #tick(): Promise<void> {
    this.#wakeUp();
    await this.#hears();
  }

  /** The next start, should it be soon, knows that nothing was missed for long. */
  async #hears(): Promise<void> {
    const teams = this.#options.hearing();
    if (teams.length > 0) await this.#options.store.hears(teams).catch(() => undefined);
  }

  async #work(team: TeamId): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const wake = this.#wake.promise;
      const next = this.#next(team) ?? (await this.#nextSweep(team));
      if (next === undefined) await wake;
      else await this.#run(next);
    }
  }

  /** What is recent comes before what is older, wherever it is. */
  #next(team: TeamId): PortalId | undefined {
    const now = Date.now();
    const ready = this.#portalsOf(team).flatMap(({ id }) => {
      const need = this.#needs.get(id);
      return need && need.notBefore <= now && !this.#running.has(id) ? [{ id, ...need }] : [];
    });
    return (ready.find(({ older }) => older === undefined) ?? ready[0])?.id;
  }

  async #nextSweep(team: TeamId): Promise<PortalId | undefined> {
    const every = this.#options.sweepHours * hour;
    const due = Date.now() - every;
    for (const { id } of this.#portalsOf(team)) {
      const { sweptAt = 0, ...cursor } = this.#cursors.get(id) ?? {};
      if (sweptAt > due || this.#needs.has(id) || this.#stopping.signal.aborted) continue;
      this.#cursors.set(id, { ...cursor, sweptAt: Date.now() });
      const taken = await this.#options.store.takeSweep(id, every).catch(() => false);
      if (!taken) continue;
      this.#need(id, 'sweep');
      return id;
    }
    return undefined;
  }

  #run(id: PortalId): Promise<void> {
    const running = this.#running.get(id);
    if (running) return running;
    const started = this.#attempt(id).finally(() => this.#running.delete(id));
    this.#running.set(id, started);
    return started;
  }

  async #attempt(id: PortalId): Promise<void> {
    const need = this.#needs.get(id);
    const portal = this.#options.portals.byId(id);
    if (need === undefined || portal === undefined || !isRead(portal)) return;
    this.#needs.delete(id);
    try {
      const next = await this.#step(portal, need);
      if (next && !this.#needs.has(id)) this.#needs.set(id, next);
    } catch (error) {
      this.#failed(id, need, error);
    } finally {
      this.holds.end(id);
    }
  }

  /** Resolves with what is left to be done. */
  async #step(portal: Portal, need: Need): Promise<Need | undefined> {
    const { cause, waiting } = need;
    const { store } = this.#options;
    if (need.older) {
      await this.#older(portal, need.older);
      return waiting && { cause: 'handled', waiting, failures: 0, notBefore: Date.now() + tickEvery };
    }
    if (cause === 'handled') {
      if (waiting && (await store.isWaiting(portal.id, waiting))) return { ...need, ...laterThan(need) };
      return { cause, older: await this.#recent(portal, cause), failures: 0, notBefore: 0 };
    }
    const before = await store.waitingUpTo(portal.id);
    const older = await this.#recent(portal, cause);
    return { ...need, older, ...(before && { waiting: before }), failures: 0 };
  }

  /** Resolves with what is left to be read. */
  async #recent(portal: Portal, cause: Cause): Promise<Reading> {
    const { since } = portal;
    const cursor = this.#cursors.get(portal.id)?.historyTs ?? since;
    const back = (milliseconds: number): Ts => {
      const ts = earlier(cursor, milliseconds);
      return ts > since ? ts : since;
    };
    const from = back(overlap);
    const repliesFrom = back(this.#options.days * day);
    const held = (): void => this.holds.end(portal.id);
    const patience = { signal: this.#stopping.signal, held };
    const { parts, log } = this.#options;
    log.debug('a channel’s history is read', { portal: portal.id, cause });
    const read = await catchUp(parts, portal, { from, repliesFrom }, patience);
    await this.#remember(portal.id, read);
    const threadsSince = back(activeFor);
    return { from: repliesFrom, to: from, repliesFrom, threadsSince, except: read.threads };
  }

  async #older(portal: Portal, reading: Reading): Promise<void> {
    const { parts, store, count, log } = this.#options;
    const patience = { signal: this.#stopping.signal };
    const { stored, undecided } = await catchUp(parts, portal, reading, patience);
    if (undecided) this.#settle(portal.id);
    this.#options.look(portal);
    if (stored > 0) log.info('history told what events had not', { portal: portal.id, stored });
    await store.takeSweep(portal.id, 0);
    this.#cursors.set(portal.id, { ...this.#cursors.get(portal.id), sweptAt: Date.now() });
    this.#refused.delete(portal.id);
    count('read');
  }

  #settle(id: PortalId): void {
    this.#after(settlesAfter, () => this.#again(id, 'undecided'));
  }

  async #remember(id: PortalId, { newest, stored, undecided }: Read): Promise<void> {
    if (undecided) this.#settle(id);
    if (stored > 0) this.#options.log.info('history told what events had not', { portal: id, stored });
    if (newest === undefined) return;
    await this.#options.store.readUpTo(id, newest);
    const { historyTs = newest, ...cursor } = this.#cursors.get(id) ?? {};
    this.#cursors.set(id, { ...cursor, historyTs: historyTs > newest ? historyTs : newest });
  }

  /** Slack's refusals last: the next sweep asks again. Anything else is tried again soon. */
  #failed(id: PortalId, need: Need, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    const { count, log } = this.#options;
    const refused = error instanceof CannotBridge;
    count(refused ? 'refused' : 'failed');
    if (refused) {
      if (this.#refused.get(id) !== error.reason)
        log.warn('Slack does not show a channel’s history', { portal: id, reason: error.reason });
      this.#refused.set(id, error.reason);
      return;
    }
    if (error instanceof TryLater) log.debug('a channel’s history will be read later', { portal: id, error });
    else log.warn('a channel’s history could not be read', { portal: id, error });
    if (!this.#needs.has(id)) this.#needs.set(id, { ...need, ...laterThan(need) });
  }
}

function laterThan({ failures }: Need): Pick<Need, 'failures' | 'notBefore'> {
  const pause = Math.min(longestPause, shortestPause * 2 ** failures);
  return { failures: failures + 1, notBefore: Date.now() + pause };
}

function isRead({ status }: Portal): boolean {
  return status === 'live' || status === 'paused';
}
