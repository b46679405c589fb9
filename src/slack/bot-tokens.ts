import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Installation, Installations, KnownTeams, StoredToken } from './ports.ts';
import { createRenewals } from './renewals.ts';
import type { Teams } from './teams.ts';

/** The tokens of the bot. Those of installations by a link may end, and are renewed in time. */
export interface BotTokens {
  /** Throws `CannotBridge` for a workspace that isn't one of the bridge's, `TryLater` where its token can't be had now. */
  tokenOf(team: TeamId): string | Promise<string>;
  /** Slack refuses this token. Whether there is another one by now. Throws `TryLater`. */
  hasNext(team: TeamId, token: string): Promise<boolean>;
  /** An installation as it can be used now: with a token that lasts for a while. */
  readonly lasting: (installation: Installation) => Promise<Installation>;
}

export interface BotTokensOptions {
  readonly teams: Pick<Teams, 'tokenOf' | 'installationOf' | 'renewed'>;
  readonly installations: Pick<Installations, 'all' | 'renew'>;
  readonly known: Pick<KnownTeams, 'renewed'>;
  /** Gives the token after the one that this refresh token belongs to. Throws `CannotBridge` where Slack never will. */
  readonly renew: (refresh: string) => Promise<StoredToken>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export function createBotTokens(options: BotTokensOptions): BotTokens {
  const { teams, installations, known, log, now } = options;
  /** By installation. */
  const tokens = new Map<TeamId, StoredToken>();
  const renewals = createRenewals<TeamId>({
    keyOf: (team) => team,
    store: (team, next) => installations.renew(team, next),
    renew: (_team, refresh) => options.renew(refresh),
    failed: (team, error) => log.warn('the token of an installed app could not be renewed', { team, error }),
    ...(now && { now }),
  });

  /** The workspaces are remembered by their tokens. */
  async function use(team: TeamId, token: StoredToken, before: string): Promise<void> {
    tokens.set(team, token);
    if (token.access === before) return;
    teams.renewed(team, token.access);
    await known.renewed(before, token.access);
    log.info('the token of an installed app was renewed', { team });
  }

  async function lasting(team: TeamId, token: StoredToken): Promise<StoredToken> {
    const next = await renewals.lasting(team, token);
    await use(team, next, token.access);
    return next;
  }

  return {
    tokenOf: (team) => {
      const access = teams.tokenOf(team);
      const installation = teams.installationOf(team);
      const token = installation === undefined ? undefined : tokens.get(installation);
      if (installation === undefined || token?.access !== access || !renewals.isDue(token)) return access;
      return lasting(installation, token).then((next) => next.access);
    },
    hasNext: async (team, token) => {
      const installation = teams.installationOf(team);
      if (installation === undefined) return false;
      if (teams.tokenOf(team) !== token) return true;
      const stored = (await installations.all()).find((each) => each.team === installation)?.token;
      const next = stored?.access === token ? await renewals.replaced(installation, token) : stored;
      if (next === undefined || next.access === token) return false;
      await use(installation, next, token);
      return true;
    },
    lasting: async ({ team, token }) => ({ team, token: await lasting(team, token) }),
  };
}
