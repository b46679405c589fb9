import { z } from 'zod';
import { matrixUserId } from '../ids.ts';
import type { AccountChoices } from '../portal/ports.ts';
import type { Reader } from './reader.ts';

/** Whoever comes first chooses: an older owner of a lane and the new one say the same. */
const choose = {
  name: 'account_choose',
  text: `insert into account_choice as known (fact, part, account) values ($1, $2, $3)
    on conflict (fact, part) do update set account = known.account returning account`,
};
const change = {
  name: 'account_change',
  text: `insert into account_choice (fact, part, account) values ($1, $2, $3)
    on conflict (fact, part) do update set account = excluded.account`,
};

const chosen = z.tuple([z.object({ account: z.string().transform(matrixUserId) })]);

export function createAccountChoices(reader: Reader): AccountChoices {
  return {
    async choose({ fact, part }, wanted) {
      const [{ account }] = chosen.parse(await reader.query(choose, [fact, part, wanted]));
      return account;
    },
    async change({ fact, part }, account) {
      await reader.query(change, [fact, part, account]);
    },
  };
}
