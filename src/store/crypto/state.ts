import { z } from 'zod';
import type { MatrixUserId } from '../../ids.ts';
import type { CryptoState } from '../../matrix/crypto/ports.ts';
import type { Query, Reader } from '../reader.ts';
import type { Secrets } from '../secrets.ts';
import { retireAll } from './retire.ts';
import type { CryptoSession } from './session.ts';

const find: Query = {
  name: 'crypto_device',
  text: 'select signed, retired, since from crypto_device where user_id = $1 and device_id = $2',
};
const found = z.array(z.object({ signed: z.boolean(), retired: z.boolean(), since: z.string().nullable() }));

const save: Query = {
  name: 'crypto_device_save',
  text: `insert into crypto_device (user_id, device_id, signed, retired) values ($1, $2, $3, $4)
    on conflict (user_id, device_id) do update set signed = excluded.signed, retired = excluded.retired`,
};

const saveSince: Query = {
  name: 'crypto_since_save',
  text: `with noted as (
      insert into user_device_list (user_id, change) select changed, nextval('crypto_list_change') from unnest($4::text[]) as t(changed)
      on conflict (user_id) do update set change = excluded.change)
    insert into crypto_device (user_id, device_id, since) values ($1, $2, $3)
    on conflict (user_id, device_id) do update set since = excluded.since`,
};

const changedLists: Query = {
  name: 'crypto_lists',
  text: `select l.user_id, l.change from user_device_list l where l.change > coalesce(
      (select heard from crypto_device where user_id = $1 and device_id = $2), 0)`,
};
const changed = z.array(
  z.object({ user_id: z.string().transform((id) => id as MatrixUserId), change: z.number() }), // as it was given
);

const saveHeard: Query = {
  name: 'crypto_heard',
  text: `insert into crypto_device (user_id, device_id, heard) values ($1, $2, $3)
    on conflict (user_id, device_id) do update set heard = excluded.heard`,
};

const raiseAge: Query = {
  name: 'crypto_age',
  text: `with before as (select age from crypto_age),
    retired as (${retireAll('(select age from before) < $1')})
    update crypto_age set age = greatest(age, $1) + 1
      returning age, (select age from before) < $1 as "wentBack"`,
};
const raised = z.tuple([z.object({ age: z.number(), wentBack: z.boolean() })]);

/** @param storeKey as `loadStoreKey` */
export function createCryptoState(
  reader: Reader,
  secrets: Secrets,
  session: CryptoSession,
  storeKey: () => Promise<Buffer>,
): CryptoState {
  const row = async (user: MatrixUserId, device: string) =>
    found.parse(await reader.query(find, [user, device]))[0];
  return {
    storeKey,
    since: async (user, device) => (await row(user, device))?.since ?? undefined,
    async saveSince(user, device, since, lists = []) {
      await session.query(saveSince, [user, device, since, [...new Set(lists)]]);
    },
    async device(user, device) {
      const known = await row(user, device);
      return known && { signed: known.signed, retired: known.retired };
    },
    async saveDevice(user, device, { signed, retired }) {
      await reader.query(save, [user, device, signed, retired]);
    },
    async changedLists(user, device) {
      const rows = changed.parse(await reader.query(changedLists, [user, device]));
      const upTo = Math.max(0, ...rows.map(({ change }) => change));
      return { users: rows.map(({ user_id: id }) => id), upTo };
    },
    async saveHeard(user, device, upTo) {
      await session.query(saveHeard, [user, device, upTo]);
    },
    raiseAge: async (told) => raised.parse(await session.query(raiseAge, [told]))[0],
    identity: (user) => secrets.get(identityOf(user)),
    saveIdentity: (user, identity) => secrets.put(identityOf(user), identity),
  };
}

function identityOf(user: MatrixUserId): string {
  return `crypto:identity:${user}`;
}
