import { z } from 'zod';
import { channelId, slackUserId, teamId } from '../ids.ts';
import type { SlackUserId } from '../ids.ts';
import type { ReaderStore } from '../portal/ports.ts';
import type { Reader } from './reader.ts';

/** Who reads channels that the bot isn't in, all in memory; other processes' changes come in by `refresh`. */
export interface Readers extends ReaderStore {
  refresh(): Promise<void>;
}

/** The channel of PostgreSQL's notifications about readers. */
export const readersNotification = 'readers';

const everyReader = {
  name: 'channel_readers',
  text: `select team, channel, slack_user as "user" from channel_reader order by seen_at desc, slack_user`,
};
const add = {
  name: 'add_channel_readers',
  text: `with added as (
      insert into channel_reader (team, channel, slack_user) select $1, $2, unnest($3::text[])
      on conflict (team, channel, slack_user) do update set seen_at = now()
    ) select pg_notify('${readersNotification}', '')`,
};
const remove = {
  name: 'remove_channel_reader',
  text: `with removed as (
      delete from channel_reader where team = $1 and channel = $2 and slack_user = $3
    ) select pg_notify('${readersNotification}', '')`,
};
const rows = z.array(
  z.object({
    team: z.string().transform(teamId),
    channel: z.string().transform(channelId),
    user: z.string().transform(slackUserId),
  }),
);

export async function loadReaders(reader: Reader): Promise<Readers> {
  let known: ReadonlyMap<string, readonly SlackUserId[]> = new Map();

  async function refresh(): Promise<void> {
    const found = new Map<string, SlackUserId[]>();
    for (const { user, ...place } of rows.parse(await reader.query(everyReader, []))) {
      const users = found.get(keyOf(place));
      if (users) users.push(user);
      else found.set(keyOf(place), [user]);
    }
    known = found;
  }

  await refresh();
  return {
    of: (place) => known.get(keyOf(place)) ?? [],
    async add(place, users) {
      if (users.length === 0) return;
      await reader.query(add, [place.team, place.channel, users]);
      await refresh();
    },
    async remove(place, user) {
      await reader.query(remove, [place.team, place.channel, user]);
      await refresh();
    },
    refresh,
  };
}

function keyOf({ team, channel }: Parameters<ReaderStore['of']>[0]): string {
  return `${team} ${channel}`;
}
