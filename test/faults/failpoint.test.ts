import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { failpointFile } from './support/failpoint-names.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder('failpoint');
after(() => folder.remove());

const passing = `
  import { failpoint } from '#failpoint';
  failpoint('slack.before', { method: 'chat.update' });
  failpoint('slack.before', { method: 'chat.postMessage' });
  console.log('once');
  failpoint('slack.before', { method: 'chat.postMessage' });
  console.log('twice');
`;

/** Runs a program that passes three points, and tells what it wrote and by which signal it ended. */
async function passThem(file: string, nodeArguments: readonly string[]) {
  const args = [...nodeArguments, '--input-type=module', '--eval', passing];
  const options = { cwd: project, env: { ...process.env, [failpointFile]: file } };
  return promisify(execFile)(process.execPath, args, options).then(
    ({ stdout }) => ({ stdout, signal: null }),
    ({ stdout, signal }: { stdout: string; signal: string | null }) => ({ stdout, signal }),
  );
}

test('a process with the condition ends at just the pass of the point that the file names', async () => {
  const file = join(folder.path, 'armed');
  await writeFile(file, 'slack.before:chat.postMessage 2');
  const ended = await passThem(file, ['--conditions=failpoints']);
  assert.deepEqual(ended, { stdout: 'once\n', signal: 'SIGKILL' });
  assert.ok(!existsSync(file) && existsSync(`${file}.fired`));
  assert.equal((await passThem(file, ['--conditions=failpoints'])).stdout, 'once\ntwice\n');
});

test('without the condition a point does nothing at all', async () => {
  const file = join(folder.path, 'ignored');
  await writeFile(file, 'slack.before:chat.postMessage 1');
  assert.deepEqual(await passThem(file, []), { stdout: 'once\ntwice\n', signal: null });
  assert.ok(existsSync(file));
  const { failpoint } = await import('../../src/failpoint.ts');
  assert.match(failpoint.toString(), /\)\s*\{\s*\}$/);
});

test('the compiled bridge runs without its sources', async () => {
  const place = join(folder.path, 'installed');
  const run = promisify(execFile);
  await mkdir(place);
  await run(
    join(project, 'node_modules/.bin/tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', `${place}/dist`],
    {
      cwd: project,
    },
  );
  await run(process.execPath, [join(project, 'scripts/copy-assets.mjs'), join(place, 'dist')]);
  await cp(join(project, 'package.json'), join(place, 'package.json'));
  await symlink(join(project, 'node_modules'), join(place, 'node_modules'));
  const check = `const { failpoint } = await import('./dist/store/writer.js').then(() => import('./dist/failpoint.js'));
    console.log(typeof failpoint);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', check], { cwd: place });
  assert.equal(stdout, 'function\n');
});
