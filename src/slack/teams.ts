import { CannotBridge } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { SlackTeam } from '../portal/ports.ts';

/** A workspace as it was found at start, with what opens it. */
export interface ConnectedTeam {
  readonly team: SlackTeam;
  readonly botToken: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
}

/** The configured workspaces and how each of them fares. */
export interface Teams {
  all(): readonly SlackTeam[];
  get(team: TeamId): SlackTeam | undefined;
  has(team: string): boolean;
  botOf(team: TeamId): SlackUserId | undefined;
  /** Throws `CannotBridge` for a workspace that isn't configured (any more). */
  tokenOf(team: TeamId): string;
  /** A call with the workspace's token went through. */
  works(team: TeamId): void;
  /** The workspace can't be used; `why` is for people. */
  fails(team: TeamId, why: string): void;
  connected(): readonly ConnectedTeam[];
}

export function createTeams(connected: readonly ConnectedTeam[]): Teams {
  const byId = new Map<string, ConnectedTeam>(connected.map((each) => [each.team.id, each]));
  const troubles = new Map<TeamId, string>();

  function shown(team: SlackTeam): SlackTeam {
    const trouble = troubles.get(team.id);
    return trouble === undefined ? team : { ...team, trouble };
  }

  return {
    all: () => connected.map((each) => shown(each.team)),
    get: (team) => {
      const known = byId.get(team);
      return known && shown(known.team);
    },
    has: (team) => byId.has(team),
    botOf: (team) => byId.get(team)?.team.bot,
    tokenOf: (team) => {
      const known = byId.get(team);
      if (known === undefined)
        throw new CannotBridge(
          'unknown-team',
          `the Slack workspace ${team} is not configured in this bridge (slack.teams).`,
        );
      return known.botToken;
    },
    works: (team) => void troubles.delete(team),
    fails: (team, why) => void troubles.set(team, why),
    connected: () => connected,
  };
}
