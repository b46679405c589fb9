import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** A new person on the homeserver, logged in. */
export interface RegisteredUser {
  readonly userId: string;
  readonly accessToken: string;
  readonly deviceId: string;
  readonly password: string;
}

export interface RegisterOptions {
  readonly admin?: boolean;
  readonly displayName?: string;
  /** Absent: a random one. */
  readonly password?: string;
}

const registered = z.object({ user_id: z.string(), access_token: z.string(), device_id: z.string() });
const nonceAnswer = z.object({ nonce: z.string() });

/**
 * Registers a person by the homeserver's registration secret.
 *
 * @param url the homeserver's address for clients.
 * @throws Error with the homeserver's answer, as when the name is taken.
 * @see https://element-hq.github.io/synapse/latest/admin_api/register_api.html
 */
export async function registerUser(
  url: string,
  secret: string,
  name: string,
  options: RegisterOptions = {},
): Promise<RegisteredUser> {
  const endpoint = `${url}/_synapse/admin/v1/register`;
  const { nonce } = nonceAnswer.parse(await answerOf(await fetch(endpoint)));
  const { admin = false, displayName = name, password = randomBytes(12).toString('base64url') } = options;
  const mac = createHmac('sha1', secret)
    .update([nonce, name, password, admin ? 'admin' : 'notadmin'].join('\0'))
    .digest('hex');
  const body = JSON.stringify({ nonce, username: name, displayname: displayName, password, admin, mac });
  const user = registered.parse(await answerOf(await fetch(endpoint, { method: 'POST', body })));
  return { userId: user.user_id, accessToken: user.access_token, deviceId: user.device_id, password };
}

async function answerOf(response: Response): Promise<unknown> {
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`The homeserver did not register the person: ${JSON.stringify(answer)}`);
  return answer;
}
