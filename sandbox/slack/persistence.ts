import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { restoreWorld, snapshotWorld } from './snapshot.ts';
import type { World } from './world.ts';

const QUIET_MS = 300;

export interface OpenFolder {
  /** Writes what isn't written yet. */
  readonly close: () => Promise<void>;
}

/** Reads the world from `folder` (made if missing) and from then on writes it there after changes. */
export async function openFolder(world: World, folder: string): Promise<OpenFolder> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'world.json');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) restoreWorld(world, text, path);
  // What was on its way when the sandbox stopped is nobody's.
  const contents = [...world.files.values()].map(({ content }) => content);
  await world.spool.keepOnly(new Set(contents.flatMap((one) => (one.type === 'disk' ? one.name : []))));

  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let pause = QUIET_MS;
  const write = async (): Promise<void> => {
    const from = performance.now();
    await writeFile(`${path}.new`, snapshotWorld(world));
    await rename(`${path}.new`, path);
    // A large world takes long to write: leave ten times as long to the work that changes it.
    pause = Math.max(QUIET_MS, (performance.now() - from) * 10);
  };
  const writeSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      writing = writing.then(write);
    }, pause).unref();
  };
  const stopWatching = world.onChange(writeSoon);
  return {
    close: async () => {
      stopWatching();
      clearTimeout(timer);
      await writing;
      await write();
    },
  };
}
