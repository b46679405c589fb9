import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What was written. */
export interface Spooled {
  readonly size: number;
  /** The first bytes, as many as say what it is. */
  readonly head: Buffer;
}

/** Contents of files on the disk, by name: an upload of any size passes through without being held in memory. */
export interface Spool {
  /** Writes a content; one that has more than `atMost` bytes is thrown away, and `undefined` returned. */
  readonly write: (
    name: string,
    content: AsyncIterable<Buffer>,
    atMost: number,
  ) => Promise<Spooled | undefined>;
  /** Bytes `from` up to `to`. */
  readonly read: (name: string, from: number, to: number) => Readable;
  readonly remove: (name: string) => Promise<void>;
  /** Removes what isn't named. */
  readonly keepOnly: (names: ReadonlySet<string>) => Promise<void>;
  /** Removes a folder of its own making. */
  readonly close: () => Promise<void>;
}

/** Enough for the size of a picture and the first lines of a text. */
const HEAD = 64 * 1024;

/** @param folder made when something is written; absent: a temporary one. */
export function createSpool(folder: string | undefined): Spool {
  let made: Promise<string> | undefined;
  let path = folder;
  const ready = (): Promise<string> => {
    made ??= makeFolder(folder).then((place) => {
      path = place;
      return place;
    });
    return made;
  };
  const remove = async (name: string): Promise<void> => {
    if (path !== undefined) await rm(join(path, name), { force: true });
  };
  return {
    write: async (name, content, atMost) => {
      const target = join(await ready(), name);
      const head: Buffer[] = [];
      let size = 0;
      async function* counted(): AsyncGenerator<Buffer> {
        for await (const chunk of content) {
          if (size < HEAD) head.push(chunk.subarray(0, HEAD - size));
          size += chunk.length;
          if (size > atMost) return;
          yield chunk;
        }
      }
      try {
        await pipeline(Readable.from(counted()), createWriteStream(target));
      } catch (error) {
        await remove(name);
        throw error;
      }
      if (size <= atMost) return { size, head: Buffer.concat(head) };
      await remove(name);
      return undefined;
    },
    read: (name, from, to) =>
      from >= to || path === undefined
        ? Readable.from([])
        : createReadStream(join(path, name), { start: from, end: to - 1 }),
    remove,
    keepOnly: async (names) => {
      if (path === undefined) return;
      const there = await readdir(path).catch(() => []);
      await Promise.all(there.filter((name) => !names.has(name)).map((name) => remove(name)));
    },
    close: async () => {
      if (folder === undefined && made) await rm(await made, { recursive: true, force: true });
    },
  };
}

async function makeFolder(folder: string | undefined): Promise<string> {
  if (folder === undefined) return mkdtemp(join(tmpdir(), 'slack-sandbox-'));
  await mkdir(folder, { recursive: true });
  return folder;
}
