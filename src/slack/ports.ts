import type { TeamId } from '../ids.ts';
import type { SlackTeam } from '../portal/ports.ts';
import type { NamedPerson } from './people-names.ts';

/** Workspaces as they were found by their bot tokens, which are compared and never kept. */
export interface KnownTeams {
  /** Undefined: Slack never took this token. */
  find(token: string): Promise<SlackTeam | undefined>;
  remember(token: string, team: SlackTeam): Promise<void>;
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
