import { z } from 'zod';
import { teamId } from '../ids.ts';
import type { Installations } from '../slack/ports.ts';
import type { Reader } from './reader.ts';
import type { Secrets } from './secrets.ts';

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

/** Workspaces that the app was installed in; their bot tokens are sealed. */
export function createInstallations(reader: Reader, secrets: Secrets): StoredInstallations {
  let listener: (() => void) | undefined;
  return {
    all: async () => {
      const found = rows.parse(await reader.query(names, []));
      const read = found.map(async ({ id }) => {
        const botToken = await secrets.get(id);
        return botToken === undefined ? [] : [{ team: teamId(id.slice(prefix.length)), botToken }];
      });
      return (await Promise.all(read)).flat();
    },
    save: async (team, botToken) =>
      reader.transaction(async (client) => {
        await secrets.within(client).put(`${prefix}${team}`, botToken);
        await client.query('select pg_notify($1, $2)', [installationsNotification, team]);
      }),
    whenChanged: (told) => void (listener = told),
    heard: () => listener?.(),
  };
}
