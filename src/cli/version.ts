import { readFile } from 'node:fs/promises';
import type { Arguments } from './arguments.ts';
import type { Surroundings } from './surroundings.ts';

/** The version in package.json, which lies two folders up from the sources and from the compiled files alike. */
export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string }; // our own file
  return version;
}

export async function version(_args: Arguments, { out }: Surroundings): Promise<number> {
  out(`matrix-slack-bridge ${await readVersion()}, Node ${process.versions.node}`);
  return 0;
}
