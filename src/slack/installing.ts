import { CannotBridge, CannotStart, TryLater } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import { teamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { SlackTeam } from '../portal/ports.ts';
import { connectTeam } from './connect-team.ts';
import { entryOf } from './connect-teams.ts';
import { failureOf } from './failures.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import { slacksOwn } from './oauth.ts';
import type { Installation, Installations, KnownTeams } from './ports.ts';
import { optionalScopes, requiredScopes } from './scopes.ts';
import type { AppSettings, SlackSettings } from './settings.ts';
import type { ConnectedTeam, Teams } from './teams.ts';
import { createWebApi } from './web-api.ts';
import type { WebApi } from './web-api.ts';

/**
 * Installing the app in workspaces by OAuth v2, beside those of the configuration.
 *
 * @see https://docs.slack.dev/authentication/installing-with-oauth
 */
export interface Installing {
  /** Whether there is an app that can be installed: `slack.client_id` and what belongs to it is configured. */
  configured(): boolean;
  /** What the app asks for. */
  readonly scopes: readonly string[];
  /** The address of Slack's question. Throws `CannotBridge` where there is no app. */
  authorizeUrl(state: string, redirectUri: string): string;
  /**
   * Changes the code that came back for the workspace's bot token, keeps that, and uses the workspace from now on. Throws
   * `CannotBridge`, whose `reason` is Slack's error code or one of `organisation`, `rotating` and `lacking`, with words for
   * people; or `TryLater` when Slack is out of reach: the code may be used up by then.
   */
  finish(code: string, redirectUri: string): Promise<SlackTeam>;
  /** Uses the workspaces that were installed since, by other processes too. */
  catchUp(): Promise<void>;
}

/** What the app's manifest asks for, too. */
const scopes: readonly string[] = [...requiredScopes, ...Object.keys(optionalScopes)].toSorted();

export interface InstallingOptions {
  readonly settings: Pick<SlackSettings, 'apiUrl' | 'authorizeUrl' | 'app'>;
  readonly teams: Pick<Teams, 'connected' | 'join' | 'get'>;
  readonly known: KnownTeams;
  readonly installations: Installations;
  /** A workspace is used from now on, or again, with what opens it now. */
  readonly joined: (team: TeamId, isNew: boolean) => void;
  readonly log: Logger;
}

export function createInstalling(options: InstallingOptions): Installing {
  const { settings, teams, known, installations, log } = options;
  const webApi = createWebApi(settings.apiUrl);

  /** `keep`: once it is sure that the bridge can use it, and before it does. */
  async function join(
    app: AppSettings,
    { team, botToken }: Installation,
    keep?: () => Promise<void>,
  ): Promise<SlackTeam> {
    const found = await connect(settings.apiUrl, entryOf(app, botToken), log);
    if (found.team.id !== team) throw new TryLater('Slack names another workspace than it did');
    await known.remember(botToken, found.team);
    await keep?.();
    const isNew = teams.get(team) === undefined;
    teams.join(found);
    options.joined(team, isNew);
    return found.team;
  }

  return {
    configured: () => settings.app !== undefined,
    scopes,
    authorizeUrl: (state, redirectUri) => {
      const url = new URL(settings.authorizeUrl ?? slacksOwn);
      const { id } = required(settings.app).client;
      const query = { client_id: id, scope: scopes.join(','), redirect_uri: redirectUri, state };
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },
    finish: async (code, redirectUri) => {
      const app = required(settings.app);
      const installation = installationOf(await access(webApi, app, { code, redirect_uri: redirectUri }));
      return join(app, installation, () => installations.save(installation.team, installation.botToken));
    },
    catchUp: async () => {
      const { app } = settings;
      if (!app) return;
      for (const installation of await installations.all()) {
        if (!isNews(teams, installation)) continue;
        await join(app, installation).catch((error: unknown) =>
          log.warn('a workspace that the app was installed in can’t be used yet', {
            team: installation.team,
            error,
          }),
        );
      }
    },
  };
}

async function access(webApi: WebApi, app: AppSettings, args: Fields): Promise<Fields> {
  const { id, secret } = app.client;
  try {
    return await webApi(undefined, 'oauth.v2.access', { client_id: id, client_secret: secret, ...args });
  } catch (thrown) {
    const call = { team: 'new', method: 'oauth.v2.access', effect: 'read', limit: 'slack:new' } as const;
    const { error, kind, code = kind } = failureOf(thrown, call);
    throw kind === 'revoked' ? new CannotBridge(code, error.message, { cause: thrown }) : error;
  }
}

/** A configured workspace stays what it is as long as it works. */
function isNews(teams: Pick<Teams, 'connected' | 'get'>, { team, botToken }: Installation): boolean {
  const known = teams.connected().find((each) => each.team.id === team);
  if (known === undefined) return true;
  return (
    known.botToken !== botToken && (known.isInstalled === true || teams.get(team)?.trouble !== undefined)
  );
}

function required(app: AppSettings | undefined): AppSettings {
  if (app) return app;
  throw new CannotBridge('no-client', 'the client id of the Slack app is not configured.');
}

/** What the bridge can't use it refuses. */
function installationOf(answer: Fields): Installation {
  if (answer['is_enterprise_install'] === true)
    throw new CannotBridge(
      'organisation',
      'the app was installed for a whole organisation, which the bridge can’t use: install it in one workspace after the other.',
    );
  if (answer['expires_in'] !== undefined)
    throw new CannotBridge(
      'rotating',
      'the app’s tokens expire (token rotation), which the bridge can’t use for the app itself: make an app without token rotation from config/slack-app-manifest.yaml.',
    );
  const botToken = textOf(answer['access_token']);
  const team: unknown = fieldsOf(answer['team'])['id'];
  if (botToken === undefined || answer['token_type'] !== 'bot')
    throw new TryLater('Slack’s answer holds no token of a bot');
  try {
    return { team: teamId(team), botToken };
  } catch (cause) {
    throw new TryLater('Slack’s answer about an installation can’t be read', { cause });
  }
}

async function connect(
  apiUrl: string,
  entry: ReturnType<typeof entryOf>,
  log: Logger,
): Promise<ConnectedTeam> {
  const { appToken, signingSecret, client, botToken, isInstalled } = entry;
  const own = {
    botToken,
    ...(isInstalled && { isInstalled }),
    ...(appToken !== undefined && { appToken }),
    ...(signingSecret !== undefined && { signingSecret }),
    ...(client && { client }),
  };
  try {
    return await connectTeam({ apiUrl, entry: own, path: 'the installed app', log, patient: false });
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    if (error.cause === undefined) throw new CannotBridge('lacking', error.message, { cause: error });
    throw new TryLater('Slack doesn’t take the new token yet', { cause: error });
  }
}
