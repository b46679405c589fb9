import { CannotBridge, CannotStart, TryLater } from '../errors.ts';
import type { TeamId } from '../ids.ts';
import { teamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { SlackTeam } from '../portal/ports.ts';
import { entryOf } from './connect-teams.ts';
import { connectToken } from './connect-token.ts';
import { failureOf } from './failures.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, textOf } from './fields.ts';
import { slacksOwn, tokenOf } from './oauth.ts';
import type { Installation, Installations, KnownTeams, StoredToken } from './ports.ts';
import { optionalScopes, requiredScopes } from './scopes.ts';
import type { AppSettings, SlackSettings } from './settings.ts';
import type { ConnectedTeam, Teams } from './teams.ts';
import { isOrganisation, notGranted } from './teams.ts';
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
   * Changes the code that came back for the bot token of the workspace, or of the organisation with all the workspaces that it
   * lets the app into; keeps that, and uses these workspaces from now on. Throws `CannotBridge`, whose `reason` is Slack's error
   * code or `lacking`, with words for people; or `TryLater` when Slack is out of reach: the code may be used up by then.
   */
  finish(code: string, redirectUri: string): Promise<Installed>;
  /**
   * Uses the workspaces that were installed since, by other processes too. `fresh`: looks at those of organisations again, what
   * is else done from time to time.
   */
  catchUp(how?: { readonly fresh?: boolean }): Promise<void>;
}

/** Where the app can be used from now on. */
export interface Installed {
  /** Of the workspace, or of the organisation. */
  readonly id: TeamId;
  readonly name: string;
  readonly teams: readonly SlackTeam[];
}

/** What the app's manifest asks for, too. */
const scopes: readonly string[] = [...requiredScopes, ...Object.keys(optionalScopes)].toSorted();

/** How often the workspaces of an organisation are looked at without being told of a change, in milliseconds. */
const lookEvery = 600_000;

export interface InstallingOptions {
  readonly settings: Pick<SlackSettings, 'apiUrl' | 'authorizeUrl' | 'app'>;
  readonly teams: Pick<Teams, 'connected' | 'join' | 'get' | 'fails'>;
  readonly known: KnownTeams;
  readonly installations: Installations;
  /** An installation with a token that counts. */
  readonly lasting: (installation: Installation) => Promise<Installation>;
  /** A workspace is used from now on, or again, with what opens it now. */
  readonly joined: (team: TeamId, isNew: boolean) => void;
  readonly log: Logger;
}

export function createInstalling(options: InstallingOptions): Installing {
  const { settings, installations, log } = options;
  const webApi = createWebApi(settings.apiUrl);
  const lookedAt = new Map<TeamId, number>();

  async function look(app: AppSettings, installation: Installation, fresh: boolean): Promise<void> {
    const { team } = installation;
    const last = lookedAt.get(team);
    const isDue = last === undefined || performance.now() - last > lookEvery;
    const wanted = isOrganisation(team) ? fresh || isDue : false;
    if (!wanted && !isNews(options, installation)) return;
    try {
      await use(options, app, await options.lasting(installation));
      lookedAt.set(team, performance.now());
    } catch (error) {
      log.warn('what the app was installed in can’t be used yet', { team, error });
    }
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
      const answer = await access(webApi, app, { code, redirect_uri: redirectUri });
      const installation = installationOf(answer);
      const keep = () => installations.save(installation.team, installation.token);
      const found = await use(options, app, installation, keep);
      lookedAt.set(installation.team, performance.now());
      await options.lasting(installation); // from now on it is known when it ends
      const { team: id } = installation;
      const name = isOrganisation(id) ? textOf(fieldsOf(answer['enterprise'])['name']) : found[0]?.name;
      return { id, name: name ?? id, teams: found };
    },
    catchUp: async ({ fresh = false } = {}) => {
      const { app } = settings;
      if (!app) return;
      for (const installation of await installations.all()) await look(app, installation, fresh);
    },
  };
}

