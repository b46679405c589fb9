import { unicodeOfName } from '../format/emoji.ts';
import type { OwnEmoji, SlackPort } from '../portal/ports.ts';
import type { EmojiLists } from './emoji-lists.ts';
import type { EmojiStore } from './ports.ts';

/** What the portals ask of workspaces' own emoji. */
export type WorkspaceEmoji = Pick<SlackPort, 'ownEmoji' | 'emojiOfPicture' | 'emojiChanged'>;

/** An alias of an alias of an alias is none. */
const mostAliases = 3;
const alias = 'alias:';

export function createWorkspaceEmoji(
  lists: Pick<EmojiLists, 'find' | 'changed'>,
  store: EmojiStore,
): WorkspaceEmoji {
  return {
    async ownEmoji(team, names) {
      const wanted = new Map(names.map((name) => [name, bareName(name)] as const));
      const values = await withAliases((asked) => lists.find(team, asked), [...new Set(wanted.values())]);
      return new Map(
        [...wanted].flatMap(([name, bare]) => {
          const own = ownOf(values, bare, name.slice(bare.length));
          return own ? [[name, own] as const] : [];
        }),
      );
    },
    async emojiOfPicture(team, addresses) {
      return addresses.length === 0 ? undefined : (await store.named(team, addresses)).toSorted()[0];
    },
    async emojiChanged(team, change) {
      lists.changed(team, change.type === 'renamed' || change.type === 'unknown'); // aliases of a renamed one may have moved
      switch (change.type) {
        case 'added':
          return store.change(team, { put: new Map([[change.name, change.value]]) });
        case 'removed':
          return store.change(team, { remove: change.names });
        case 'renamed':
          return store.change(team, { put: new Map([[change.to, change.value]]), remove: [change.from] });
        case 'unknown':
          return undefined;
      }
    },
  };
}

/** A name without its skin tone. */
function bareName(name: string): string {
  return name.split('::')[0] ?? name;
}

/** The values of the names, and of those that they are other names of. */
async function withAliases(
  find: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  let asked = names;
  for (let depth = 0; asked.length > 0 && depth < mostAliases; depth += 1) {
    for (const [name, value] of await find(asked)) values.set(name, value);
    const targets = asked.flatMap((name) => aliasOf(values.get(name)) ?? []);
    asked = [...new Set(targets)].filter((name) => !values.has(name) && unicodeOfName(name) === undefined);
  }
  return values;
}

function aliasOf(value: string | undefined): string | undefined {
  return value?.startsWith(alias) === true ? value.slice(alias.length) : undefined;
}

function ownOf(values: ReadonlyMap<string, string>, name: string, tone: string): OwnEmoji | undefined {
  let shown = name;
  for (let depth = 0; depth < mostAliases; depth += 1) {
    const value = values.get(shown);
    const other = aliasOf(value);
    if (other === undefined) return value === undefined ? undefined : { picture: value };
    const unicode = unicodeOfName(other + tone) ?? unicodeOfName(other);
    if (unicode !== undefined) return { unicode };
    shown = other;
  }
  return undefined;
}
