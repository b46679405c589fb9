import { setTimeout as sleep } from 'node:timers/promises';
import type { MatrixUserId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import type { HomeserverClient } from '../call.ts';
import { countAt } from '../json.ts';
import { isRefusal } from '../refusal.ts';
import type { CryptoLeadership, CryptoState } from './ports.ts';

interface CheckedLeadOptions {
  readonly leadership: CryptoLeadership;
  readonly client: HomeserverClient;
  readonly bot: MatrixUserId;
  readonly state: Pick<CryptoState, 'raiseAge'>;
  readonly log: Logger;
}

/** In the bot's account data: the age of the crypto stores, which rises while somebody leads. */
const ageKey = 'matrix_slack_bridge.crypto_age';
/** What goes back by less may go unnoticed. */
const raiseEvery = 5 * 60_000;
const retryAfter = 2000;

/**
 * A lead that begins once the crypto stores were compared with what the homeserver was told of their age. A database that
 * went back (a backup whose `generation.json` is lost, a replica that lacked the last minutes) has old ratchets: the
 * devices of before are retired then.
 */
export function checkedLead(options: CheckedLeadOptions): CryptoLeadership {
  const { leadership } = options;
  const gained: (() => void)[] = [];
  const lost: (() => void)[] = [];
  let leads = false;
  let term = new AbortController();
  let firstTry = Promise.resolve();

  function begin(): void {
    leads = true;
    for (const listener of gained) listener();
  }

  leadership.onGained(() => {
    term = new AbortController();
    const tried = Promise.withResolvers<void>();
    firstTry = tried.promise;
    void lead(options, term.signal, { begin, tried: tried.resolve });
  });
  leadership.onLost(() => {
    term.abort();
    if (!leads) return;
    leads = false;
    for (const listener of lost) listener();
  });

  return {
    isLeader: () => leads && leadership.isLeader(),
    onGained(listener) {
      gained.push(listener);
      if (leads) listener();
    },
    onLost: (listener) => void lost.push(listener),
    async start() {
      await leadership.start();
      await firstTry;
    },
    async stop() {
      term.abort();
      leads = false;
      await leadership.stop();
    },
  };
}

/** Until the signal: compares, and then raises the age from time to time. Never rejects. */
async function lead(
  { client, bot, state, log }: CheckedLeadOptions,
  signal: AbortSignal,
  done: { readonly begin: () => void; readonly tried: () => void },
): Promise<void> {
  let told: number | undefined;
  while (!signal.aborted) {
    try {
      const first = told === undefined;
      told ??= await readAge(client, bot, log);
      const { age, wentBack } = await state.raiseAge(told);
      if (signal.aborted) break;
      if (wentBack)
        log.error('the crypto stores are older than what was done with them: our devices get new ones', {
          age,
          told,
        });
      told = 0;
      if (first) done.begin();
      await writeAge(client, bot, age);
    } catch (error) {
      log.debug('the age of the crypto stores could not be compared', { error });
    }
    done.tried();
    const pause = told === undefined ? retryAfter : raiseEvery;
    await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
  }
  done.tried();
}

function pathOf(bot: MatrixUserId): readonly string[] {
  return ['client', 'v3', 'user', bot, 'account_data', ageKey];
}

/** 0 where the homeserver was told nothing, or doesn't say. */
async function readAge(client: HomeserverClient, bot: MatrixUserId, log: Logger): Promise<number> {
  try {
    const path = pathOf(bot);
    const data = await client.call({ name: 'account-data', method: 'GET', path, as: { user: bot } });
    return countAt(data, 'age') ?? 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.code !== 'M_NOT_FOUND')
      log.warn('crypto stores that went back would not be noticed: no account data', { code: error.code });
    return 0;
  }
}

async function writeAge(client: HomeserverClient, bot: MatrixUserId, age: number): Promise<void> {
  const path = pathOf(bot);
  await client.call({ name: 'account-data', method: 'PUT', path, as: { user: bot }, body: { age } });
}
