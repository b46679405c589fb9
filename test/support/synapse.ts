import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { matrixUser } from '../../sandbox/matrix-user.ts';
import type { MatrixUser, Session } from '../../sandbox/matrix-user.ts';
import type { SynapseFederation } from '../../sandbox/synapse/config.ts';
import { registerUser } from '../../sandbox/synapse/register-user.ts';
import { startSynapse } from '../../sandbox/synapse/start.ts';
import type { Synapse } from '../../sandbox/synapse/start.ts';
import { freePort, freePorts } from './ports.ts';
import { slot, takeSlot, writeSlots } from './slots.ts';
import type { Slot } from './slots.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Names a JSON file with a homeserver for tests: `{ url, serverName, registrationSecret, slots }`, the registrations of whose slots the
 * homeserver has loaded. `test/run.ts` writes one; absent: each test file starts its own homeserver.
 */
export const homeserverVariable = 'MATRIX_SLACK_BRIDGE_TEST_HOMESERVER';

const homeserverFile = z.object({
  url: z.string(),
  serverName: z.string(),
  registrationSecret: z.string(),
  slots: z.array(slot),
});
type HomeserverFile = z.infer<typeof homeserverFile>;

/** The homeserver of a test file. People and rooms are made anew by each test. */
export interface TestHomeserver {
  /** Its address without a slash at the end. */
  readonly url: string;
  readonly serverName: string;
  /** Registers a person with a name of their own and opens their client, which `close()` ends. */
  person(displayName: string): Promise<MatrixUser>;
  /** The same without a client, which costs the homeserver a lasting request. */
  session(displayName: string): Promise<Session>;
  /** The access token of a new administrator. */
  adminToken(): Promise<string>;
  /** A place for a bridge that nobody used before. A test file that starts several bridges at once takes several. */
  takeSlot(): Promise<Slot>;
  /** Ends the clients of all people, and the homeserver if this test file started it. Belongs into `after`. */
  close(): Promise<void>;
}

/** A running Synapse of which test files are told by a file. */
export interface SharedSynapse {
  /** The value for `homeserverVariable`. */
  readonly file: string;
  readonly synapse: Synapse;
  stop(): Promise<void>;
}

/** Starts a Synapse with `slots` places for bridges in a new folder, which goes with it; it federates if it is told how. */
export async function startSharedSynapse(
  slots: number,
  onProgress: (line: string) => void,
  federation?: SynapseFederation,
): Promise<SharedSynapse> {
  const folder = temporaryFolder('synapse');
  const serverName = federation ? `localhost:${federation.port}` : 'localhost';
  const places = await writeSlots(join(folder.path, 'registrations'), serverName, await freePorts(slots));
  const synapse = await startSynapse({
    folder: join(folder.path, 'synapse'),
    serverName,
    port: await freePort(),
    registrations: [...new Set(places.flatMap((place) => [place.registration, place.puppetRegistration]))],
    database: 'sqlite',
    ...(federation && { federation }),
    onProgress,
  }).catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  const { url, registrationSecret } = synapse;
  const file = join(folder.path, 'homeserver.json');
  const contents: HomeserverFile = { url, serverName, registrationSecret, slots: [...places] };
  await writeFile(file, JSON.stringify(contents));
  return {
    file,
    synapse,
    async stop() {
      await synapse.stop();
      await folder.remove();
    },
  };
}

/** How many bridges a test file that runs by itself can start. */
const ownSlots = 4;

/** The homeserver that the runner started, or one of this test file's own. */
export async function testHomeserver(): Promise<TestHomeserver> {
  const named = process.env[homeserverVariable];
  const own = named ? undefined : await startSharedSynapse(ownSlots, (line) => console.error(line));
  const file = named ?? own?.file ?? '';
  const known = homeserverFile.parse(JSON.parse(await readFile(file, 'utf8')));
  const people: MatrixUser[] = [];
  async function session(displayName: string, admin = false): Promise<Session> {
    const name = `${displayName.toLowerCase().replace(/[^a-z]/g, '')}-${randomBytes(5).toString('hex')}`;
    const registered = await registerUser(known.url, known.registrationSecret, name, { displayName, admin });
    return { url: known.url, ...registered };
  }
  return {
    url: known.url,
    serverName: known.serverName,
    async person(displayName) {
      const person = matrixUser(await session(displayName));
      people.push(person);
      return person;
    },
    session: (displayName) => session(displayName),
    adminToken: async () => (await session('Admin', true)).accessToken,
    takeSlot: () => takeSlot(known.slots, `${file}.taken`),
    async close() {
      await Promise.all(people.map((person) => person.stop()));
      await own?.stop();
    },
  };
}
