import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = globSync(['*.md', 'docs/**/*.md', 'sandbox/**/*.md'], { cwd: root }).map((name) =>
  join(root, name),
);

/** What a document says outside of code. */
function prose(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/```[^]*?```/g, '');
}

/** The anchors that a renderer makes of the headings. */
function anchors(file: string): ReadonlySet<string> {
  const headings = [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('the documents', () => {
  for (const file of documents)
    it(`lead nowhere that does not exist: ${relative(root, file)}`, () => {
      const links = [...prose(file).matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
      for (const link of links) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? file : join(dirname(file), path);
        assert.ok(existsSync(target), `${link} does not exist`);
        if (anchor !== undefined) assert.ok(anchors(target).has(anchor), `${link}: no such heading`);
      }
    });

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const file of documents)
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/npm run ([\w:-]+)/g))
        assert.ok(name in scripts, `${relative(root, file)}: npm run ${name}`);
  });

  it('give the two commands that a newcomer can paste', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const command of ['npm ci && npm run sandbox', 'npm ci && npm test'])
      assert.ok(readme.split('\n').includes(command), command);
  });

  it('show a configuration that can be used as it stands', async () => {
    const { readShape } = await import('../../src/config/shape.ts');
    const { readYaml } = await import('../../src/config/source.ts');
    for (const file of documents)
      for (const [, text = ''] of readFileSync(file, 'utf8').matchAll(/```yaml\n([^]*?)```/g)) {
        const { value, problems } = readYaml(text);
        assert.deepEqual(problems, [], relative(root, file));
        if (!/^\s*(slack|homeserver):/m.test(text)) continue;
        const shape = readShape({
          homeserver: { url: 'http://localhost', domain: 'example.org' },
          ...(value as object),
        });
        assert.ok('file' in shape, `${relative(root, file)}: ${JSON.stringify(shape)}`);
      }
  });
});
