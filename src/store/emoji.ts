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

/** Those told last come first; `$2`: how many may be on the homeserver in all. */
const unshown = {
  name: 'emoji_unshown',
  text: `select e.value as url from emoji e
    where e.team = $1 and e.value not like 'alias:%' and not exists (select from picture p where p.url = e.value)
    order by e.at desc, e.name
    limit greatest(0, $2 - (select count(*) from picture p join emoji e on e.team = $1 and e.value = p.url))`,
};

const urlRows = z.array(z.object({ url: z.string() }));

const shownRows = z.array(z.object({ name: z.string(), mxc: z.string().transform(mxcUri) }));

/** Workspaces' own emoji, by whether their pictures are on the homeserver. */
export interface EmojiPictures {
  /** Those that are, in the order of their names. */
  shown(team: TeamId): Promise<readonly { readonly name: string; readonly picture: MxcUri }[]>;
  /** The addresses of others, until there are `most` in all. */
  unshown(team: TeamId, most: number): Promise<readonly string[]>;
}

export function createEmojiPictures(reader: Reader): EmojiPictures {
  return {
    async shown(team) {
      const found = shownRows.parse(await reader.query(shown, [team]));
      return found.map(({ name, mxc }) => ({ name, picture: mxc }));
    },
    async unshown(team, most) {
      return urlRows.parse(await reader.query(unshown, [team, most])).map(({ url }) => url);
    },
  };
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
