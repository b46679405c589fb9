import { hash } from 'node:crypto';
import { z } from 'zod';
import type { TeamId } from '../ids.ts';
import { slackUserId, teamId } from '../ids.ts';
import type { KnownTeams } from '../slack/ports.ts';
import type { Reader } from './reader.ts';

const rows = z.array(
  z.object({
    id: z.string().transform(teamId),
    name: z.string(),
    url: z.string(),
    app_id: z.string().nullable(),
    bot_user: z.string().transform(slackUserId),
    bot_id: z.string().nullable(),
    token_hash: z.string(),
  }),
);

const find = {
  name: 'teams_known',
  text: `select id, name, url, app_id, bot_user, bot_id, token_hash from team
    where token_hash is not null and bot_user is not null order by id`,
};

const remember = {
  name: 'team_save',
  text: `insert into team (id, name, url, app_id, bot_user, bot_id, token_hash) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do update set name = excluded.name, url = excluded.url, app_id = excluded.app_id,
      bot_user = excluded.bot_user, bot_id = excluded.bot_id, token_hash = excluded.token_hash`,
};

const renewed = { name: 'team_renewed', text: 'update team set token_hash = $2 where id = $1' };

export function createKnownTeams(reader: Reader): KnownTeams {
  async function openedBy(token: string) {
    const known = rows.parse(await reader.query(find, []));
    const single = hashOf(token);
    return known.flatMap((row) => {
      const isShared = row.token_hash === hashOf(token, row.id);
      return isShared || row.token_hash === single ? [{ row, isShared }] : [];
    });
  }
  return {
    async find(token) {
      return (await openedBy(token)).map(({ row }) => {
        const { id, name, url, app_id: appId, bot_user: bot, bot_id: botId } = row;
        return { id, name, url, appId: appId ?? undefined, bot, botId: botId ?? undefined };
      });
    },
    async remember(token, { id, name, url, appId, bot, botId }, isShared = false) {
      const tokenHash = isShared ? hashOf(token, id) : hashOf(token);
      await reader.query(remember, [id, name, url, appId, bot, botId, tokenHash]);
    },
    async renewed(token, next) {
      for (const { row, isShared } of await openedBy(token))
        await reader.query(renewed, [row.id, isShared ? hashOf(next, row.id) : hashOf(next)]);
    },
  };
}

/** A token is long and random: its hash tells nothing of it. One that opens several workspaces has a hash for each. */
function hashOf(token: string, team?: TeamId): string {
  const of = team === undefined ? '' : `\n${team}`;
  return hash('sha256', `slack bot token\n${token}${of}`, 'hex');
}
