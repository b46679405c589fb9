import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { spawnWatched } from '../../src/store/embedded-postgres/watched-child.ts';
import type { WatchedChild } from '../../src/store/embedded-postgres/watched-child.ts';
import { clientUrl, homeserverConfig, logConfig } from './config.ts';
import type { SynapseSecrets, SynapseSettings } from './config.ts';
import { ensureSynapse } from './install.ts';
import { registerUser } from './register-user.ts';
import type { RegisterOptions, RegisteredUser } from './register-user.ts';
import { SynapseUnavailable } from './unavailable.ts';

export interface SynapseOptions extends Omit<SynapseSettings, 'secrets' | 'rateLimits'> {
  /** Absent: `off`. */
  readonly rateLimits?: SynapseSettings['rateLimits'];
  /** What Synapse writes to `homeserver.log` in its folder; absent: `WARNING`. */
  readonly logLevel?: 'INFO' | 'WARNING';
  /** Each step of an installation, if one is needed. */
  readonly onProgress: (line: string) => void;
}

/** A running homeserver on loopback. */
export interface Synapse {
  /** Its address for clients and bridges, without a slash at the end. */
  readonly url: string;
  readonly serverName: string;
  /** The secret that registers people: it is a way in for whoever has it. */
  readonly registrationSecret: string;
  /** Its process id now. */
  pid(): number;
  registerUser(name: string, options?: RegisterOptions): Promise<RegisteredUser>;
  /** Stops it in good order. May be called again. */
  stop(): Promise<void>;
  /** Ends it by a signal and waits for the end: a crash, as seen by the bridge. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Stops it if it runs, starts it on the same folder, and waits until it answers. Registrations are read anew. */
  restart(): Promise<void>;
}

/** How long Synapse may take until it answers, a new database included, in milliseconds. */
const startLimit = 120_000;

/**
 * Starts Synapse, installing it first where it is missing, and waits until it answers.
 *
 * It never outlives this process, however this process ends (SIGKILL too). A folder that was used before goes on where it was.
 *
 * @throws SynapseUnavailable when it can't be installed, or with Synapse's own last lines when it doesn't start.
 */
export async function startSynapse(options: SynapseOptions): Promise<Synapse> {
  const { python } = await ensureSynapse({ onProgress: options.onProgress });
  const secrets = await prepareFolder(options);
  const url = clientUrl(options);
  let child = await run(python, options);
  return {
    url,
    serverName: options.serverName,
    registrationSecret: secrets.registration,
    pid: () => child.pid,
    registerUser: (name, user) => registerUser(url, secrets.registration, name, user),
    async stop() {
      await child.stop();
    },
    async kill(signal) {
      await child.kill(signal);
    },
    async restart() {
      await child.stop();
      child = await run(python, options);
    },
  };
}

const secretsFile = z.object({ registration: z.string(), macaroon: z.string(), form: z.string() });

/** Writes the configuration; keys and secrets are made once per folder. */
async function prepareFolder(options: SynapseOptions): Promise<SynapseSecrets> {
  const inside = (name: string): string => join(options.folder, name);
  await mkdir(options.folder, { recursive: true });
  const secret = (): string => randomBytes(24).toString('base64url');
  const made = { registration: secret(), macaroon: secret(), form: secret() };
  const secrets = secretsFile.parse(JSON.parse(await once(inside('secrets.json'), JSON.stringify(made))));
  const seed = randomBytes(32).toString('base64').replace(/=+$/, '');
  await once(inside('signing.key'), `ed25519 a_${randomBytes(2).toString('hex')} ${seed}\n`);

  const config = homeserverConfig({ rateLimits: 'off', ...options, secrets });
  await writeFile(inside('homeserver.json'), JSON.stringify(config, null, 2), { mode: 0o600 });
  await writeFile(
    inside('log.json'),
    JSON.stringify(logConfig(options.folder, options.logLevel ?? 'WARNING')),
  );
  return secrets;
}

/** The file's text; a file that is missing is made with `text`. */
async function once(path: string, text: string): Promise<string> {
  await writeFile(path, text, { flag: 'wx', mode: 0o600 }).catch(() => undefined); // it exists: it stays
  return readFile(path, 'utf8');
}

async function run(python: string, options: SynapseOptions): Promise<WatchedChild> {
  const lines: string[] = [];
  const child = await spawnWatched({
    command: python,
    args: ['-m', 'synapse.app.homeserver', '-c', join(options.folder, 'homeserver.json')],
    stopSignal: 'TERM',
    cwd: options.folder,
    env: process.env,
    onLine(line) {
      if (lines.push(line) > 30) lines.shift();
    },
  });
  const ended = child.exited.then(({ status }) => `ended with status ${status}`);
  const asking = new AbortController();
  const outcome = await Promise.race([ended, untilAnswering(options, asking.signal)]);
  asking.abort();
  if (outcome === 'answers') {
    child.unref();
    return child;
  }
  await child.stop();
  const log = await readFile(join(options.folder, 'homeserver.log'), 'utf8').catch(() => '');
  const last = [...lines, ...log.trimEnd().split('\n').slice(-10)].join('\n');
  throw new SynapseUnavailable(
    `Synapse ${outcome} at its start in ${options.folder}. Its last lines:\n${last}`,
  );
}

async function untilAnswering(options: SynapseOptions, given: AbortSignal): Promise<string> {
  const deadline = Date.now() + startLimit;
  while (Date.now() < deadline && !given.aborted) {
    try {
      const response = await fetch(`${clientUrl(options)}/_matrix/client/versions`, { signal: given });
      if (response.ok) return 'answers';
    } catch {
      // not listening yet, or nobody wants to know any more
    }
    await sleep(100);
  }
  return 'did not answer in time';
}
