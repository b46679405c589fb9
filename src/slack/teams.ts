import { CannotBridge } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { SlackTeam } from '../portal/ports.ts';
import type { OAuthClient } from './settings.ts';

/** A workspace as it was found, with what opens it. */
export interface ConnectedTeam {
  readonly team: SlackTeam;
  readonly botToken: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** With it people can link their own accounts. */
  readonly client?: OAuthClient;
  /**
   * The installation by a link of the bridge that the token is of: the workspace's own, or its organisation's (`E…`).
   * Absent: it is configured.
   */
  readonly installation?: TeamId;
}

/** One for all workspaces of an organisation: calls say for which of them they are. */
export function isOrganisation(installation: TeamId | undefined): installation is TeamId {
  return installation?.startsWith('E') === true;
}

/** The workspaces of the configuration, those that the app was installed in, and how each of them fares. */
export interface Teams {
  all(): readonly SlackTeam[];
  get(team: TeamId): SlackTeam | undefined;
  has(team: string): boolean;
  botOf(team: TeamId): SlackUserId | undefined;
  /** Throws `CannotBridge` for a workspace that isn't configured (any more). */
  tokenOf(team: TeamId): string;
  installationOf(team: TeamId): TeamId | undefined;
  /** A workspace of ours that was installed with its organisation. */
  memberOf(organisation: string): TeamId | undefined;
  /** The workspace, and those whose token is the same. */
  sharing(team: TeamId): readonly TeamId[];
  /** The token of an installation, for all of its workspaces. */
  renewed(installation: TeamId, botToken: string): void;
  /** A call with the workspace's token went through. */
  works(team: TeamId): void;
  /** Tells of each workspace that answers after it was in doubt. One listener only. */
  onReached(listener: (team: TeamId) => void): void;
  /** A call found nobody who answers. That may be true of that call only: the workspace is asked. */
  unanswered(team: TeamId): void;
  /** Slack doesn't answer for the workspace; `why` is for people. No trouble: what waits goes on by itself. */
  away(team: TeamId, why: string): void;
  awayBecause(team: TeamId): string | undefined;
  /** The workspaces that haven't answered since then, in milliseconds since 1970, and that nobody doubts. */
  quietSince(moment: number): readonly TeamId[];
  /** The workspaces of which it isn't sure that they can be used. */
  doubtful(): readonly TeamId[];
  /** The workspace can't be used; `why` is for people. What is known already of its trouble stays. */
  fails(team: TeamId, why: string): void;
  connected(): readonly ConnectedTeam[];
  /** Adds a workspace, or takes what opens it now in the place of what did: it works. */
  join(team: ConnectedTeam): void;
}

/** Of a workspace that doesn't answer, for people. */
export const outOfReach = 'Slack can’t be reached for it. What is meant for Slack waits until it can.';

/** Of a workspace that its organisation took from the app, for people. */
export const notGranted =
  'its organisation doesn’t let the bridge’s Slack app into it any more. An administrator of the organisation can add the workspace to the app again.';

export function createTeams(atStart: readonly ConnectedTeam[]): Teams {
  const byId = new Map<string, ConnectedTeam>(atStart.map((each) => [each.team.id, each]));
  let connected = atStart;
  const { shown, ...health } = createHealth(atStart.map((each) => each.team.id));
  const put = (changed: readonly ConnectedTeam[]): void => {
    for (const each of changed) byId.set(each.team.id, each);
    connected = [...byId.values()];
  };
  const installedBy = (installation: TeamId | undefined): readonly ConnectedTeam[] =>
    installation === undefined ? [] : connected.filter((each) => each.installation === installation);

  return {
    ...health,
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
          `the Slack workspace ${team} is not one of this bridge’s (slack.teams, or “install”).`,
        );
      return known.botToken;
    },
    installationOf: (team) => byId.get(team)?.installation,
    memberOf: (organisation) => connected.find((each) => each.installation === organisation)?.team.id,
    sharing: (team) => {
      const together = installedBy(byId.get(team)?.installation).map((each) => each.team.id);
      return together.length > 0 ? together : [team];
    },
    renewed: (installation, botToken) =>
      put(installedBy(installation).map((each) => Object.assign({}, each, { botToken }))),
    connected: () => connected,
    join: (joining) => {
      put([joining]);
      health.works(joining.team.id);
    },
  };
}

type Health =
  'works' | 'onReached' | 'unanswered' | 'away' | 'awayBecause' | 'quietSince' | 'doubtful' | 'fails';

/** How each workspace fares; `shown` adds that to it. */
function createHealth(
  atStart: readonly TeamId[],
): Pick<Teams, Health> & { readonly shown: (team: SlackTeam) => SlackTeam } {
  const troubles = new Map<TeamId, string>();
  const unanswered = new Set<TeamId>();
  const away = new Map<TeamId, string>();
  let reached: ((team: TeamId) => void) | undefined;
  const workedAt = new Map<TeamId, number>(atStart.map((team) => [team, Date.now()]));
  return {
    shown: (team) => {
      const trouble = troubles.get(team.id);
      return trouble === undefined ? team : { ...team, trouble };
    },
    works: (team) => {
      workedAt.set(team, Date.now());
      troubles.delete(team);
      const doubted = unanswered.delete(team);
      if (away.delete(team) || doubted) reached?.(team);
    },
    onReached: (listener) => {
      reached = listener;
    },
    unanswered: (team) => void unanswered.add(team),
    away: (team, why) => void away.set(team, why),
    awayBecause: (team) => away.get(team),
    quietSince: (moment) =>
      [...workedAt].flatMap(([team, at]) =>
        at < moment && !troubles.has(team) && !unanswered.has(team) ? [team] : [],
      ),
    doubtful: () => [...new Set([...troubles.keys(), ...unanswered])],
    fails: (team, why) => void (troubles.has(team) || troubles.set(team, why)),
  };
}
