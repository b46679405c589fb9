import type { SlackTeam } from '../portal/ports.ts';

/** Workspaces as they were found by their bot tokens, which are compared and never kept. */
export interface KnownTeams {
  /** Undefined: Slack never took this token. */
  find(token: string): Promise<SlackTeam | undefined>;
  remember(token: string, team: SlackTeam): Promise<void>;
}
