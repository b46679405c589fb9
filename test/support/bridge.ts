import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BridgeProcessOptions } from '../../sandbox/command/bridge-process.ts';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import type { Clock } from '../../sandbox/slack/clock.ts';
import { writeConfig } from './bridge/bridge-files.ts';
import type { ConfigChanges } from './bridge/bridge-files.ts';
import { bridgeRuns } from './bridge/bridge-runs.ts';
import type { BridgeRuns } from './bridge/bridge-runs.ts';
import { command, roomWithBot } from './bridge/matrix-side.ts';
import { startSlackSide } from './bridge/slack-side.ts';
import type { SlackChannel, SlackSide } from './bridge/slack-side.ts';
import { freshDatabase } from './database.ts';
import { freePort } from './ports.ts';
import type { Slot } from './slots.ts';
import { testHomeserver } from './synapse.ts';
import type { TestHomeserver } from './synapse.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface SceneOptions {
  /** Absent: `socket`. */
  readonly transport?: 'socket' | 'http';
  /** What stands otherwise in config.yaml. */
  readonly config?: ConfigChanges;
  /** A database that the test made; absent: a new one of the run's server, which goes with the scene. */
  readonly databaseUrl?: string;
  /** How its process is started: more arguments to node, another environment. */
  readonly process?: Pick<BridgeProcessOptions, 'script' | 'nodeArguments' | 'environment'>;
  /** A test that wants the bridge to fail at its start, or to change things before, starts it itself. */
  readonly startBridge?: boolean;
  /** Slack's; absent: the machine's. */
  readonly slackClock?: Clock;
  /** Opens the clients of Alice and Bob; absent: such as encrypt nothing. */
  readonly openPerson?: (homeserver: TestHomeserver, name: 'Alice' | 'Bob') => Promise<MatrixUser>;
}

export interface LinkedRoom {
  readonly room: string;
  readonly channel: SlackChannel;
}

/**
 * A bridge in a process of its own between a homeserver and a Slack, and people on both sides: Alice and Bob at their
 * Matrix clients (Alice may administer the bridge), Ann and Ben in Slack.
 */
export interface Scene {
  readonly homeserver: TestHomeserver;
  readonly slot: Slot;
  readonly slack: SlackSide;
  readonly alice: MatrixUser;
  readonly bob: MatrixUser;
  readonly bridge: BridgeRuns;
  readonly databaseUrl: string;
  readonly configFile: string;
  /** The bot's user id. */
  readonly bot: string;
  /** The bridge's web server. */
  readonly webUrl: string;
  /** Where it listens for Slack, with the transport `http`. */
  readonly eventsUrl: string;
  /** Everything that the bridge has logged. */
  log(): Promise<string>;
  /**
   * A channel, and a room that Alice made and linked to it; Bob is in it, too.
   *
   * @param prepare what else is done to the room before it is linked.
   */
  linkedRoom(name: string, prepare?: (room: string) => Promise<void>): Promise<LinkedRoom>;
  /** Ends everything. Belongs into `after`. */
  close(): Promise<void>;
}

/** Starts a scene. The bridge is ready when this resolves. */
export async function startScene(options: SceneOptions = {}): Promise<Scene> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    return await openScene(options, ends, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function openScene(
  options: SceneOptions,
  ends: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Scene> {
  const folder = temporaryFolder('bridge');
  ends.push(() => folder.remove());
  const homeserver = await testHomeserver();
  ends.push(() => homeserver.close());
  const { transport = 'socket', openPerson = plainPerson } = options;
  const [slot, alice, bob, slack, databaseUrl] = await Promise.all([
    homeserver.takeSlot(),
    openPerson(homeserver, 'Alice'),
    openPerson(homeserver, 'Bob'),
    startSlackSide(transport, options.slackClock),
    options.databaseUrl ?? newDatabase(ends),
  ]);
  ends.push(() => slack.sandbox.stop());

  const ports = { web: await freePort(), events: await freePort() };
  const configFile = await writeConfig(
    {
      folder: folder.path,
      homeserver,
      slot,
      slack: { apiUrl: slack.sandbox.apiUrl, app: slack.app, authorizeUrl: slack.sandbox.authorizeUrl },
      transport,
      databaseUrl,
      ports,
      admin: alice.userId,
    },
    options.config,
  );
  const webUrl = `http://127.0.0.1:${ports.web}`;
  await slack.control.configureApp({ app: slack.app.id, redirectUrls: [`${webUrl}/login/callback`] });
  const eventsUrl = `http://127.0.0.1:${ports.events}/slack/events`;
  const logFile = join(folder.path, 'bridge.log');
  const bridge = bridgeRuns({ configFile, logFile, webUrl, ...options.process });
  ends.push(() => bridge.stop().catch(() => undefined)); // it may have ended already
  if (options.startBridge !== false) {
    await bridge.start();
    if (transport === 'http') await subscribe(slack, eventsUrl);
  }
  const bot = `@${slot.botLocalpart}:${homeserver.serverName}`;
  const scene = {
    homeserver,
    slot,
    slack,
    alice,
    bob,
    bridge,
    databaseUrl,
    configFile,
    bot,
    webUrl,
    eventsUrl,
  };
  return {
    ...scene,
    log: () => readFile(logFile, 'utf8'),
    linkedRoom: (name, prepare) => linkedRoom(scene, name, prepare),
    close,
  };
}

function plainPerson(homeserver: TestHomeserver, name: string): Promise<MatrixUser> {
  return homeserver.person(name);
}

async function newDatabase(ends: (() => Promise<unknown>)[]): Promise<string> {
  const database = await freshDatabase();
  ends.push(() => database.drop());
  return database.url;
}

/** Tells Slack where the app gets its events, as its developer does on the app's page once the bridge answers. */
async function subscribe(slack: SlackSide, requestUrl: string): Promise<void> {
  await slack.control.configureApp({ app: slack.app.id, requestUrl });
}

async function linkedRoom(
  { alice, bob, bot, slack }: Pick<Scene, 'alice' | 'bob' | 'bot' | 'slack'>,
  name: string,
  prepare?: (room: string) => Promise<void>,
): Promise<LinkedRoom> {
  const channel = slack.newChannel(name);
  const room = await roomWithBot(alice, bot, name);
  await alice.invite(room, bob.userId);
  await bob.join(room);
  await prepare?.(room);
  const answer = await command(alice, room, `!slack link #${name}`);
  if (!answer.body.startsWith('Linked to')) throw new Error(`The bot did not link: ${answer.body}`);
  return { room, channel };
}
