import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';

const project = fileURLToPath(new URL('../../', import.meta.url));
const read = (name: string): string => readFileSync(`${project}${name}`, 'utf8');

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** The Dockerfile's instructions, continued lines joined. */
const instructions: readonly Instruction[] = read('Dockerfile')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.split(' ')[0] ?? '', value: line.slice(line.indexOf(' ') + 1) }));

const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

describe('the image', () => {
  it('is built on the Node that the project runs on', () => {
    const major = /"node": "(\d+)/.exec(read('package.json').split('"devDependencies"')[1] ?? '')?.[1];
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ value }) => value.split(' ')[0]);
    assert.deepEqual(new Set(bases), new Set([`node:${major}-slim`]));
  });

  it('has the stand-in for the native module before npm needs it', () => {
    const at = (wanted: RegExp): number => instructions.findIndex(({ value }) => wanted.test(value));
    assert.ok(at(/^stubs /) >= 0);
    assert.ok(at(/^stubs /) < at(/npm ci/));
    assert.ok(lastStage.some(({ value }) => /\/app\/stubs /.test(value)));
  });

  it('runs the compiled bridge as an account without rights, with a small heap', () => {
    const user = lastStage.find(({ name }) => name === 'USER')?.value;
    assert.match(user ?? '', /^[1-9]\d*:[1-9]\d*$/);
    const command: unknown = JSON.parse(lastStage.find(({ name }) => name === 'CMD')?.value ?? '[]');
    assert.ok(Array.isArray(command));
    assert.match(command.join(' '), /^node .*--max-old-space-size=\d+ --expose-gc dist\/main\.js run$/);
  });

  it('is made of files that exist and that .dockerignore lets through', () => {
    const allowed = new Set(
      read('.dockerignore')
        .split('\n')
        .filter((line) => line.startsWith('!'))
        .map((line) => line.slice(1)),
    );
    const copies = instructions.filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from'));
    for (const { value } of copies) {
      for (const source of value.split(' ').slice(0, -1)) {
        assert.ok(existsSync(project + source), `${source} does not exist`);
        assert.ok(allowed.has(source), `${source} is not in .dockerignore`);
      }
    }
    assert.match(read('.dockerignore'), /^\*\n/); // all else stays out: secrets, data, development
  });
});
