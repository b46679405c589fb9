import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CannotStart } from '../errors.ts';

/** Where the sealing key is. `value` (from the environment) goes before the file. */
export interface KeySource {
  /** A file with 64 hexadecimal characters; made on the first start. */
  readonly file: string;
  /** 64 hexadecimal characters. */
  readonly value?: string;
}

/**
 * The sealing key. A missing file is made (readable by its owner only) unless the database was sealed with a key before:
 * a new one couldn't open what is there.
 *
 * @throws CannotStart when there is no key and none may be made, or what is there is no key.
 */
export async function loadKey(source: KeySource, databaseHasKey: boolean): Promise<Buffer> {
  if (source.value !== undefined) return parseKey(source.value, 'The key from the environment');
  const found = await readKeyFile(source.file);
  if (found !== undefined) return parseKey(found, `The key file ${source.file}`);
  if (databaseHasKey) {
    throw new CannotStart(
      `The key file ${source.file} is missing, and the database was sealed with its key. Put the key back (from your backup) and start again.`,
    );
  }
  return makeKeyFile(source.file);
}

function parseKey(text: string, what: string): Buffer {
  const trimmed = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(trimmed)) {
    throw new CannotStart(
      `${what} is not a key: it has to be 64 hexadecimal characters (openssl rand -hex 32).`,
    );
  }
  return Buffer.from(trimmed, 'hex');
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CannotStart(
      `The key file ${file} can't be read (${codeOf(error)}). Make it readable for the account of the bridge.`,
      {
        cause: error,
      },
    );
  }
}

/** The key that is to take the place of the one in `file`, as `nextKey` reads it; another one of before is forgotten. */
export async function makeNextKey(file: string): Promise<Buffer> {
  await rm(nextTo(file), { force: true });
  return makeKeyFile(nextTo(file));
}

/**
 * Puts the next key in the place of the one in `file`, if the database was sealed with that by now: `isRight` tells. The
 * old key stays beside it, under the name that this resolves with; undefined: there is no next key, or another one. It may
 * be interrupted at any moment and repeated.
 */
export async function takeNextKey(
  file: string,
  oldName: string,
  isRight: (key: Buffer) => boolean,
): Promise<string | undefined> {
  const text = await readKeyFile(nextTo(file));
  if (text === undefined || !isRight(parseKey(text, `The key file ${nextTo(file)}`))) return undefined;
  const aside = `${file}.${oldName}`;
  await copyFile(file, aside);
  await chmod(aside, 0o600);
  await rename(nextTo(file), file);
  return aside;
}

function nextTo(file: string): string {
  return `${file}.next`;
}

async function makeKeyFile(file: string): Promise<Buffer> {
  const key = randomBytes(32);
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(`${key.toString('hex')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(file, 0o600);
  } catch (error) {
    throw new CannotStart(
      `The key file ${file} can't be made (${codeOf(error)}). Make its folder writable for the account of the bridge, or set another file.`,
      { cause: error },
    );
  }
  return key;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
