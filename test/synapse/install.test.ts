import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ensureSynapse, pythonVariable, synapseVersion } from '../../sandbox/synapse/install.ts';
import type { SynapseInstall } from '../../sandbox/synapse/install.ts';
import { takingTurns } from '../../sandbox/synapse/install-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const folder = temporaryFolder('install');
const environment = { ...process.env };
const inside = (name: string): string => join(folder.path, name);

/** A folder for PATH that holds one program named python3. */
async function pathWith(name: string, make: (python: string) => Promise<void>): Promise<string> {
  await mkdir(inside(name));
  await make(join(inside(name), 'python3'));
  return inside(name);
}

const script = (text: string) => async (python: string) =>
  writeFile(python, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
const install = async (name: string): Promise<SynapseInstall> =>
  ensureSynapse({ folder: inside(name), onProgress: () => undefined });

before(() => {
  delete process.env[pythonVariable];
});
afterEach(() => {
  process.env = { ...environment };
});
after(() => folder.remove());

describe('installing Synapse', () => {
  it('says that Python is missing, how to get it, and what else would do', async () => {
    await mkdir(inside('nothing'));
    process.env['PATH'] = inside('nothing');
    await assert.rejects(install('a'), {
      name: 'SynapseUnavailable',
      message:
        /needs Python 3\.10 or newer.*apt-get install python3 python3-venv.*MATRIX_SLACK_BRIDGE_SYNAPSE_PYTHON/s,
    });
  });

  it('says which Python is too old', async () => {
    process.env['PATH'] = await pathWith('old', script('echo 3 8'));
    await assert.rejects(install('b'), { name: 'SynapseUnavailable', message: /python3 is 3\.8/ });
  });

  it('says that venv is missing, with what Python said', async () => {
    process.env['PATH'] = await pathWith(
      'bare',
      script('[ "$1" = -c ] && echo 3 11 && exit; echo no ensurepip; exit 1'),
    );
    await assert.rejects(install('c'), {
      name: 'SynapseUnavailable',
      message: /apt-get install python3-venv.*no ensurepip/s,
    });
  });

  it('says that the package index cannot be reached, and such an attempt does not count', async () => {
    const { stdout } = await run('python3', ['-c', 'import sys; print(sys.executable)']);
    process.env['PATH'] = await pathWith('real', (python) => symlink(stdout.trim(), python));
    Object.assign(process.env, {
      PIP_INDEX_URL: 'http://127.0.0.1:9/',
      PIP_RETRIES: '0',
      PIP_NO_CACHE_DIR: '1',
    });
    const message = /could not be installed from the Python package index/;
    await assert.rejects(install('d'), { name: 'SynapseUnavailable', message });
    await access(join(inside('d'), 'bin', 'python')); // the first half was done
    await assert.rejects(install('d'), { name: 'SynapseUnavailable', message });
  });

  it('takes the Python that is named, if that has Synapse', async () => {
    process.env['PATH'] = await pathWith('named', script('exit 0'));
    process.env[pythonVariable] = 'python3';
    assert.deepEqual(await install('e'), { python: 'python3' });
    process.env[pythonVariable] = inside('nowhere');
    await assert.rejects(install('e'), {
      name: 'SynapseUnavailable',
      message: /nowhere, which has no Synapse/,
    });
  });

  it('is quick where it was done before', async () => {
    const { python } = await ensureSynapse({ onProgress: (line) => console.log(line) });
    const { stdout } = await run(python, [
      '-c',
      'from importlib.metadata import version; print(version("matrix-synapse"))',
    ]);
    assert.equal(stdout.trim(), synapseVersion);
  });
});

describe('two processes that install', () => {
  it('take turns, and one that ended in the middle is passed over', async () => {
    const ended = spawn('true');
    await once(ended, 'exit');
    await writeFile(inside('lock'), String(ended.pid));
    let inTurn = 0;
    let waits = 0;
    const work = async (): Promise<void> => {
      inTurn += 1;
      assert.equal(inTurn, 1);
      await new Promise((resolve) => setImmediate(resolve));
      inTurn -= 1;
    };
    const onWait = (): void => {
      waits += 1;
    };
    await Promise.all([1, 2, 3].map(() => takingTurns(inside('lock'), onWait, work)));
    assert.ok(waits >= 2);
    await assert.rejects(access(inside('lock')));
  });
});
