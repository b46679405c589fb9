import { randomBytes } from 'node:crypto';
import { CannotStart } from '../errors.ts';
import { isObject, objectAt, objectsAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';

/** What the bridge is called on its homeserver. */
export interface RegistrationOptions {
  /** The homeserver's name, as in user ids. */
  readonly domain: string;
  /** Where the homeserver reaches the bridge. */
  readonly url: string;
  /** The localpart of the bridge's bot. */
  readonly bot: string;
  readonly ghostPrefix: string;
  /** Unique on the homeserver; that of the double puppets is this one with `-puppets`. */
  readonly id?: string;
}

/** The content of the two registration files. */
export interface Registrations {
  readonly bridge: Readonly<Record<string, unknown>>;
  readonly puppets: Readonly<Record<string, unknown>>;
}

/** A registration that was read and checked. */
export interface Registration {
  readonly id: string;
  /** Where the homeserver reaches us; `null` for the registration of double puppets. */
  readonly url: string | null;
  /** What we show the homeserver. */
  readonly asToken: string;
  /** What the homeserver shows us. */
  readonly hsToken: string;
  readonly senderLocalpart: string;
  /** The file's content as it was read. */
  readonly content: Readonly<Record<string, unknown>>;
}

const makeNew =
  'Make a new one with `npm start -- generate-registration` and restart the homeserver with it.';
const shortestToken = 32;

/**
 * The registration of the bridge, and a second one through which it acts as local people (double puppets).
 *
 * The bridge's sender is a throw-away name: homeservers refuse some requests (such as `/sync`) to a registration's own
 * sender, so the bot is an ordinary user with a namespace line of its own. The second registration has no URL, so the
 * homeserver sends nothing to it, and isn't exclusive, so that people keep their accounts.
 * @see https://spec.matrix.org/latest/application-service-api/#registration
 */
export function makeRegistrations(options: RegistrationOptions): Registrations {
  const id = options.id ?? 'slack';
  const server = escaped(options.domain);
  const common = {
    rate_limited: false,
    'io.element.msc4190': true, // devices made and used without a login
  };
  return {
    bridge: {
      id,
      url: options.url,
      as_token: token(),
      hs_token: token(),
      sender_localpart: `${options.bot}.sender.${randomBytes(4).toString('hex')}`,
      ...common,
      receive_ephemeral: true,
      'de.sorunome.msc2409.push_ephemeral': true, // the same, for homeservers before the stable name
      namespaces: {
        users: [
          { exclusive: true, regex: `^@${escaped(options.bot)}:${server}$` },
          { exclusive: true, regex: `^@${escaped(options.ghostPrefix)}.*:${server}$` },
        ],
        aliases: [{ exclusive: true, regex: `^#${escaped(options.ghostPrefix)}.*:${server}$` }],
        rooms: [],
      },
    },
    puppets: {
      id: `${id}-puppets`,
      url: null,
      as_token: token(),
      hs_token: token(),
      sender_localpart: `${options.bot}.puppets.${randomBytes(4).toString('hex')}`,
      ...common,
      namespaces: {
        users: [{ exclusive: false, regex: `^@.*:${server}$` }],
        aliases: [],
        rooms: [],
      },
    },
  };
}

/**
 * Checks the content of the bridge's registration file against the configuration.
 * @throws CannotStart, with what is wrong in `file` and what to do
 */
export function readRegistration(
  content: unknown,
  expected: Pick<RegistrationOptions, 'domain' | 'bot' | 'ghostPrefix'>,
  file = 'the registration',
): Registration {
  const registration = readCommon(content, file);
  if (registration.url === null) {
    throw new CannotStart(
      `${file}: url is missing or null: the homeserver must know where the bridge is. ${makeNew}`,
    );
  }
  const bot = `@${expected.bot}:${expected.domain}`;
  if (registration.senderLocalpart === expected.bot) {
    throw new CannotStart(
      `${file}: sender_localpart is the bot itself (${expected.bot}); homeservers refuse some requests to it. ${makeNew}`,
    );
  }
  if (expected.bot.startsWith(expected.ghostPrefix)) {
    throw new CannotStart(
      `appservice.bot (${expected.bot}) begins with appservice.ghost_prefix (${expected.ghostPrefix}): choose another bot or prefix, then make a new registration.`,
    );
  }
  const users = objectsAt(objectAt(registration.content, 'namespaces'), 'users');
  const ghost = `@${expected.ghostPrefix}u0example:${expected.domain}`;
  for (const [name, user] of [
    ['the bot', bot],
    ['the ghosts', ghost],
  ] as const) {
    if (!users.some((line) => covers(line, user, file))) {
      throw new CannotStart(
        `${file}: no namespace of users covers ${name} (${user}); it must fit homeserver.domain, appservice.bot and appservice.ghost_prefix. ${makeNew}`,
      );
    }
  }
  return registration;
}

/** Checks the content of the registration for double puppets. @throws CannotStart */
export function readPuppetsRegistration(
  content: unknown,
  file = 'the registration for double puppets',
): Registration {
  return readCommon(content, file);
}

function readCommon(content: unknown, file: string): Registration {
  if (!isObject(content)) throw new CannotStart(`${file}: not a registration. ${makeNew}`);
  const text = (key: string): string => {
    const value = textAt(content, key);
    if (value === undefined || value === '') throw new CannotStart(`${file}: ${key} is missing. ${makeNew}`);
    return value;
  };
  for (const key of ['as_token', 'hs_token']) {
    if (text(key).length < shortestToken) {
      throw new CannotStart(
        `${file}: ${key} is shorter than ${shortestToken} characters, so it could be guessed. ${makeNew}`,
      );
    }
  }
  if (content['as_token'] === content['hs_token']) {
    throw new CannotStart(`${file}: as_token and hs_token are the same. ${makeNew}`);
  }
  if (content['io.element.msc4190'] !== true) {
    throw new CannotStart(
      `${file}: the line \`io.element.msc4190: true\` is missing; without it no message can be sent exactly once. Add it and restart the homeserver.`,
    );
  }
  return {
    id: text('id'),
    url: textAt(content, 'url') || null,
    asToken: text('as_token'),
    hsToken: text('hs_token'),
    senderLocalpart: text('sender_localpart'),
    content,
  };
}

/** Homeservers match a pattern at the beginning of the id, some at its end too. */
function covers(line: JsonObject, user: string, file: string): boolean {
  const pattern = textAt(line, 'regex');
  if (pattern === undefined) return false;
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(user);
  } catch (error) {
    throw new CannotStart(`${file}: the pattern ${pattern} can't be read. ${makeNew}`, { cause: error });
  }
}

function token(): string {
  return randomBytes(32).toString('hex');
}

/** In a pattern, matches the text itself. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
