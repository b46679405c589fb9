import { CannotBridge } from '../errors.ts';
import type { MatrixUserId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { localpartOf } from './ghost-id.ts';
import type { GhostNames } from './ghost-id.ts';
import { isRefusal } from './refusal.ts';
import type { Registration } from './registration.ts';

/** Acting as real people of the homeserver, by the second registration. Their profile and memberships are theirs. */
export interface Doubles {
  /** Whether we may act as this person, as far as is known without asking. */
  isPossible(user: MatrixUserId): boolean;
  /**
   * Does `work` as a person, who is brought in nowhere: a room that they aren't in isn't entered.
   * @throws CannotBridge `double-away` when the homeserver doesn't let them: whoever asked finds another way
   */
  actAs<T>(user: MatrixUserId, work: (as: Acting) => Promise<T>): Promise<T>;
  /** Ends our session on a person's account, if we have one. Never rejects: it is of no use to anybody without us. */
  endSession(user: MatrixUserId): Promise<void>;
  /** Asks the homeserver whether it knows the registration. Never rejects. */
  check(): Promise<void>;
}

interface DoublesOptions {
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly names: GhostNames;
  readonly isOurs: (user: string) => boolean;
  /** Absent: there are no double puppets. */
  readonly registration: Registration | undefined;
  readonly log: Logger;
}

export function createDoubles(options: DoublesOptions): Doubles {
  const { accounts, names, isOurs, registration, log } = options;
  let isKnown = true;

  function isPossible(user: MatrixUserId): boolean {
    return registration !== undefined && isKnown && !isOurs(user) && localpartOf(names, user) !== undefined;
  }

  function found(known: boolean): void {
    if (known === isKnown || !registration) return;
    isKnown = known;
    if (known)
      log.info('the homeserver knows the second registration: linked people can write as themselves');
    else
      log.warn(
        'the homeserver doesn’t know the second registration, so what linked people write in Slack appears under ghosts: give it that file (Synapse: app_service_config_files) and restart it',
        { registration: registration.id },
      );
  }

  async function attempt<T>(user: MatrixUserId, work: (as: Acting) => Promise<T>): Promise<T> {
    try {
      return await work(await accounts.actor(user));
    } catch (error) {
      if (!isRefusal(error, 'M_UNKNOWN_DEVICE')) throw error;
    }
    return work(await accounts.renew(user)); // they ended our device, or the homeserver lost it
  }

  return {
    isPossible,
    async actAs(user, work) {
      if (!isPossible(user)) throw away(user, 'the bridge may not act as them');
      try {
        return await attempt(user, work);
      } catch (error) {
        const refusal = error instanceof CannotBridge ? error.cause : error;
        if (!isRefusal(refusal) || !(refusal.status === 401 || refusal.status === 403)) throw error;
        if (refusal.code === 'M_UNKNOWN_TOKEN') found(false);
        throw away(user, refusal.message, error);
      }
    },
    endSession: async (user) => {
      if (isPossible(user)) await endSession(options, user);
    },
    async check() {
      const status = registration && (await statusOf(options, registration));
      if (status === 200) found(true);
      if (status === 401) found(false);
    },
  };
}

/** Of a question that only a homeserver answers which knows the registration; undefined: it is away. */
async function statusOf(
  { client, names }: DoublesOptions,
  { senderLocalpart }: Registration,
): Promise<number | undefined> {
  const user = `@${senderLocalpart}:${names.domain}` as MatrixUserId; // of a checked registration
  const path = ['client', 'v3', 'account', 'whoami'];
  const as = { user, registration: 'puppets' } as const;
  const answer = await client.exchange({ name: 'whoami', method: 'GET', path, as }).catch(() => undefined);
  return answer?.status;
}

async function endSession({ accounts, client, log }: DoublesOptions, user: MatrixUserId): Promise<void> {
  try {
    const known = await accounts.find(user);
    if (!known) return;
    const path = ['client', 'v3', 'devices', known.deviceId];
    const as = { user, registration: 'puppets' } as const;
    await client.call({ name: 'device', method: 'DELETE', path, as, body: {} });
  } catch (error) {
    log.debug('a session on a person’s account could not be ended', { user, error });
  }
}

function away(user: MatrixUserId, why: string, cause?: unknown): CannotBridge {
  return new CannotBridge('double-away', `${user} can't write there: ${why}`, { cause });
}
