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
  /** This process's, with the image's variables of the memory allocator. */
  readonly environment: NodeJS.ProcessEnv;
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
  const dockerfile = await readFile(join(project, 'Dockerfile'), 'utf8');
  return {
    script: join(output, 'main.js'),
    nodeArguments: imageArguments(dockerfile),
    environment: { ...process.env, ...imageAllocator(dockerfile) },
  };
}

/** The arguments that the image gives to node itself. */
function imageArguments(dockerfile: string): readonly string[] {
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
  return z
    .array(z.string())
    .parse(JSON.parse(command))
    .filter((argument) => argument.startsWith('--'));
}

/** What the image tells the C library's malloc. Others of its variables are about the image. */
function imageAllocator(dockerfile: string): NodeJS.ProcessEnv {
  const [, line = ''] = /^ENV (MALLOC_.*)$/m.exec(dockerfile) ?? [];
  const variables = [...line.matchAll(/(MALLOC_\w+)=(\d+)/g)];
  if (variables.length === 0) throw new Error('The Dockerfile says nothing to malloc.');
  return Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value]));
}
