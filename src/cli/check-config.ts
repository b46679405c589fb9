import { existsSync } from 'node:fs';
import { loadConfig } from '../config.ts';
import type { Config } from '../config.ts';
import type { Arguments } from './arguments.ts';
import type { Surroundings } from './surroundings.ts';

/** Says what the configuration means. Asks no server and changes nothing. */
export async function checkConfig(args: Arguments, { env, out }: Surroundings): Promise<number> {
  const config = loadConfig(args.config, env);
  out(`${args.config} is well-formed. It means:`);
  for (const [what, meaning] of meanings(config)) out(`  ${what.padEnd(14)}${meaning}`);
  const advice = advices(config);
  if (advice.length > 0) out(['', ...advice.map((line) => `Note: ${line}`)].join('\n'));
  return Promise.resolve(0);
}

function meanings(config: Config): readonly (readonly [string, string])[] {
  const { homeserver, appservice, web, slack, rooms } = config;
  return [
    [
      'homeserver',
      `${homeserver.domain} at ${homeserver.url}, which reaches the bridge at ${appservice.url}`,
    ],
    [
      'bot, ghosts',
      `@${appservice.bot}:${homeserver.domain}, @${appservice.ghost_prefix}…:${homeserver.domain}`,
    ],
    [
      'registration',
      [appservice.registration, appservice.puppets_registration]
        .map((file) => withPresence(file, 'missing'))
        .join(', '),
    ],
    ['database', databaseMeaning(config)],
    [
      'sealing key',
      config.secrets.key === undefined
        ? withPresence(config.secrets.key_file, 'made on the first start')
        : 'from the environment',
    ],
    ['Slack', slackMeaning(slack)],
    ['listens on', listeners(config).join(', ')],
    [
      'pictures',
      web.public_url === undefined
        ? 'none in Slack: web.public_url is not set'
        : `${web.public_url}/pictures/`,
    ],
    ['own accounts', ownAccountsMeaning(config)],
    [
      'new rooms',
      `version ${rooms.version}, history ${rooms.history_visibility}, ${rooms.federate ? 'federated' : 'not federated'}`,
    ],
    [
      'permissions',
      Object.entries(config.permissions)
        .map((entry) => entry.join(': '))
        .join(', '),
    ],
  ];
}

function withPresence(file: string, whenMissing: string): string {
  return existsSync(file) ? file : `${file} (${whenMissing})`;
}

function databaseMeaning({ database, data_dir }: Config): string {
  if (database === undefined) return `embedded PostgreSQL in ${data_dir}`;
  return `PostgreSQL at ${database.url.replace(/^(\w+:\/\/)(?:[^/@]*@)?/, '$1').replace(/\?.*$/, '')}`;
}

function slackMeaning({ teams, transport, api_url, rate_limits }: Config['slack']): string {
  const parts = [
    teams.length === 1 ? '1 workspace' : `${teams.length} workspaces`,
    transport === 'socket' ? 'events by Socket Mode' : 'events by HTTP',
    ...(api_url === 'https://slack.com/api/' ? [] : [`API at ${api_url}`]),
    ...(rate_limits ? [] : ['calls not paced']),
  ];
  return parts.join(', ');
}

function ownAccountsMeaning({ web, slack }: Config): string {
  const ready = slack.teams.filter((team) => team.client_id !== undefined).length;
  if (ready === 0) return 'nobody can link one: slack.client_id is not set';
  if (web.public_url === undefined) return 'nobody can link one: web.public_url is not set';
  const where = ready === slack.teams.length ? '' : ` (${ready} of ${slack.teams.length} workspaces)`;
  return `people link them at ${web.public_url}/login/${where}`;
}

function listeners({ appservice, web, slack }: Config): readonly string[] {
  return [
    `${appservice.host}:${appservice.port} (homeserver)`,
    `${web.host}:${web.port} (health, metrics, pictures)`,
    ...(slack.transport === 'http'
      ? [`${slack.http.host}:${slack.http.port}${slack.http.path} (Slack)`]
      : []),
  ];
}

function advices({ appservice, permissions, database }: Config): readonly string[] {
  return [
    ...(existsSync(appservice.registration)
      ? []
      : ['make the registration files with generate-registration.']),
    ...(Object.values(permissions).includes('admin')
      ? []
      : ['nobody is admin: give somebody that in permissions.']),
    ...(database
      ? []
      : ['the embedded PostgreSQL is for trying out; for good use set database.url and make backups.']),
  ];
}
