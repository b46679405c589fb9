import type { EventId, PortalId, Ts } from '../ids.ts';
import type { AttemptRecord, Change, LinkStore } from '../portal/ports.ts';
import { createLinkCache } from './link-cache.ts';
import type { LinkAnswer } from './link-cache.ts';
import { createLinkOverlay } from './link-overlay.ts';
import type { LinkOverlay } from './link-overlay.ts';
import { readSubjects } from './link-queries.ts';
import { applyToRows, applyToSubject, reactionKey, standing, subjectKey } from './link-rows.ts';
import type { LinkRow, Subject } from './link-rows.ts';
import {
  applyToReactions,
  applyToRelated,
  readAttempt,
  readReactionChange,
  readReactions,
  readRelated,
} from './message-queries.ts';
import type { Reader } from './reader.ts';

/** The look-ups, and how the writer keeps them in step. */
export interface Links {
  readonly store: LinkStore;
  /** Look-ups see it from now on. */
  remember(change: Change): void;
  /** It will not be committed. */
  drop(changes: readonly Change[]): void;
  committed(changes: readonly Change[]): void;
  /** Before something is asked of the database: what is committed until the answer is here may be missing in it. */
  watch(): LinkWatch;
  /** Somebody was told that the message isn't there, and it is: what is in memory is old. */
  forget(key: string): void;
  /** An attempt that was committed. */
  begun(opKey: string, record: AttemptRecord): void;
}

export interface LinkWatch {
  /** Puts the answer into memory, in step with what was committed meanwhile. */
  fill(answer: LinkAnswer): void;
  /** What was committed meanwhile. */
  stop(): readonly Change[];
}

export function createLinks(reader: Reader): Links {
  const overlay = createLinkOverlay();
  const cache = createLinkCache();
  const watchers = new Set<Change[]>();
  const attempts = createAttemptMemory();

  function watch(): LinkWatch {
    const changes: Change[] = [];
    watchers.add(changes);
    const stop = (): readonly Change[] => {
      watchers.delete(changes);
      return changes;
    };
    const fill = (answer: LinkAnswer): void => {
      cache.fill(answer);
      cache.committed(stop());
    };
    return { fill, stop };
  }

  const look = createLook(reader, watch);

  async function subject(portal: PortalId, ts: Ts): Promise<Subject> {
    const key = subjectKey(portal, ts);
    if (!cache.subject(key)) await look(key);
    const known = cache.subject(key) ?? { portal, ts, links: [], grave: false };
    return applyToSubject(known, overlay.ofPortal(portal));
  }

  async function rowsOf(event: EventId): Promise<readonly LinkRow[]> {
    if (!cache.event(event)) await look(`event:${event}`);
    const known = cache.event(event) ?? [];
    const links = [...known.map(({ link }) => link), ...overlay.linksOf(event)];
    const changes = [...new Set(links.map(({ portal }) => portal))].flatMap((portal) =>
      overlay.ofPortal(portal),
    );
    return applyToRows(known, changes).filter(({ link }) => link.event === event);
  }

  return {
    store: {
      ...messageLookups({ subject, rowsOf, overlay }),
      ...reactionLookups({ reader, watch, overlay }),
      attemptByKey: async (opKey) => attempts.get(opKey) ?? readAttempt(reader, opKey),
    },
    remember: (change) => overlay.add(change),
    drop: (changes) => overlay.remove(changes),
    committed(changes) {
      for (const watcher of watchers) watcher.push(...changes);
      cache.committed(changes);
      overlay.remove(changes);
    },
    watch,
    forget: (key) => cache.forget(key),
    begun: (opKey, record) => attempts.put(opKey, record),
  };
}

const attemptsInMemory = 5000;

