import { join } from 'node:path';
import { startBridgeProcess } from '../../sandbox/command/bridge-process.ts';
import { startSynapse } from '../../sandbox/synapse/start.ts';
import type { Synapse } from '../../sandbox/synapse/start.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { writeConfig } from '../support/bridge/bridge-files.ts';
import { startSlackSide } from '../support/bridge/slack-side.ts';
import type { SlackSide } from '../support/bridge/slack-side.ts';
import { freePort, freePorts } from '../support/ports.ts';
import { silentLog } from '../support/postgres-server.ts';
import { writeSlots } from '../support/slots.ts';
import type { Slot } from '../support/slots.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startBareListener } from './bare-listener.ts';
import type { BareListener } from './bare-listener.ts';
import type { Build } from './build.ts';
import type { BenchOptions } from './options.ts';

/** How to end what was started, in the order of the starts. */
export type Ends = (() => Promise<unknown>)[];

/** The processes, and the application service that the bridge is compared with. */
export interface Servers {
  readonly synapse: Synapse;
  readonly slack: SlackSide;
  readonly bridge: { readonly pid: number; readonly bot: string };
  /** The bridge's; Synapse has one of its own. */
  readonly postgres: EmbeddedPostgres;
  readonly bare: { readonly slot: Slot; readonly listener: BareListener };
}

const serverName = 'localhost';
/** The one who links the rooms. */
export const adminName = 'alice';

/** Starts everything with empty databases that wait for the disk as they do in production. */
export async function startServers(
  {
    profile,
    log,
    largestUpload,
  }: Pick<BenchOptions, 'profile' | 'log'> & { readonly largestUpload?: string },
  build: Build,
  ends: Ends,
): Promise<Servers> {
  const folder = temporaryFolder('bench');
  ends.push(() => folder.remove());
  const [postgres, synapsePostgres, slack] = await Promise.all([
    startPostgres('bridge', ends),
    startPostgres('synapse', ends),
    startSlackSide('socket'),
  ]);
  ends.push(() => slack.sandbox.stop());
  const slots = await writeSlots(join(folder.path, 'registrations'), serverName, await freePorts(2));
  const [bridgeSlot, bareSlot] = slots;
  if (!bridgeSlot || !bareSlot) throw new Error('There are too few places for application services.');
  const listener = await startBareListener(bareSlot);
  ends.push(() => listener.stop());
  const synapse = await startSynapse({
    folder: join(folder.path, 'synapse'),
    serverName,
    port: await freePort(),
    registrations: [bridgeSlot.puppetRegistration, ...slots.map(({ registration }) => registration)],
    database: synapsePostgres.connection,
    ...(largestUpload !== undefined && { largestUpload }),
    onProgress: (line) => console.error(line),
  });
  ends.push(() => synapse.stop());
  const logFile = log ?? join(folder.path, 'bridge.log');
  const place = { folder: folder.path, synapse, slot: bridgeSlot, slack, postgres, build };
  const bridge = await startBridge(place, { profile, logFile }, ends);
  return { synapse, slack, bridge, postgres, bare: { slot: bareSlot, listener } };
}

async function startPostgres(database: string, ends: Ends): Promise<EmbeddedPostgres> {
  const folder = temporaryFolder(`bench-${database}`);
  ends.push(() => folder.remove());
  const server = await startEmbeddedPostgres({ dataDir: folder.path, database, log: silentLog });
  ends.push(() => server.stop());
  return server;
}

interface BridgeSurroundings {
  readonly folder: string;
  readonly synapse: Synapse;
  readonly slot: Slot;
  readonly slack: SlackSide;
  readonly postgres: EmbeddedPostgres;
  readonly build: Build;
}

async function startBridge(
  { folder, synapse, slot, slack, postgres, build }: BridgeSurroundings,
  { profile, logFile }: { readonly profile: string | undefined; readonly logFile: string },
  ends: Ends,
): Promise<Servers['bridge']> {
  const ports = { web: await freePort(), events: await freePort() };
  const place = {
    folder,
    homeserver: synapse,
    slot,
    slack: { apiUrl: slack.sandbox.apiUrl, app: slack.app },
    transport: 'socket',
    databaseUrl: postgres.url,
    ports,
    admin: `@${adminName}:${serverName}`,
  } as const;
  const bridge = await startBridgeProcess({
    configFile: await writeConfig(place, { logging: { level: 'info' } }),
    logFile,
    webUrl: `http://127.0.0.1:${ports.web}`,
    script: build.script,
    environment: build.environment,
    nodeArguments: [
      ...build.nodeArguments,
      ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]),
    ],
  });
  ends.push(() => bridge.stop());
  return { pid: bridge.pid(), bot: `@${slot.botLocalpart}:${serverName}` };
}
