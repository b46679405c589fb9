import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { CannotStart } from '../errors.ts';
import { readYaml } from './source.ts';

/**
 * The content of a YAML or JSON file, not checked. `missing` is what to do when there is none.
 *
 * @throws CannotStart that names the file, for a broken one with its line.
 */
export async function readYamlFile(file: string, missing: string): Promise<unknown> {
  const { value, problems } = readYaml(await readText(file, missing));
  const [first] = problems;
  if (first) throw new CannotStart(`${file}:${first.line ?? 1}: ${first.message}`);
  return value;
}

/** A YAML text; `comment` goes before it, line by line. */
export function toYaml(value: unknown, comment: string): string {
  const lines = comment.split('\n').map((line) => (line === '' ? '#' : `# ${line}`));
  return `${lines.join('\n')}\n${stringify(value, { lineWidth: 0 })}`;
}

async function readText(file: string, missing: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // what node:fs rejects with
    if (code === 'ENOENT') throw new CannotStart(`${file} doesn't exist: ${missing}`, { cause: error });
    throw new CannotStart(`${file} can't be read: ${code ?? String(error)}`, { cause: error });
  }
}
