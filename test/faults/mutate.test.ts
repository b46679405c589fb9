import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { copyProject, mutated } from './mutate.ts';
import type { Copy } from './mutate.ts';
import { mutations } from './mutations.ts';
import type { Mutation } from './mutations.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string): Promise<string> => readFile(join(project, file), 'utf8');

/** A guard with a quick test, which isn't one of those against loss. */
const signature: Mutation = {
  guard: 'signature',
  scenario: 'R1',
  promise: 'the address of a picture is ours',
  file: 'src/web/picture-links.ts',
  from: "sameBytes(Buffer.from(signature, 'base64url'), sign(picture)) ? picture : undefined",
  to: 'picture',
  watcher: { file: 'test/web/picture-links.test.ts', tests: /one character is changed/ },
};

let copy: Copy;
before(async () => {
  copy = await copyProject();
});
after(() => copy?.remove());

test('every mutation fits the sources, and the tests that watch it are there', async () => {
  for (const mutation of mutations) {
    const { file, guard, watcher } = mutation;
    assert.notEqual(mutated(await read(file), mutation), await read(file), guard);
    const names = await read(watcher.file);
    if (watcher.tests) assert.match(names, watcher.tests, `${guard}: ${watcher.file}`);
  }
});

test('a guard that is taken out is caught by the test that watches it, and is back afterwards', async () => {
  assert.equal(await copy.passes(signature.watcher), true);
  assert.equal(await copy.catches(signature), true);
  assert.equal(await copy.passes(signature.watcher), true);
});

test('what no test notices is not taken for caught', async () => {
  assert.equal(await copy.catches({ ...signature, to: `(${signature.from})` }), false);
});

test('a mutation that does not fit any more, or breaks the file, is no catch but an error', async () => {
  await assert.rejects(
    copy.catches({ ...signature, from: 'what is not there' }),
    /signature is stale.* 0 times/,
  );
  await assert.rejects(copy.catches({ ...signature, from: 'const' }), /signature is stale/);
  await assert.rejects(
    copy.catches({ ...signature, to: '(((' }),
    /makes src\/web\/picture-links\.ts unreadable/,
  );
});
