import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeRegistrations } from '../../src/bridge/register.ts';
import { loadConfig } from '../../src/config.ts';
import type { SandboxPorts } from './ports.ts';
import type { SlackWorld } from './slack-world.ts';

export interface BridgeFiles {
  readonly config: string;
  /** Both registrations, for the homeserver. */
  readonly registrations: readonly string[];
  readonly webUrl: string;
}

export const serverName = 'localhost';
export const bot = `@slackbot:${serverName}`;

/** Writes the bridge's configuration, as an administrator would, and makes its registrations once. */
export async function writeBridgeFiles(
  folder: string,
  ports: SandboxPorts,
  world: SlackWorld,
  admin: string,
): Promise<BridgeFiles> {
  const config = join(folder, 'bridge.yaml');
  const webUrl = webUrlOf(ports);
  await writeFile(config, stringify(configuration(ports, world, admin)), { mode: 0o600 });
  const loaded = loadConfig(config, {});
  const registrations = [loaded.appservice.registration, loaded.appservice.puppets_registration];
  // The ports are part of a registration: other ports, another registration.
  const portsFile = join(folder, 'registered-port');
  if (!registrations.every((file) => existsSync(file)) || !(await sameText(portsFile, ports.appservice))) {
    await writeRegistrations(loaded, { force: true });
    await writeFile(portsFile, String(ports.appservice));
  }
  return { config, registrations, webUrl };
}

/** Where the bridge's web server is, also for browsers. */
export function webUrlOf(ports: SandboxPorts): string {
  return `http://127.0.0.1:${ports.web}`;
}

async function sameText(file: string, port: number): Promise<boolean> {
  return (await readFile(file, 'utf8').catch(() => '')) === String(port);
}

function configuration(ports: SandboxPorts, world: SlackWorld, admin: string) {
  return {
    homeserver: { url: `http://127.0.0.1:${ports.homeserver}`, domain: serverName },
    appservice: { port: ports.appservice, url: `http://127.0.0.1:${ports.appservice}` },
    data_dir: './bridge',
    web: { port: ports.web, public_url: webUrlOf(ports) },
    slack: {
      api_url: world.slack.apiUrl,
      transport: 'socket',
      app_token: world.appToken,
      authorize_url: world.slack.authorizeUrl,
      client_id: world.client.id,
      client_secret: world.client.secret,
      teams: [{ bot_token: world.botToken }],
    },
    permissions: { '*': 'relay', [serverName]: 'user', [admin]: 'admin' },
  };
}
