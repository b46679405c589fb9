import { hash } from 'node:crypto';
import { z } from 'zod';
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
  }),
);

const find = {
  name: 'team_by_token',
  text: `select id, name, url, app_id, bot_user, bot_id from team where token_hash = $1 and bot_user is not null`,
};

const remember = {
  name: 'team_save',
  text: `insert into team (id, name, url, app_id, bot_user, bot_id, token_hash) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do update set name = excluded.name, url = excluded.url, app_id = excluded.app_id,
      bot_user = excluded.bot_user, bot_id = excluded.bot_id, token_hash = excluded.token_hash`,
};

export function createKnownTeams(reader: Reader): KnownTeams {
  return {
    async find(token) {
      const [row] = rows.parse(await reader.query(find, [hashOf(token)]));
      if (!row) return undefined;
      const { id, name, url, app_id: appId, bot_user: bot, bot_id: botId } = row;
      return { id, name, url, appId: appId ?? undefined, bot, botId: botId ?? undefined };
    },
    async remember(token, { id, name, url, appId, bot, botId }) {
      await reader.query(remember, [id, name, url, appId, bot, botId, hashOf(token)]);
    },
  };
}

/** A token is long and random: its hash tells nothing of it. */
function hashOf(token: string): string {
  return hash('sha256', `slack bot token\n${token}`, 'hex');
}
