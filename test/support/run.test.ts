import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { selectTests } from './select-tests.ts';

const runner = fileURLToPath(new URL('../run.ts', import.meta.url));

interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Runs `npm test -- ARGS` in a process that doesn't know that it belongs to a test. */
async function run(...args: readonly string[]): Promise<Run> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [runner, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { status: child.exitCode, output: output + errors };
}

describe('npm test', () => {
  it('ends with the counts alone on the last line, and status 0 when all passed', async () => {
    const { status, output } = await run('test/support/fixtures/passing.ts');
    assert.equal(status, 0, output);
    assert.equal(output.trimEnd().split('\n').at(-1), '1 passed, 0 failed');
  });

  it('reports each failure once, with its suites, its reason and what was printed, and ends with status 1', async () => {
    const { status, output } = await run(
      'test/support/fixtures/mixed.ts',
      'test/support/fixtures/passing.ts',
    );
    assert.equal(status, 1);
    assert.match(output, /✔ test\/support\/fixtures\/passing.ts {2}1 passed, 0 failed/);
    assert.match(
      output,
      /✖ a garden › in winter › sleeps\n.*'asleep' !== 'awake'.*in test\/support\/fixtures\/mixed.ts:10/s,
    );
    assert.match(output, /The file printed:\n {4}snow/);
    assert.match(output, /✖ a hook\n.*the pump is broken/s);
    assert.equal(output.match(/'asleep' !== 'awake'/g)?.length, 1);
    assert.equal(output.trimEnd().split('\n').at(-1), '2 passed, 3 failed, 1 skipped');
  });

  it('counts a file that does not load as a failure and shows why', async () => {
    const { status, output } = await run('test/support/fixtures/broken.ts');
    assert.equal(status, 1);
    assert.match(output, /this file does not load/);
    assert.equal(output.trimEnd().split('\n').at(-1), '0 passed, 1 failed');
  });

  it('says how it is called when the command line is wrong or names no test', async () => {
    for (const args of [['--fast'], ['test/nowhere']]) {
      const { status, output } = await run(...args);
      assert.equal(status, 1);
      assert.match(output, /Usage: npm test/);
    }
  });
});

describe('the tests that are selected', () => {
  it('are found by the beginning of their path, and those that need a homeserver come first', () => {
    const { files, withDatabase, withHomeserver, withNio } = selectTests(['test/support']);
    assert.deepEqual(
      files.map((file) => file.replace(/^.*\/test\//, '')),
      [
        'support/crypto/encrypting-user.test.ts',
        'support/matrix-user.test.ts',
        'support/database.test.ts',
        'support/run.test.ts',
        'support/temporary-folder.test.ts',
      ],
    );
    assert.deepEqual([withDatabase, withHomeserver, withNio], [1, 2, 1]);
  });

  it('leave out the live and the long ones unless a flag or a path asks for them', () => {
    assert.equal(selectTests([]).files.filter((file) => /\/test\/(live|long)\//.test(file)).length, 0);
  });
});
