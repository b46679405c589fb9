import type { SlackPlace } from '../events.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { SlackTeam } from '../portal/ports.ts';
import type { NamedPerson } from './people-names.ts';

/** Workspaces as they were found by their bot tokens, which are compared and never kept. */
export interface KnownTeams {
  /** Several for the token of an organisation; none: Slack never took this token. */
  find(token: string): Promise<readonly SlackTeam[]>;
  /** `isShared`: the token opens other workspaces of its organisation, too. */
  remember(token: string, team: SlackTeam, isShared?: boolean): Promise<void>;
  /** Another token opens now what this one did. */
  renewed(token: string, next: string): Promise<void>;
}

/** A workspace that somebody installed the app in, by a link of the bridge, or an organisation (`E…`) with several. */
export interface Installation {
  readonly team: TeamId;
  readonly token: StoredToken;
}

/** What is kept of them, by all processes. */
export interface Installations {
  all(): Promise<readonly Installation[]>;
  /** In the place of the workspace's earlier one. */
  save(team: TeamId, token: StoredToken): Promise<void>;
  /** As `PuppetTokens.renew`; undefined: nobody installed it there. */
  renew(
    team: TeamId,
    next: (stored: StoredToken) => Promise<StoredToken | undefined>,
  ): Promise<StoredToken | undefined>;
  /** Tells all processes to look at the workspaces of organisations again. */
  touch(): Promise<void>;
  /** One listener only: another process, or this one, may have saved one. */
  whenChanged(listener: () => void): void;
}

/**
 * Workspaces' own emoji: the value of a name is the address of a picture, or `alias:` and another name. Names and values
 * that can't be kept are left out.
 */
export interface EmojiStore {
  find(team: TeamId, names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The names whose value is one of these. */
  named(team: TeamId, values: readonly string[]): Promise<readonly string[]>;
  /** An event told a change. */
  change(
    team: TeamId,
    change: { readonly put?: ReadonlyMap<string, string>; readonly remove?: readonly string[] },
  ): Promise<void>;
  /** All that the workspace has now. What an event changed in the last minute stays: the list may be older. */
  replace(team: TeamId, all: ReadonlyMap<string, string>): Promise<void>;
}

/** People that the bridge met before this start. */
export interface KnownPeople {
  /** Those met last, latest last: as many as are worth remembering. */
  named(): Promise<readonly NamedPerson[]>;
}

/** What opens an account, a person's or the bot's. Never logged, never part of an error or an address. */
export interface StoredToken {
  readonly access: string;
  /** Gives the next token, once. */
  readonly refresh?: string;
  /** Milliseconds since 1970; absent: it doesn't end by itself. */
  readonly expiresAt?: number;
}

/** The tokens of linked people, of all processes. All throw `TryLater` while the database is out of reach. */
export interface PuppetTokens {
  /** Undefined: the person isn't linked. */
  tokenOf(team: TeamId, user: SlackUserId): Promise<StoredToken | undefined>;
  /**
   * Asks `next` for the token after the one that is stored by now, one process at a time, and stores it before anybody
   * uses it. Where `next` gives none, that one stays. Resolves with what is stored then; undefined: the person isn't linked.
   */
  renew(
    team: TeamId,
    user: SlackUserId,
    next: (stored: StoredToken) => Promise<StoredToken | undefined>,
  ): Promise<StoredToken | undefined>;
  /** It can't be used any more, and its person is to be told why; undefined: it can. What is so already stays. */
  setTrouble(team: TeamId, user: SlackUserId, why: string | undefined): Promise<void>;
  /** Slack doesn't let the bridge do something as them, and they are to be told so. False: that was known. */
  setLacking(team: TeamId, user: SlackUserId, scope: string, words: string): Promise<boolean>;
  /** Tells of each login that changed, in whichever process; the listener must not throw. */
  whenChanged(listener: (team: TeamId, user: SlackUserId) => void): void;
}

/** Through whom channels are read that the bot isn't in. Asks nobody. */
export interface ChannelReaders {
  /** Undefined: the bot reads it. Else linked people who can, whoever is best first; none: nobody can now. */
  of(place: SlackPlace): readonly SlackUserId[] | undefined;
  /** Slack doesn't show it to this person any more. */
  lost(place: SlackPlace, user: SlackUserId): void;
}