/** Gives the token after the one that a refresh token belongs to. Throws like `Installing.finish`. */
export function createBotRenewal(
  settings: Pick<SlackSettings, 'apiUrl' | 'app'>,
): (refresh: string) => Promise<StoredToken> {
  const webApi = createWebApi(settings.apiUrl);
  return async (refresh) => {
    const args = { grant_type: 'refresh_token', refresh_token: refresh };
    return tokenOf(await access(webApi, required(settings.app), args));
  };
}

/** `keep`: once it is sure that the bridge can use it, and before it does. */
async function use(
  options: InstallingOptions,
  app: AppSettings,
  installation: Installation,
  keep?: () => Promise<void>,
): Promise<readonly SlackTeam[]> {
  const { settings, teams, known, log } = options;
  const { team, token } = installation;
  const before = teams.connected().filter((each) => each.installation === team);
  const knownTeams = before.map((each) => each.team);
  const found = await connect(settings.apiUrl, entryOf(app, installation), knownTeams, log);
  const isShared = isOrganisation(team);
  if (!isShared && found.some((each) => each.team.id !== team))
    throw new TryLater('Slack names another workspace than it did');
  const mine = isShared ? found.filter((each) => isFree(teams, each.team.id, team)) : found;
  for (const each of mine) await known.remember(token.access, each.team, isShared);
  await keep?.();
  for (const each of mine) join(options, each);
  for (const { id } of knownTeams)
    if (!found.some((each) => each.team.id === id)) teams.fails(id, notGranted);
  return found.map((each) => each.team);
}

function join({ teams, joined, log }: InstallingOptions, connected: ConnectedTeam): void {
  const { id, name, appId } = connected.team;
  const before = teams.connected().find((each) => each.team.id === id);
  if (before?.botToken === connected.botToken && teams.get(id)?.trouble === undefined) return;
  teams.join(connected);
  log.info('a Slack workspace is used by an installation of the app', { team: id, name, app: appId });
  joined(id, before === undefined);
}

/** One that is used in another way stays so as long as it works. */
function isFree(teams: InstallingOptions['teams'], team: TeamId, installation: TeamId): boolean {
  const before = teams.connected().find((each) => each.team.id === team);
  return (
    before === undefined || before.installation === installation || teams.get(team)?.trouble !== undefined
  );
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
function isNews({ teams }: Pick<InstallingOptions, 'teams'>, { team, token }: Installation): boolean {
  if (isOrganisation(team))
    return teams.connected().some((each) => each.installation === team && each.botToken !== token.access);
  const known = teams.connected().find((each) => each.team.id === team);
  if (known === undefined) return true;
  if (known.botToken === token.access) return false;
  return known.installation !== undefined || teams.get(team)?.trouble !== undefined;
}

function required(app: AppSettings | undefined): AppSettings {
  if (app) return app;
  throw new CannotBridge('no-client', 'the client id of the Slack app is not configured.');
}

function installationOf(answer: Fields): Installation {
  if (answer['token_type'] !== 'bot') throw new TryLater('Slack’s answer holds no token of a bot');
  const place = answer['is_enterprise_install'] === true ? answer['enterprise'] : answer['team'];
  try {
    return { team: teamId(fieldsOf(place)['id']), token: tokenOf(answer) };
  } catch (cause) {
    throw new TryLater('Slack’s answer about an installation can’t be read', { cause });
  }
}

async function connect(
  apiUrl: string,
  { appToken, signingSecret, client, botToken, installation }: ReturnType<typeof entryOf>,
  known: readonly SlackTeam[],
  log: Logger,
): Promise<readonly ConnectedTeam[]> {
  const own = {
    botToken,
    ...(installation !== undefined && { installation }),
    ...(appToken !== undefined && { appToken }),
    ...(signingSecret !== undefined && { signingSecret }),
    ...(client && { client }),
  };
  try {
    return await connectToken({ apiUrl, entry: own, path: 'the installed app', log, patient: false, known });
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    if (error.cause === undefined) throw new CannotBridge('lacking', error.message, { cause: error });
    throw new TryLater('Slack doesn’t take the new token yet', { cause: error });
  }
}