/** The last attempts of this process: their echoes come soon. */
function createAttemptMemory() {
  const attempts = new Map<string, AttemptRecord>();
  return {
    get: (opKey: string) => attempts.get(opKey),
    put(opKey: string, record: AttemptRecord) {
      attempts.set(opKey, record);
      const oldest = attempts.size > attemptsInMemory ? attempts.keys().next() : undefined;
      if (oldest && !oldest.done) attempts.delete(oldest.value);
    },
  };
}

/** Look-ups of one moment are one statement. */
function createLook(reader: Reader, watch: () => LinkWatch): (key: string) => Promise<void> {
  let next: { readonly keys: Set<string>; readonly done: Promise<void> } | undefined;
  async function ask(keys: ReadonlySet<string>): Promise<void> {
    await Promise.resolve();
    next = undefined;
    const watched = watch();
    try {
      watched.fill(await readSubjects(reader, [...keys]));
    } finally {
      watched.stop();
    }
  }
  return (key) => {
    if (!next) {
      const keys = new Set<string>();
      next = { keys, done: ask(keys) };
    }
    next.keys.add(key);
    return next.done;
  };
}

interface Lookups {
  readonly subject: (portal: PortalId, ts: Ts) => Promise<Subject>;
  readonly rowsOf: (event: EventId) => Promise<readonly LinkRow[]>;
  readonly overlay: LinkOverlay;
}

function messageLookups({ subject, rowsOf, overlay }: Lookups) {
  return {
    byTs: async (portal, ts) => standing((await subject(portal, ts)).links),
    byEvent: async (event) => standing(await rowsOf(event)).toSorted((a, b) => a.piece - b.piece),
    async latestInThread(portal, root) {
      const { latest, links } = await subject(portal, root);
      const gone = overlay
        .ofPortal(portal)
        .some((change) => change.type === 'deleted' && change.ts === latest?.ts);
      return (gone ? undefined : latest) ?? standing(links).find(({ event }) => event !== undefined);
    },
    hasGrave: async (portal, ts) => (await subject(portal, ts)).grave,
    isDeleted: async (portal, ts) => allDeleted((await subject(portal, ts)).links),
    isDeletedEvent: async (event) => allDeleted(await rowsOf(event)),
  } satisfies Partial<LinkStore>;
}

function allDeleted(rows: readonly LinkRow[]): boolean {
  return rows.length > 0 && rows.every(({ deleted }) => deleted);
}

interface DirectLookups {
  readonly reader: Reader;
  readonly watch: () => LinkWatch;
  readonly overlay: LinkOverlay;
}

/** Of what is asked seldom: always of the database, with what isn't in its answer yet. */
function reactionLookups({ reader, watch, overlay }: DirectLookups) {
  async function withChanges<T>(query: () => Promise<T>): Promise<readonly [T, readonly Change[]]> {
    const watched = watch();
    try {
      const rows = await query();
      return [rows, [...watched.stop(), ...overlay.all()]];
    } finally {
      watched.stop();
    }
  }

  return {
    async reactionByEvent(event) {
      const [rows, changes] = await withChanges(() => readReactions(reader, { event }));
      return applyToReactions(rows, changes, (reaction) => reaction.event === event)[0];
    },
    async reactions(portal, ts, name) {
      const [rows, changes] = await withChanges(() => readReactions(reader, { portal, ts }));
      const all = applyToReactions(
        rows,
        changes,
        (reaction) => reaction.portal === portal && reaction.ts === ts,
      );
      return name === undefined ? all : all.filter((reaction) => reaction.name === name);
    },
    async reactionChangedAt(reaction) {
      const [stored, changes] = await withChanges(() => readReactionChange(reader, reaction));
      const key = reactionKey(reaction);
      const times = changes.flatMap((change) =>
        change.type === 'reaction-changed' && reactionKey(change) === key ? change.at : [],
      );
      return [stored ?? '', ...times].toSorted().at(-1) || undefined;
    },
    async related(portal, ts) {
      const [rows, changes] = await withChanges(() => readRelated(reader, portal, ts));
      return applyToRelated(rows, changes, portal, ts);
    },
  } satisfies Partial<LinkStore>;
}
