import { CannotBridge, TryLater } from '../errors.ts';
import { isEmojiName } from '../format/emoji.ts';
import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { atMost } from './at-most.ts';
import type { CallSlack } from './calls.ts';
import { isFields } from './fields.ts';
import type { Fields } from './fields.ts';
import type { EmojiStore } from './ports.ts';
import { createRepeating, createTeamWork } from './repeating.ts';

/** The lists of workspaces' own emoji, read from Slack from time to time and kept in the store. */
export interface EmojiLists {
  /** The values of the names that the workspace has; see `EmojiStore`. */
  find(team: TeamId, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** An event told a change: a list that is being read may be older. With `whole` it is read again. */
  changed(team: TeamId, whole: boolean): void;
  begin(): void;
  /** A workspace has come, or come back. */
  join(team: TeamId): void;
  stop(): void;
}

export interface EmojiListsOptions {
  readonly call: CallSlack;
  readonly store: EmojiStore;
  readonly teams: readonly TeamId[];
  readonly log: Logger;
  /** Milliseconds, never going back. */
  readonly now?: () => number;
}

/** How often a list is read, in milliseconds: what no event told. */
const every = 60 * 60_000;
/** After a failure that may pass, in milliseconds. */
const again = 60_000;
/** How long a message with an unknown name waits for the first reading after a start, in milliseconds. */
const patience = 2_000;
/** When somebody uses a name that is unknown, the list is read again if that is so long ago, in milliseconds. */
const stale = 5 * 60_000;
/** So many names that nobody has are remembered for each workspace: the list is read again for each of them once. */
const mostMissed = 5000;

export function createEmojiLists(options: EmojiListsOptions): EmojiLists {
  const { call, store, teams, log, now = () => performance.now() } = options;
  const missed = createMissed();
  const changes = new Map<TeamId, number>();
  const refused = new Set<TeamId>();
  const readings = createTeamWork(teams, (team) => createRepeating(() => attempt(team), now));

  /** @returns how long until the next one. */
  async function attempt(team: TeamId): Promise<number> {
    try {
      await read(team);
      refused.delete(team);
      return every;
    } catch (error) {
      if (error instanceof TryLater) return Math.max(again, error.after ?? 0);
      if (!(error instanceof CannotBridge)) throw error;
      if (!refused.has(team))
        log.info('a workspace’s own emoji can’t be listed: they are shown by their names', {
          team,
          reason: error.reason,
        });
      refused.add(team);
      return every;
    }
  }

  /** Once more when an event changed something meanwhile. */
  async function read(team: TeamId): Promise<void> {
    const before = changes.get(team);
    const answer = await call({ team, method: 'emoji.list', effect: 'read', background: true, args: {} });
    if (changes.get(team) !== before) readings.of(team)?.now();
    else if (isFields(answer['emoji'])) await store.replace(team, listed(answer['emoji']));
  }

  return {
    async find(team, names) {
      const found = await store.find(team, names);
      const reading = readings.of(team);
      if (found.size === names.length || !reading) return found;
      const readAt = reading.doneAt();
      if (readAt === undefined) {
        await atMost(patience, reading.first);
        return store.find(team, names);
      }
      // an event may have been missed: it is known the next time
      const missing = names.filter((name) => !found.has(name));
      if (now() - readAt > stale && !refused.has(team) && missed.note(team, missing)) reading.now();
      return found;
    },
    changed(team, whole) {
      missed.forget(team);
      changes.set(team, (changes.get(team) ?? 0) + 1);
      if (whole) readings.of(team)?.now();
    },
    begin: () => readings.begin(),
    join: (team) => readings.join(team),
    stop: () => readings.stop(),
  };
}

/** Names that a workspace's list was read again for since it last changed. */
function createMissed() {
  const teams = new Map<TeamId, Set<string>>();
  return {
    /** Whether one of these names is new. */
    note(team: TeamId, names: readonly string[]): boolean {
      const before = teams.get(team) ?? new Set();
      const fresh = names.filter((name) => !before.has(name));
      if (before.size + fresh.length > mostMissed) before.clear();
      for (const name of fresh) before.add(name);
      teams.set(team, before);
      return fresh.length > 0;
    },
    forget: (team: TeamId) => teams.delete(team),
  };
}

/** What can be an emoji of the list that Slack gives. */
function listed(list: Fields): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(list).flatMap(([name, value]) =>
      isEmojiName(name) && typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}
