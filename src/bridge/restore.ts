import { setTimeout as sleep } from 'node:timers/promises';
import { CannotBridge } from '../errors.ts';
import { ts } from '../ids.ts';
import type { EventId, PortalId, Ts } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { Portal, SlackPort } from '../portal/ports.ts';
import type { Item } from '../queue/ports.ts';
import { earlier } from '../slack/catch-up-compare.ts';
import { catchUp } from '../slack/catch-up.ts';
import type { CatchUpParts, Reading } from '../slack/catch-up.ts';
import type { Store } from '../store/open-store.ts';
import { foundAgain } from './restore-links.ts';
import { findDeeds } from './restore-posts.ts';
import { takeBackReactions } from './restore-reactions.ts';
import type { BotReaction } from './restore-reactions.ts';
import { createTrace } from './restore-trace.ts';
import type { Trace } from './restore-trace.ts';

export interface RestoreOptions {
  readonly store: Pick<Store, 'bridgeId' | 'restored' | 'portals' | 'puppets' | 'links' | 'cursors'>;
  readonly matrix: Pick<MatrixAdapter, 'port' | 'shownRoom'>;
  /** How Slack's history is read. */
  readonly slack: CatchUpParts;
  /** Brings what the room has and isn't known. Throws `TryLater`. */
  readonly readRoom: (portal: PortalId) => Promise<void>;
  /** Both sides are compared, as far as their histories show. */
  readonly compared: (portal: PortalId) => void;
  readonly unreact: SlackPort['unreact'];
  readonly opKey: (event: EventId, piece: number) => string;
  readonly log: Logger;
}

/** What the bridge finds out after a backup of its database was restored. */
export interface Restore {
  /** Until the portal's both sides are compared its items wait. Never rejects. */
  holdBack(item: Item): Promise<void> | undefined;
  /** Whether the portal isn't compared yet. */
  isPending(portal: PortalId): boolean;
  start(): void;
  stop(): void;
}

const second = 1000;
const day = 86_400 * second;
/** Clocks differ, and the moment of the backup is known to about ten seconds. */
const margin = 120 * second;
/** Roots of threads, and what was edited, deleted or reacted to, may be so much older than the backup. */
const older = 7 * day;
const retryAfter = 5 * second;

/** Throws `TryLater` when the database can't be asked. */
export async function openRestore(options: RestoreOptions): Promise<Restore> {
  const state = new RestoreState(options, await options.store.restored.pending());
  return {
    holdBack: (item) => state.waits.get(portalOf(item))?.over.promise,
    isPending: (portal) => state.waits.has(portal),
    start: () => void state.run(),
    stop: () => state.stopped.abort(new Error('the bridge stops')),
  };
}

function portalOf({ lane }: Item): PortalId | undefined {
  const id = /^portal:(\d+):(?:slack|matrix|votes)$/.exec(lane)?.[1];
  return id === undefined ? undefined : (Number(id) as PortalId); // as the store named the lane
}

interface Wait {
  /** The moment of the backup, in milliseconds since 1970. */
  readonly at: number;
  readonly over: PromiseWithResolvers<void>;
}

class RestoreState {
  readonly stopped = new AbortController();
  readonly waits: Map<PortalId | undefined, Wait>;
  readonly #options: RestoreOptions;

  constructor(options: RestoreOptions, pending: ReadonlyMap<PortalId, number>) {
    this.#options = options;
    this.waits = new Map(
      [...pending].map(([portal, at]) => [portal, { at, over: Promise.withResolvers<void>() }]),
    );
  }

