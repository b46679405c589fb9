import { z } from 'zod';
import { mxcUri } from '../ids.ts';
import type { MxcUri, TeamId } from '../ids.ts';
import type { EmojiStore } from '../slack/ports.ts';
import type { Reader } from './reader.ts';
import { storableText } from './turn.ts';

const rows = z.array(z.object({ name: z.string(), value: z.string() }));

const find = {
  name: 'emoji',
  text: 'select name, value from emoji where team = $1 and name = any($2::text[])',
};

const named = {
  name: 'emoji_value',
  text: 'select name, value from emoji where team = $1 and value = any($2::text[])',
};

const all = { name: 'emoji_all', text: 'select name, value from emoji where team = $1' };

/** `$4`: how old, in seconds, what is overwritten must be. */
const put = {
  name: 'emoji_put',
  text: `insert into emoji (team, name, value)
    select $1, name, value from unnest($2::text[], $3::text[]) as told(name, value)
    on conflict (team, name) do update set value = excluded.value, at = now()
      where emoji.at <= now() - make_interval(secs => $4)`,
};

const remove = {
  name: 'emoji_remove',
  text: `delete from emoji where team = $1 and name = any($2::text[]) and at <= now() - make_interval(secs => $3)`,
};

/** From the pictures that were uploaded: they are far fewer than the emoji. */
const shown = {
  name: 'emoji_shown',
  text: `select e.name, p.mxc from picture p join emoji e on e.team = $1 and e.value = p.url order by e.name`,
};

const shownRows = z.array(z.object({ name: z.string(), mxc: z.string().transform(mxcUri) }));

/** Those of a workspace whose pictures are on the homeserver, by the order of their names. */
export function createShownEmoji(
  reader: Reader,
): (team: TeamId) => Promise<readonly { readonly name: string; readonly picture: MxcUri }[]> {
  return async (team) =>
    shownRows.parse(await reader.query(shown, [team])).map(({ name, mxc }) => ({ name, picture: mxc }));
}

/** What an event told outweighs the list for so many seconds. */
const fresh = 60;
/** An index takes no longer ones. */
const longest = 2000;

export function createEmoji(reader: Reader): EmojiStore {
  async function read(query: typeof find, team: TeamId, values?: readonly string[]) {
    return rows.parse(await reader.query(query, values === undefined ? [team] : [team, values]));
  }

  async function write(
    team: TeamId,
    change: Parameters<EmojiStore['change']>[1],
    olderThan: number,
  ): Promise<void> {
    const told = [...(change.put ?? [])].filter(([name, value]) => isKeepable(name) && isKeepable(value));
    const gone = (change.remove ?? []).filter(isKeepable);
    if (gone.length > 0) await reader.query(remove, [team, gone, olderThan]);
    if (told.length === 0) return;
    await reader.query(put, [team, told.map(([name]) => name), told.map(([, value]) => value), olderThan]);
  }

  return {
    async find(team, names) {
      const keepable = names.filter(isKeepable);
      if (keepable.length === 0) return new Map();
      return new Map((await read(find, team, keepable)).map(({ name, value }) => [name, value]));
    },
    async named(team, values) {
      return (await read(named, team, values.filter(isKeepable))).map(({ name }) => name);
    },
    change: (team, change) => write(team, change, 0),
    async replace(team, wanted) {
      const known = new Map((await read(all, team)).map(({ name, value }) => [name, value]));
      const changed = new Map([...wanted].filter(([name, value]) => known.get(name) !== value));
      await write(
        team,
        { put: changed, remove: [...known.keys()].filter((name) => !wanted.has(name)) },
        fresh,
      );
    },
  };
}

function isKeepable(text: string): boolean {
  return text.length <= longest && storableText(text, longest) === text;
}
