import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import { readYamlFile } from '../config/yaml-file.ts';
import { readPuppetsRegistration, readRegistration } from '../matrix/registration.ts';
import type { Registration } from '../matrix/registration.ts';

/** Reads and checks the registration that the homeserver was given. Throws `CannotStart` that says what to do. */
export async function loadRegistration(config: Config): Promise<Registration> {
  const { registration: file, bot, ghost_prefix: ghostPrefix } = config.appservice;
  const content = await readYamlFile(
    file,
    'make it with generate-registration, give it to the homeserver, then start again.',
  );
  return readRegistration(content, { domain: config.homeserver.domain, bot, ghostPrefix }, file);
}

/** The second registration, if there is one. Throws `CannotStart` like the first. */
export async function loadPuppetsRegistration(config: Config): Promise<Registration | undefined> {
  const { puppets_registration: file } = config.appservice;
  if (!existsSync(file)) return undefined;
  return readPuppetsRegistration(await readYamlFile(file, 'make it with generate-registration.'), file);
}
