import type { Config } from '../config.ts';
import { CannotStart } from '../errors.ts';
import { matrixUserId } from '../ids.ts';
import type { MatrixOptions } from '../matrix/matrix-options.ts';
import type { AppSettings, SlackSettings } from '../slack/settings.ts';
import { readNameTemplate } from '../name-template.ts';
import type { NameTemplate } from '../name-template.ts';
import type { FileLimits } from './quotas.ts';

/** The configuration as each adapter wants it. */

export function slackSettings({ people, slack }: Config): SlackSettings {
  return {
    apiUrl: slack.api_url,
    authorizeUrl: slack.authorize_url,
    fileHosts: slack.file_hosts,
    transport: slack.transport,
    http: slack.http,
    rateLimits: slack.rate_limits,
    ...(slack.app && { app: appSettings(slack.app) }),
    matchPeople: people.match !== 'off',
    teams: slack.teams.map(({ bot_token, app_token, signing_secret, client_id, client_secret }) => ({
      botToken: bot_token,
      appToken: app_token,
      signingSecret: signing_secret,
      ...(client_id !== undefined &&
        client_secret !== undefined && { client: { id: client_id, secret: client_secret } }),
    })),
  };
}

function appSettings(app: NonNullable<Config['slack']['app']>): AppSettings {
  return {
    client: { id: app.client_id, secret: app.client_secret },
    appToken: app.app_token,
    signingSecret: app.signing_secret,
  };
}

export function matrixSettings(config: Config): Pick<MatrixOptions, 'homeserver' | 'appservice' | 'rooms'> {
  const { appservice, rooms } = config;
  const { url, domain, admin_token: adminToken } = config.homeserver;
  return {
    homeserver: { url, domain, ...(adminToken !== undefined && { adminToken }) },
    appservice: {
      host: appservice.host,
      port: appservice.port,
      bot: appservice.bot,
      ghostPrefix: appservice.ghost_prefix,
      ghostTeam: appservice.ghost_team,
      ghostName: nameTemplate(appservice.ghost_name),
      ghostFields: appservice.ghost_fields,
    },
    rooms: {
      version: rooms.version,
      additionalCreators: rooms.additional_creators.map((user) => matrixUserId(user)),
      historyVisibility: rooms.history_visibility,
      federate: rooms.federate,
      aliases: rooms.aliases,
    },
  };
}

/** The configuration was checked. */
function nameTemplate(text: string): NameTemplate {
  const template = readNameTemplate(text);
  if (typeof template === 'string') throw new CannotStart(`appservice.ghost_name ${template}.`);
  return template;
}

export function fileLimits({ files }: Config): FileLimits {
  const bytes = (megabytes: number): number => (megabytes === 0 ? Infinity : megabytes * 1_000_000);
  return {
    largest: bytes(files.largest_mb),
    portalPerDay: bytes(files.portal_mb_per_day),
    personPerDay: bytes(files.person_mb_per_day),
  };
}
