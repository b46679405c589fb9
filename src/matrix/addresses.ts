import { TryLater } from '../errors.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { HomeserverClient } from './call.ts';
import { isObject } from './json.ts';

/** The verified e-mail addresses of a person of our homeserver; undefined where it won't say. Never logged. */
export type AddressesOf = (user: MatrixUserId) => Promise<readonly string[] | undefined>;

interface AddressesOptions {
  readonly client: Pick<HomeserverClient, 'exchange'>;
  /** Of an administrator of Synapse; absent: nobody is asked. */
  readonly adminToken?: string;
  readonly log: Logger;
}

/** @see https://element-hq.github.io/synapse/latest/admin_api/user_admin_api.html#query-user-account */
export function createAddresses({ client, adminToken, log }: AddressesOptions): AddressesOf {
  let refused = false;
  return async (user) => {
    if (adminToken === undefined || refused) return undefined;
    const path = ['v2', 'users', user];
    const { status, body } = await client.exchange({ name: 'user-details', method: 'GET', path, adminToken });
    if (status === 429 || status >= 500)
      throw new TryLater(`the homeserver answered a question about a person with ${status}`, { after: 5000 });
    if (status === 401 || status === 403) {
      refused = true;
      log.warn('the homeserver tells no addresses: is homeserver.admin_token that of an administrator?', {
        status,
      });
    }
    return status < 300 && isObject(body) ? verifiedIn(body['threepids']) : undefined;
  };
}

/** Synapse lists those that were validated only; one without the time of that is left out all the same. */
function verifiedIn(threepids: unknown): readonly string[] {
  return (Array.isArray(threepids) ? threepids : []).flatMap((each: unknown) => {
    if (!isObject(each) || each['medium'] !== 'email' || typeof each['address'] !== 'string') return [];
    return typeof each['validated_at'] === 'number' && each['validated_at'] > 0 ? [each['address']] : [];
  });
}
