import { execFile } from 'node:child_process';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

/** A compiled bridge, and how the image runs it. */
export interface Build {
  readonly script: string;
  /** To node. */
  readonly nodeArguments: readonly string[];
}

const project = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Compiles the sources as `npm run build` does, but beside `dist/`, which stays as it is.
 *
 * @param place a folder of its own for whoever runs such a bridge, in the project.
 * @throws Error with what the compiler says.
 */
export async function buildBridge(place = '.cache/bench'): Promise<Build> {
  const folder = join(project, place);
  const output = join(folder, 'dist');
  await rm(folder, { recursive: true, force: true });
  const compiler = join(project, 'node_modules/.bin/tsc');
  await promisify(execFile)(compiler, ['-p', 'tsconfig.build.json', '--outDir', output], {
    cwd: project,
  }).catch((error: unknown) => {
    const told = z.object({ stdout: z.string() }).safeParse(error).data?.stdout ?? String(error);
    throw new Error(`The bridge can't be compiled:\n${told}`, { cause: error });
  });
  await promisify(execFile)(process.execPath, [join(project, 'scripts/copy-assets.mjs'), output]);
  await cp(join(project, 'package.json'), join(folder, 'package.json')); // it reads its version there
  return { script: join(output, 'main.js'), nodeArguments: await imageArguments() };
}

/** The arguments that the image gives to node itself. */
async function imageArguments(): Promise<readonly string[]> {
  const dockerfile = await readFile(join(project, 'Dockerfile'), 'utf8');
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  return z
    .array(z.string())
    .parse(JSON.parse(command))
    .filter((argument) => argument.startsWith('--'));
}
