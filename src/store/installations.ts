import type pg from 'pg';
import { z } from 'zod';
import type { TeamId } from '../ids.ts';
import { teamId } from '../ids.ts';
import type { Installations } from '../slack/ports.ts';
import type { Reader } from './reader.ts';
import type { Secrets } from './secrets.ts';
import { tokenIn, tokenText } from './stored-tokens.ts';

/** The channel of PostgreSQL's notifications about workspaces that the app was installed in. */
export const installationsNotification = 'installations';

const prefix = 'team:';
const names = {
  name: 'installations',
  text: `select id from secret where id like 'team:%' order by id`,
};
const rows = z.array(z.object({ id: z.string() }));

export interface StoredInstallations extends Installations {
  /** Another process has told. */
  heard(): void;
}

/** Workspaces and organisations that the app was installed in; their bot tokens are sealed. */
export function createInstallations(reader: Reader, secrets: Secrets): StoredInstallations {
  let listener: (() => void) | undefined;
  const told = <T>(team: string, change: (client: pg.ClientBase) => Promise<T>): Promise<T> =>
    reader.transaction(async (client) => {
      const done = await change(client);
      await client.query('select pg_notify($1, $2)', [installationsNotification, team]);
      return done;
    });
  return {
    all: async () => {
      const found = rows.parse(await reader.query(names, []));
      const read = found.map(async ({ id }) => {
        const token = tokenIn(await secrets.get(id));
        return token === undefined ? [] : [{ team: teamId(id.slice(prefix.length)), token }];
      });
      return (await Promise.all(read)).flat();
    },
    save: (team, token) =>
      told(team, (client) => secrets.within(client).put(secretId(team), tokenText(token))),
    // the row is locked meanwhile: whoever comes second finds the new token
    renew: (team, next) =>
      told(team, async (client) => {
        const within = secrets.within(client);
        const stored = tokenIn(await within.get(secretId(team)));
        const token = stored && (await next(stored));
        if (token === undefined) return stored;
        await within.put(secretId(team), tokenText(token));
        return token;
      }),
    touch: () => told('', () => Promise.resolve()),
    whenChanged: (hears) => void (listener = hears),
    heard: () => listener?.(),
  };
}

/** The stored form is a promise. */
function secretId(team: TeamId): string {
  return `${prefix}${team}`;
}