  /** One portal after the other; those that can't be compared now come again. */
  async run(): Promise<void> {
    const { log, store } = this.#options;
    while (this.waits.size > 0 && !this.stopped.signal.aborted) {
      for (const [id, { at, over }] of this.waits) {
        const portal = id === undefined ? undefined : store.portals.byId(id);
        try {
          if (portal) await this.#compare(portal, at);
          if (portal) this.#options.compared(portal.id);
          if (id !== undefined) await store.restored.done(id);
          this.waits.delete(id);
          over.resolve();
        } catch (error) {
          if (this.stopped.signal.aborted) return;
          log.warn('a portal can’t be compared with its backup yet', { portal: id, error });
        }
      }
      const { signal } = this.stopped;
      if (this.waits.size > 0)
        await sleep(retryAfter, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #compare(portal: Portal, at: number): Promise<void> {
    const { store, slack, log, readRoom } = this.#options;
    const { signal } = this.stopped;
    const moment = ts(`${Math.floor(at / second)}.000000`);
    let reactions: readonly BotReaction[] = [];
    try {
      const { found, reactions: given } = await this.#find(portal, at, moment);
      reactions = given;
      await store.restored.learn(found);
      // what is missing, and what is known by now and isn't there any more
      const all = { ...readingFrom(moment), repliesFrom: earlier(moment, older) };
      await catchUp(slack, portal, all, { signal });
      const counts = { messages: found.links.length, reactions: found.reactions.length };
      log.info('a portal was compared with its backup', { room: portal.room, ...counts });
    } catch (error) {
      if (!(error instanceof CannotBridge)) throw error;
      const fields = { room: portal.room, reason: error.message };
      log.warn('a portal can’t be compared with its backup: what it did since may be done twice', fields);
    }
    await readRoom(portal.id);
    await this.#takeBack(portal, reactions);
  }

  /** After the room was read: whose reaction is taken back from now on is known. */
  async #takeBack(portal: Portal, reactions: readonly BotReaction[]): Promise<void> {
    const { store, matrix, unreact } = this.#options;
    const { links } = store;
    await takeBackReactions({ links, shownRoom: matrix.shownRoom, unreact }, portal, reactions);
  }

  async #find(portal: Portal, at: number, moment: Ts) {
    const { store, matrix, slack, opKey } = this.#options;
    const { signal } = this.stopped;
    const trace = await this.#trace(portal, at);
    const linked = store.puppets.all().filter(({ team }) => team === portal.channels[0].team);
    const { posts, shares, reactions } = await findDeeds(slack, portal, readingFrom(moment), {
      personOf: (account) => linked.find(({ slackUser }) => slackUser === account)?.matrixUser,
      signal,
    });
    const found = await foundAgain({
      portal,
      trace,
      posts,
      shares,
      opKey,
      matrix: matrix.port,
      links: store.links,
    });
    return { found, reactions };
  }

  /** What the room shows since its last reading before the backup, and the events of what waited at that moment. */
  async #trace(portal: Portal, at: number): Promise<Trace> {
    const { store, matrix } = this.#options;
    const { bridgeId, cursors, restored } = store;
    const trace = createTrace({
      portal: portal.id,
      room: portal.room,
      bridgeId,
      isOurs: (user) => matrix.port.isOurs(user),
    });
    const cursor = await cursors.room(portal.id);
    const from = { after: cursor?.event, since: Math.min(at, cursor?.readAt ?? at) - margin };
    const seen = new Set<string>();
    const visit: Parameters<MatrixAdapter['shownRoom']['events']>[2] = (events) => {
      for (const event of events) {
        seen.add(String(event['event_id']));
        trace.add(event);
      }
    };
    await matrix.shownRoom.events(portal.room, from, visit, this.stopped.signal);
    for (const event of await restored.waitingEvents(portal.id)) {
      const waiting = seen.has(event) ? undefined : await matrix.shownRoom.event(portal.room, event);
      if (waiting) trace.add(waiting);
    }
    return trace;
  }
}

function readingFrom(moment: Ts): Reading {
  return {
    from: earlier(moment, older),
    repliesFrom: earlier(moment, margin),
    threadsSince: earlier(moment, 30 * day),
  };
}
