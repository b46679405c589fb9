import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import { toYaml } from '../config/yaml-file.ts';
import { CannotStart } from '../errors.ts';
import { makeRegistrations } from '../matrix/registration.ts';

/** The files that were written, absolute. */
export interface WrittenRegistrations {
  readonly bridge: string;
  readonly puppets: string;
}

/**
 * Makes both registration files with new tokens, readable by their owner only.
 *
 * @throws CannotStart when one exists and `force` isn't set: nothing is written then, since the homeserver knows the
 * tokens that would be lost.
 */
export async function writeRegistrations(
  config: Pick<Config, 'homeserver' | 'appservice'>,
  options: { readonly force: boolean },
): Promise<WrittenRegistrations> {
  const { homeserver, appservice } = config;
  const files = { bridge: appservice.registration, puppets: appservice.puppets_registration };
  if (!options.force) await refuseToOverwrite([files.bridge, files.puppets]);
  const made = makeRegistrations({
    domain: homeserver.domain,
    url: appservice.url,
    bot: appservice.bot,
    ghostPrefix: appservice.ghost_prefix,
  });
  await write(files.bridge, toYaml(made.bridge, bridgeComment), options.force);
  await write(files.puppets, toYaml(made.puppets, puppetsComment), options.force);
  return files;
}

export const bridgeComment = `The Slack bridge's registration with the homeserver (Synapse: app_service_config_files in homeserver.yaml).
The tokens in it are secrets. Made by generate-registration; keep the homeserver's copy the same.`;

const puppetsComment = `The bridge's second registration, for people who let it write as their own Matrix account.
The homeserver sends nothing to it. The tokens in it are secrets. Made by generate-registration.`;

async function refuseToOverwrite(files: readonly string[]): Promise<void> {
  for (const file of files) {
    const exists = await stat(file).then(
      () => true,
      () => false,
    );
    if (exists)
      throw new CannotStart(
        `${file} exists, and the homeserver may know its tokens: nothing was written. Add --force to make new ones, then give them to the homeserver.`,
      );
  }
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o600, flag: force ? 'w' : 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // what node:fs rejects with
    throw new CannotStart(`${file} can't be written: ${code ?? String(error)}`, { cause: error });
  }
}
