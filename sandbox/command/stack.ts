import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MatrixUser } from '../matrix-user.ts';
import { startSynapse } from '../synapse/start.ts';
import type { Synapse } from '../synapse/start.ts';
import { serverName, webUrlOf, writeBridgeFiles } from './bridge-config.ts';
import { startBridgeProcess } from './bridge-process.ts';
import type { BridgeProcess } from './bridge-process.ts';
import { linkChannels, matrixPeople } from './matrix-people.ts';
import type { LinkedRoom } from './matrix-people.ts';
import type { SandboxOptions } from './options.ts';
import { portsFrom } from './ports.ts';
import { makeFolder, stateFolder } from './state-folder.ts';
import { startSlackWorld } from './slack-world.ts';
import type { SlackWorld } from './slack-world.ts';

/** Everything that the sandbox started. */
export interface Stack {
  readonly world: SlackWorld;
  readonly synapse: Synapse;
  readonly bridge: BridgeProcess;
  readonly webUrl: string;
  readonly logFile: string;
  readonly people: readonly [MatrixUser, MatrixUser];
  readonly rooms: readonly LinkedRoom[];
  stop(): Promise<void>;
}

/**
 * Starts the Slack sandbox, Synapse and the bridge, registers people and links the channels; later starts go on with
 * what is in the folder.
 *
 * @throws Error, or SynapseUnavailable, whose message says what to do. What was started by then is stopped.
 */
export async function startStack(
  options: SandboxOptions,
  onProgress: (line: string) => void,
): Promise<Stack> {
  const ports = await portsFrom(options.portsFrom);
  const folder = await stateFolder(options.folder);
  if (options.reset) await rm(folder, { recursive: true, force: true });
  await makeFolder(folder);
  const inside = (name: string): string => join(folder, name);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).toReversed()) await end();
  };
  try {
    onProgress('Slack sandbox …');
    const redirectUrl = `${webUrlOf(ports)}/login/callback`;
    const world = await startSlackWorld({ port: ports.slack, folder: inside('slack'), redirectUrl });
    stops.push(() => world.slack.stop());
    const admin = `@alice:${serverName}`;
    const files = await writeBridgeFiles(folder, ports, world, admin);

    onProgress('Matrix homeserver (Synapse) …');
    const synapse = await startSynapse({
      folder: inside('synapse'),
      serverName,
      port: ports.homeserver,
      registrations: files.registrations,
      database: 'sqlite',
      onProgress,
    });
    stops.push(() => synapse.stop());

    onProgress('Bridge, with its PostgreSQL …');
    const logFile = inside('bridge.log');
    const bridge = await startBridgeProcess({ configFile: files.config, logFile, webUrl: files.webUrl });
    stops.push(() => bridge.stop());

    onProgress('People and linked channels …');
    const people = await matrixPeople(synapse);
    stops.push(async () => {
      await Promise.all(people.map((person) => person.stop()));
    });
    const rooms = await linkChannels(...people, world.channels);
    return { world, synapse, bridge, webUrl: files.webUrl, logFile, people, rooms, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
