import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Config } from '../config.ts';
import { CannotStart } from '../errors.ts';
import { readRegistration } from '../matrix/registration.ts';
import type { Registration } from '../matrix/registration.ts';

/** Reads and checks the registration that the homeserver was given. Throws `CannotStart` that says what to do. */
export async function loadRegistration(config: Config): Promise<Registration> {
  const file = config.appservice.registration;
  const { bot, ghost_prefix: ghostPrefix } = config.appservice;
  return readRegistration(
    parseFile(file, await readText(file)),
    { domain: config.homeserver.domain, bot, ghostPrefix },
    file,
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CannotStart(
      `The registration ${file} can't be read. Make it with generate-registration, give it to the homeserver, then start again.`,
      { cause: error },
    );
  }
}

function parseFile(file: string, text: string): unknown {
  try {
    const content: unknown = parse(text);
    return content;
  } catch (error) {
    throw new CannotStart(`The registration ${file} is no YAML: ${String(error).split('\n')[0] ?? ''}`, {
      cause: error,
    });
  }
}
