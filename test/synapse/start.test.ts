import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { logIn, matrixUser } from '../../sandbox/matrix-user.ts';
import type { SynapseOptions } from '../../sandbox/synapse/start.ts';
import { startSynapse } from '../../sandbox/synapse/start.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { freePort } from '../support/ports.ts';
import { gone } from '../support/postgres-child.ts';
import { silentLog } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('start');
const data = temporaryFolder('start-postgres');
after(async () => {
  await folder.remove();
  await data.remove();
});

async function options(name: string): Promise<SynapseOptions> {
  return {
    folder: join(folder.path, name),
    serverName: 'localhost',
    port: await freePort(),
    registrations: [],
    database: 'sqlite',
    onProgress: (line) => console.log(line),
  };
}

describe('a local Synapse', () => {
  it('registers people, who stay over a restart and a crash', async () => {
    const synapse = await startSynapse(await options('people'));
    const ann = await synapse.registerUser('ann', { displayName: 'Ann Lee', admin: true });
    assert.equal(ann.userId, '@ann:localhost');
    await synapse.restart();
    await synapse.kill('SIGKILL');
    await assert.rejects(fetch(`${synapse.url}/_matrix/client/versions`));
    await synapse.restart();
    const client = matrixUser(await logIn(synapse.url, 'ann', ann.password));
    assert.deepEqual(await client.profile(), { name: 'Ann Lee', avatar: undefined });
    await client.stop();
    await assert.rejects(synapse.registerUser('ann'), /M_USER_IN_USE/);
    await synapse.stop();
    await synapse.stop();
    await gone(synapse.pid());
  });

  it('runs on PostgreSQL', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir: data.path, database: 'synapse', log: silentLog });
    const synapse = await startSynapse({ ...(await options('postgres')), database: postgres.connection });
    const { userId } = await synapse.registerUser('bob');
    assert.equal(userId, '@bob:localhost');
    await synapse.stop();
    await postgres.stop();
  });

  it('ends when the process that started it is killed with SIGKILL', async () => {
    const program = fileURLToPath(new URL('../support/synapse-process.ts', import.meta.url));
    const port = String(await freePort());
    const child = spawn(process.execPath, [program, join(folder.path, 'orphan'), port], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const received: unknown[] = await once(createInterface({ input: child.stdout }), 'line');
    child.kill('SIGKILL');
    await gone(Number(received[0]));
    await assert.rejects(fetch(`http://127.0.0.1:${port}/_matrix/client/versions`));
  });

  it('shows its own last lines when it does not start', async () => {
    const taken = await options('taken');
    const other = createServer().listen(taken.port, '127.0.0.1');
    await once(other, 'listening');
    await assert.rejects(startSynapse(taken), {
      name: 'SynapseUnavailable',
      message: /Synapse ended with status \d+ at its start.*already in use/is,
    });
    other.close();
  });
});
