import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Slot } from '../slots.ts';
import type { SlackApp } from './slack-side.ts';

/** Sections of config.yaml that a test writes otherwise; a section's keys replace single ones. */
export type ConfigChanges = Readonly<Record<string, unknown>>;

/** What a bridge's configuration depends on. */
export interface BridgePlace {
  readonly folder: string;
  readonly homeserver: { readonly url: string; readonly serverName: string };
  readonly slot: Slot;
  readonly slack: {
    readonly apiUrl: string;
    readonly app: Pick<SlackApp, 'appToken' | 'botToken' | 'signingSecret'> &
      Partial<Pick<SlackApp, 'clientId' | 'clientSecret'>>;
    /** Where people allow the app; absent: nobody links an account. */
    readonly authorizeUrl?: string;
  };
  readonly transport: 'socket' | 'http';
  readonly databaseUrl: string;
  readonly ports: { readonly web: number; readonly events: number };
  readonly admin: string;
}

/** Writes config.yaml as an administrator would, and returns its path. */
export async function writeConfig(place: BridgePlace, changes: ConfigChanges = {}): Promise<string> {
  const file = join(place.folder, 'config.yaml');
  await writeFile(file, stringify(merged(configOf(place), changes)), { mode: 0o600 });
  return file;
}

function configOf({ homeserver, slot, slack, transport, databaseUrl, ports, admin }: BridgePlace) {
  return {
    homeserver: { url: homeserver.url, domain: homeserver.serverName },
    appservice: {
      port: slot.port,
      registration: slot.registration,
      puppets_registration: slot.puppetRegistration,
      bot: slot.botLocalpart,
      ghost_prefix: slot.ghostPrefix,
    },
    database: { url: databaseUrl },
    data_dir: './data',
    web: { port: ports.web, public_url: `http://127.0.0.1:${ports.web}` },
    slack: {
      api_url: slack.apiUrl,
      transport,
      ...(transport === 'socket'
        ? { app_token: slack.app.appToken }
        : { signing_secret: slack.app.signingSecret, http: { port: ports.events } }),
      ...(slack.authorizeUrl !== undefined && {
        authorize_url: slack.authorizeUrl,
        client_id: slack.app.clientId,
        client_secret: slack.app.clientSecret,
      }),
      teams: [{ bot_token: slack.app.botToken }],
      rate_limits: false,
    },
    // where it isn't the story, nobody comes without saying something
    rooms: { members_up_to: 0 },
    // what the bridge makes isn't encrypted where the story's people can't read that
    encryption: { private: 'allow', direct: 'allow' },
    permissions: { '*': 'relay', [homeserver.serverName]: 'user', [admin]: 'admin' },
    logging: { level: 'debug' },
  };
}

function merged(config: Readonly<Record<string, unknown>>, changes: ConfigChanges): object {
  const sections = Object.entries(changes).map(([name, change]) => [
    name,
    isSection(config[name]) && isSection(change) ? { ...config[name], ...change } : change,
  ]);
  return Object.assign({}, config, Object.fromEntries(sections)) as object; // what fromEntries makes is `any`
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
