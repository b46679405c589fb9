import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { Grant } from '../slack/oauth.ts';
import type { StoredToken } from '../slack/ports.ts';
import type { Login } from '../store/logins.ts';
import type { LoginParts } from './login-parts.ts';

/** What somebody in Slack allowed, until they have said who they are in Matrix. */
export interface HeldGrant {
  readonly scopes: readonly string[];
  readonly token: StoredToken;
}

const stored = z.object({
  scopes: z.array(z.string()),
  token: z.object({
    access: z.string(),
    refresh: z.string().exactOptional(),
    expiresAt: z.number().exactOptional(),
  }),
});

/** No letters or digits that look like others. */
const alphabet = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';

/** What people type: 58 bits, good for ten minutes. */
const shape = /^[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}$/i;

export function isCode(word: string): boolean {
  return shape.test(word);
}

/** Keeps the grant, sealed; resolves with the code by which it can be had for ten minutes. */
export async function holdGrant(
  { logins, secrets }: Pick<LoginParts['store'], 'logins' | 'secrets'>,
  whose: { readonly team: TeamId; readonly slackUser: SlackUserId },
  grant: HeldGrant,
): Promise<string> {
  const code = newCode();
  await logins.begin({ kind: 'code', ...whose }, code);
  const login = await logins.find(code);
  if (login) await secrets.put(secretId(login), JSON.stringify(grant));
  return code;
}

/** Undefined: it isn't kept any more. */
export async function heldGrant(
  { secrets }: Pick<LoginParts['store'], 'secrets'>,
  login: Login,
): Promise<HeldGrant | undefined> {
  const text = await secrets.get(secretId(login));
  return text === undefined ? undefined : stored.parse(JSON.parse(text));
}

export async function forgetGrant(
  { secrets }: Pick<LoginParts['store'], 'secrets'>,
  login: Login,
): Promise<void> {
  await secrets.remove(secretId(login));
}

/** Ends a token that nobody is going to use, unless somebody does: Slack gives a person the same one each time. */
export async function giveBack(
  { store, slack, log }: LoginParts,
  { team, slackUser, token }: Pick<Grant, 'team' | 'slackUser' | 'token'>,
): Promise<void> {
  const isUsed = store.puppets.all().some((puppet) => puppet.team === team && puppet.slackUser === slackUser);
  if (isUsed || !slack.oauth.configured(team)) return;
  try {
    await slack.oauth.revoke(team, token.access);
  } catch (error) {
    log.warn('a token that isn’t used could not be given back to Slack', { team, error });
  }
}

/** How often what was allowed is given back where nobody said in Matrix whose it is, in milliseconds. */
const every = 60_000;

export function watchHeldGrants(parts: LoginParts, interval = every): { readonly stop: () => Promise<void> } {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running
      .then(() => giveBackMissed(parts))
      .catch((error: unknown) =>
        parts.log.debug('what was allowed in vain could not be given back', { error }),
      );
  }, interval);
  return {
    stop: () => {
      clearInterval(timer);
      return running;
    },
  };
}

async function giveBackMissed(parts: LoginParts): Promise<void> {
  for (const login of await parts.store.logins.missedCodes()) {
    const grant = await heldGrant(parts.store, login);
    const { team, slackUser } = login;
    if (grant && team !== undefined && slackUser !== undefined)
      await giveBack(parts, { team, slackUser, token: grant.token });
    await forgetGrant(parts.store, login);
  }
}

/** The clean-up of the store finds them by this, too. */
function secretId(login: Login): string {
  return `login:${login.hash}`;
}

function newCode(): string {
  const letters = Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)] ?? '');
  return [letters.slice(0, 4), letters.slice(4, 8), letters.slice(8)].map((part) => part.join('')).join('-');
}
