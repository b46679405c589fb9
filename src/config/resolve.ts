import { join, resolve } from 'node:path';
import type { Permission } from './permissions.ts';
import type { ConfigFile } from './schema.ts';
import { resolveSecret, teamsInEnvironment } from './secrets.ts';
import type { SecretSources } from './secrets.ts';
import type { Path } from './source.ts';

type DeepReadonly<T> = T extends string
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** One workspace, with the secrets that stand for all of them filled in. */
export interface TeamConfig {
  readonly bot_token: string;
  /** Always there when `slack.transport` is `socket`. */
  readonly app_token: string | undefined;
  /** Always there when `slack.transport` is `http`. */
  readonly signing_secret: string | undefined;
  /** Both or none: with them people can link their own accounts. */
  readonly client_id: string | undefined;
  readonly client_secret: string | undefined;
}

/** The app that can be installed in workspaces, by a link of the bridge. */
export interface AppConfig {
  readonly client_id: string;
  readonly client_secret: string;
  /** Always there when `slack.transport` is `socket`. */
  readonly app_token: string | undefined;
  /** Always there when `slack.transport` is `http`. */
  readonly signing_secret: string | undefined;
}

type Section<Name extends keyof ConfigFile> = DeepReadonly<ConfigFile[Name]>;

/**
 * The configuration as the bridge uses it: complete, checked, file names absolute, secrets resolved. Addresses end
 * without a slash, besides `slack.api_url`, which ends with one.
 */
export interface Config {
  /** The file that it was read from, absolute. */
  readonly file: string;
  readonly homeserver: {
    readonly url: string;
    readonly domain: string;
    /** Of an administrator of Synapse; absent: nothing that needs one is done. */
    readonly admin_token: string | undefined;
  };
  readonly appservice: Section<'appservice'> & { readonly url: string };
  /** Absent: the embedded PostgreSQL in `data_dir`. */
  readonly database: { readonly url: string } | undefined;
  readonly data_dir: string;
  readonly secrets: {
    readonly key_file: string;
    /** The key itself, from MATRIX_SLACK_BRIDGE_SECRETS_KEY: nothing is read from or written to `key_file` then. */
    readonly key: string | undefined;
  };
  readonly web: Section<'web'>;
  readonly slack: Omit<Section<'slack'>, 'teams' | SecretName> & {
    readonly teams: readonly TeamConfig[];
    /** Absent: the app can't be installed in workspaces by a link of the bridge. */
    readonly app: AppConfig | undefined;
  };
  readonly rooms: Section<'rooms'>;
  readonly files: Section<'files'>;
  readonly encryption: Section<'encryption'>;
  readonly people: Section<'people'>;
  readonly permissions: Readonly<Record<string, Permission>>;
  readonly slack_permissions: Section<'slack_permissions'>;
  readonly logging: Section<'logging'>;
}

type SecretName =
  | 'app_token'
  | 'app_token_file'
  | 'signing_secret'
  | 'signing_secret_file'
  | 'client_id'
  | 'client_secret'
  | 'client_secret_file';

/** Fills in what depends on other keys, on files and on the environment; problems go to `sources.problems`. */
export function resolveConfig(file: ConfigFile, sources: SecretSources): Omit<Config, 'file'> {
  const { appservice, encryption, homeserver, web, rooms, files, people, logging } = file;
  const absolute = (path: string) => resolve(sources.folder, path);
  const databaseUrl = resolveSecret(
    sources,
    ['database', 'url'],
    file.database.url,
    file.database.url_file,
    'DATABASE_URL',
  );
  const dataDir = absolute(file.data_dir);
  return {
    homeserver: resolveHomeserver(homeserver, sources),
    appservice: {
      ...appservice,
      url: withoutSlash(appservice.url ?? `http://${bracketed(appservice.host)}:${appservice.port}`),
      registration: absolute(appservice.registration),
      puppets_registration: absolute(appservice.puppets_registration),
    },
    database: databaseUrl === undefined ? undefined : { url: databaseUrl },
    data_dir: dataDir,
    secrets: {
      key_file:
        file.secrets.key_file === undefined ? join(dataDir, 'secrets.key') : absolute(file.secrets.key_file),
      key: resolveSecret(sources, ['secrets', 'key'], undefined, undefined),
    },
    web: { ...web, ...(web.public_url !== undefined && { public_url: withoutSlash(web.public_url) }) },
    slack: resolveSlack(file.slack, sources),
    rooms,
    encryption,
    people,
    files,
    permissions: file.permissions ?? { '*': 'relay', [homeserver.domain]: 'user' },
    slack_permissions: file.slack_permissions,
    logging,
  };
}

function resolveHomeserver(
  { url, domain, admin_token, admin_token_file }: ConfigFile['homeserver'],
  sources: SecretSources,
): Config['homeserver'] {
  const path: Path = ['homeserver', 'admin_token'];
  return {
    url: withoutSlash(url),
    domain,
    admin_token: resolveSecret(sources, path, admin_token, admin_token_file),
  };
}

function resolveSlack(slack: ConfigFile['slack'], sources: SecretSources): Config['slack'] {
  const { app_token, app_token_file, signing_secret, signing_secret_file, teams, ...others } = slack;
  const { client_id, client_secret, client_secret_file, ...rest } = others;
  const common = {
    client_id: resolveSecret(sources, ['slack', 'client_id'], client_id, undefined),
    client_secret: resolveSecret(sources, ['slack', 'client_secret'], client_secret, client_secret_file),
    app_token: resolveSecret(sources, ['slack', 'app_token'], app_token, app_token_file),
    signing_secret: resolveSecret(sources, ['slack', 'signing_secret'], signing_secret, signing_secret_file),
  };
  const count = Math.max(teams.length, teamsInEnvironment(sources.env));
  return {
    ...rest,
    api_url: `${withoutSlash(slack.api_url)}/`,
    app: resolveApp(common, slack.transport),
    teams: Array.from({ length: count }, (_, index) =>
      resolveTeam(teams[index] ?? {}, index, common, sources),
    ),
  };
}

/** All that it takes, or nothing: with less the workspaces of the configuration are all there are. */
function resolveApp(
  { client_id, client_secret, app_token, signing_secret }: Omit<TeamConfig, 'bot_token'>,
  transport: 'socket' | 'http',
): AppConfig | undefined {
  const heard = transport === 'socket' ? app_token : signing_secret;
  if (client_id === undefined || client_secret === undefined || heard === undefined) return undefined;
  return { client_id, client_secret, app_token, signing_secret };
}

function resolveTeam(
  team: ConfigFile['slack']['teams'][number],
  index: number,
  common: Omit<TeamConfig, 'bot_token'>,
  sources: SecretSources,
): TeamConfig {
  const secret = (name: 'bot_token' | 'app_token' | 'signing_secret' | 'client_secret') => {
    const path: Path = ['slack', 'teams', index, name];
    return resolveSecret(sources, path, team[name], team[`${name}_file`]);
  };
  const own = {
    client_id: resolveSecret(sources, ['slack', 'teams', index, 'client_id'], team.client_id, undefined),
    client_secret: secret('client_secret'),
  };
  // never one app's id with another's secret
  const client = own.client_id === undefined && own.client_secret === undefined ? common : own;
  return {
    client_id: client.client_id,
    client_secret: client.client_secret,
    bot_token: secret('bot_token') ?? '',
    app_token: secret('app_token') ?? common.app_token,
    signing_secret: secret('signing_secret') ?? common.signing_secret,
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
