import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { startBridgeProcess } from '../../../sandbox/command/bridge-process.ts';
import type { BridgeProcess } from '../../../sandbox/command/bridge-process.ts';
import { startEmbeddedPostgres } from '../../../src/store/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../../src/store/embedded-postgres.ts';
import { writeConfig } from '../../support/bridge/bridge-files.ts';
import { freePort, freePorts } from '../../support/ports.ts';
import { silentLog } from '../../support/postgres-server.ts';
import { writeSlots } from '../../support/slots.ts';
import type { Slot } from '../../support/slots.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Build } from '../build.ts';
import type { Ends } from '../servers.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { names } from './names.ts';
import { seedDatabase } from './seed.ts';
import type { Seed } from './seed.ts';

/** A bridge between a homeserver and a Slack that cost nothing: what is measured is the bridge and its PostgreSQL. */
export interface NullWorld {
  readonly homeserver: Child;
  readonly slack: Child;
  readonly postgres: EmbeddedPostgres;
  /** Starts one more process of the bridge; resolves when it is ready. */
  startBridge(): Promise<RunningBridge>;
  /** The first column of the answer's first row, from the bridge's database. */
  ask(sql: string): Promise<number>;
}

export interface RunningBridge {
  readonly process: BridgeProcess;
  /** Where it takes Slack's events. */
  readonly eventsPort: number;
  /** How long it took from nothing to ready, in milliseconds. */
  readonly readyAfter: number;
  /** The sum of a metric's values, over all of its labels or those that stand in `labels`. */
  metric(name: string, labels?: string): Promise<number>;
}

export interface NullWorldOptions {
  readonly build: Build;
  readonly seed: Seed;
  readonly profile: string | undefined;
  readonly log: string | undefined;
}

const secrets = { signingSecret: 'a-signing-secret', botToken: 'xoxb-bench', appToken: 'xapp-bench' };

export async function startNullWorld(options: NullWorldOptions, ends: Ends): Promise<NullWorld> {
  const folder = temporaryFolder('load');
  ends.push(() => folder.remove());
  const dataDir = temporaryFolder('load-postgres');
  ends.push(() => dataDir.remove());
  const postgres = await startEmbeddedPostgres({ dataDir: dataDir.path, database: 'bridge', log: silentLog });
  ends.push(() => postgres.stop());
  await seedDatabase(postgres.url, options.seed);
  const [homeserverPort = 0, slackPort = 0, bridgePort = 0] = await freePorts(3);
  const [slot] = await writeSlots(join(folder.path, 'registrations'), names.server, [bridgePort]);
  if (!slot) throw new Error('There is no place for the bridge.');
  const homeserver = await child(
    new URL('null-homeserver.ts', import.meta.url),
    { port: homeserverPort, bridge: bridgePort, hsToken: slot.hsToken },
    ends,
  );
  const slack = await child(
    new URL('null-slack.ts', import.meta.url),
    { port: slackPort, signingSecret: secrets.signingSecret },
    ends,
  );
  const place = {
    folder: folder.path,
    slot,
    homeserverPort,
    slackPort,
    databaseUrl: postgres.url,
    ...options,
  };
  let started = 0;
  return {
    homeserver,
    slack,
    postgres,
    async startBridge() {
      started += 1;
      const bridge = await startBridge(place, started);
      ends.push(() => bridge.process.stop());
      if (started === 1) await slack.ask('connect', { port: bridge.eventsPort });
      return bridge;
    },
    ask: (sql) => askDatabase(postgres.url, sql),
  };
}

async function child(program: URL, settings: object, ends: Ends): Promise<Child> {
  const started = startChild(program);
  ends.push(() => started.stop());
  await started.ask('listen', settings);
  return started;
}

interface Place extends Omit<NullWorldOptions, 'seed'> {
  readonly folder: string;
  readonly slot: Slot;
  readonly homeserverPort: number;
  readonly slackPort: number;
  readonly databaseUrl: string;
}

async function startBridge(place: Place, number: number): Promise<RunningBridge> {
  const { build, profile, folder, slot, slackPort, homeserverPort } = place;
  const own = join(folder, `bridge-${number}`);
  await mkdir(own);
  const [web = 0, events = 0] = await freePorts(2);
  // The homeserver sends to one of the processes; the others listen beside it.
  const port = number === 1 ? slot.port : await freePort();
  const config = {
    folder: own,
    homeserver: { url: `http://127.0.0.1:${homeserverPort}`, serverName: names.server },
    slot: { ...slot, port },
    slack: { apiUrl: `http://127.0.0.1:${slackPort}/api/`, app: secrets },
    transport: 'http',
    databaseUrl: place.databaseUrl,
    ports: { web, events },
    admin: names.matrixUser(0),
  } as const;
  const configFile = await writeConfig(config, {
    logging: { level: 'info' },
    secrets: { key_file: join(folder, 'secrets.key') },
  });
  const before = performance.now();
  const process = await startBridgeProcess({
    configFile,
    logFile: place.log ?? join(own, 'bridge.log'),
    webUrl: `http://127.0.0.1:${web}`,
    script: build.script,
    environment: build.environment,
    nodeArguments: [
      ...build.nodeArguments,
      ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]),
    ],
  });
  const readyAfter = performance.now() - before;
  return { process, eventsPort: events, readyAfter, metric: (name, labels) => readMetric(web, name, labels) };
}

/** Fits every type of a metric that Prometheus reads: one line a value. */
async function readMetric(web: number, name: string, labels = ''): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const oneNumber = z.tuple([z.array(z.coerce.number())]).rest(z.unknown());

async function askDatabase(url: string, sql: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return oneNumber.parse(rows)[0][0] ?? NaN;
  } finally {
    await client.end();
  }
}
