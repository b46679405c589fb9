import type { EventId } from '../ids.ts';
import type { Change, MessageLink } from '../portal/ports.ts';
import { applyToSubject, subjectKey } from './link-rows.ts';
import type { LinkRow, Subject } from './link-rows.ts';

/**
 * What is committed, as far as it was read lately. Another process may write to the same portal: an entry counts for 5 s
 * only. What this process commits is applied to it.
 */
export interface LinkCache {
  subject(key: string): Subject | undefined;
  /** The rows of an event; `undefined`: not known. */
  event(event: EventId): readonly LinkRow[] | undefined;
  fill(answer: LinkAnswer): void;
  committed(changes: readonly Change[]): void;
  forget(key: string): void;
}

/** What was asked for, and all that there is of it. */
export interface LinkAnswer {
  readonly keys: readonly string[];
  /** By `ts:<portal>:<ts>`. */
  readonly subjects: ReadonlyMap<string, Subject>;
  /** Which subjects have rows of an event, by `event:<id>`. */
  readonly events: ReadonlyMap<string, readonly string[]>;
}

const lifetime = 5000;
const capacity = 5000;

export function createLinkCache(now: () => number = () => performance.now()): LinkCache {
  const subjects = createShelf<Subject>(now);
  const events = createShelf<readonly string[]>(now);

  function noteEvent({ event, portal, ts }: MessageLink): void {
    const subject = subjectKey(portal, ts);
    events.change(`event:${event}`, (keys) => (keys.includes(subject) ? keys : [...keys, subject]));
  }

  function apply(change: Change): void {
    if (change.type === 'link') noteEvent(change.link);
    for (const key of touchedSubjects(change))
      subjects.change(key, (subject) => applyToSubject(subject, [change]));
    if (change.type !== 'deleted') return;
    // Another message is the newest of its thread now.
    subjects.deleteWhere(({ portal, latest }) => latest?.ts === change.ts && portal === change.portal);
  }

  return {
    subject: (key) => subjects.get(key),
    event(event) {
      const found = events.get(`event:${event}`)?.map((key) => subjects.get(key));
      if (!found?.every((subject) => subject !== undefined)) return undefined;
      return found.flatMap(({ links }) => links).filter(({ link }) => link.event === event);
    },
    fill(answer) {
      for (const [key, value] of answer.subjects) subjects.put(key, value);
      for (const [key, value] of answer.events) events.put(key, value);
    },
    committed: (changes) => changes.forEach(apply),
    forget(key) {
      subjects.delete(key);
      events.delete(key);
    },
  };
}

interface Shelf<Value> {
  get(key: string): Value | undefined;
  put(key: string, value: Value): void;
  /** Changes what is there, without making it younger. */
  change(key: string, to: (value: Value) => Value): void;
  delete(key: string): void;
  deleteWhere(condition: (value: Value) => boolean): void;
}

/** The last `capacity` values at most, each for `lifetime`. */
function createShelf<Value>(now: () => number): Shelf<Value> {
  const entries = new Map<string, { readonly value: Value; readonly at: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry && now() - entry.at < lifetime) return entry.value;
      entries.delete(key);
      return undefined;
    },
    put(key, value) {
      const at = now();
      entries.delete(key);
      entries.set(key, { value, at });
      // The first ones are the oldest. What nobody will be told any more goes: at a thousand messages a second it is much.
      for (const [oldest, entry] of entries) {
        if (entries.size <= capacity && at - entry.at < lifetime) break;
        entries.delete(oldest);
      }
    },
    change(key, to) {
      const entry = entries.get(key);
      if (entry) entries.set(key, { value: to(entry.value), at: entry.at });
    },
    delete: (key) => void entries.delete(key),
    deleteWhere(condition) {
      for (const [key, { value }] of entries) if (condition(value)) entries.delete(key);
    },
  };
}

function touchedSubjects(change: Change): readonly string[] {
  if (change.type === 'edited' || change.type === 'deleted' || change.type === 'grave')
    return [subjectKey(change.portal, change.ts)];
  if (change.type !== 'link') return [];
  const { portal, ts, threadTs } = change.link;
  const own = subjectKey(portal, ts);
  return threadTs === undefined ? [own] : [own, subjectKey(portal, threadTs)];
}
