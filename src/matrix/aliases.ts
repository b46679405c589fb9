import type { RoomId } from '../ids.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { botUserId } from './ghost-id.ts';
import type { GhostNames } from './ghost-id.ts';
import { textAt, textsAt } from './json.ts';
import type { JsonObject } from './json.ts';
import type { StateEvent } from './power.ts';
import { bridging, isRefusal } from './refusal.ts';
import type { RoomState } from './state.ts';

/** What of {@link MatrixPort} is about aliases of rooms. */
export type Aliases = Pick<
  MatrixPort,
  'aliasOf' | 'ownAliases' | 'addAlias' | 'removeAlias' | 'showAliases' | 'isOwnRoom'
>;

interface AliasOptions {
  readonly client: HomeserverClient;
  readonly state: RoomState;
  readonly asBot: () => Promise<Acting>;
  readonly names: GhostNames;
  /** Whether rooms get any. */
  readonly wanted: boolean;
}

/** Matrix's limit of an alias, in bytes. */
const longest = 255;
const canonical = 'm.room.canonical_alias';

/** @see https://spec.matrix.org/latest/client-server-api/#room-aliases */
export function createAliases(options: AliasOptions): Aliases {
  const { state, names } = options;
  const bot = botUserId(names);
  const isOwn = (alias: string): boolean =>
    alias.startsWith(`#${names.prefix}`) && alias.endsWith(`:${names.domain}`);
  const directory = createDirectory(options);
  return {
    aliasOf: (name) => {
      const alias = `#${names.prefix}${name}:${names.domain}`;
      const fits = name !== '' && !/[\s:\0]/u.test(name) && Buffer.byteLength(alias) <= longest;
      return options.wanted && fits ? alias : undefined;
    },
    ownAliases: (room) =>
      bridging('list the addresses of the room', async () => (await directory.of(room)).filter(isOwn)),
    addAlias: (room, alias) =>
      bridging('give the room an address', async () => {
        try {
          await directory.add(room, alias);
          return true;
        } catch (error) {
          if (!isRefusal(error) || error.status !== 409) throw error;
          return (await directory.lookUp(alias)) === room;
        }
      }),
    removeAlias: (alias) =>
      bridging('remove an address of the room', async () => {
        try {
          await directory.remove(alias);
        } catch (error) {
          if (!isRefusal(error, 'M_NOT_FOUND')) throw error;
        }
      }),
    showAliases: (room, aliases) =>
      bridging('show the addresses of the room', async () => {
        const before = await state.event(room, canonical, '');
        const content = shownAliases(before, aliases, { isOwn, isBot: (user) => user === bot });
        if (content) await state.set(room, canonical, '', content);
      }),
    isOwnRoom: (room) =>
      bridging(
        "read the room's state",
        async () => (await state.event(room, 'm.room.create', ''))?.sender === bot,
      ),
  };
}

/** The homeserver's list of its aliases. All throw its refusals. */
function createDirectory({ client, asBot }: Pick<AliasOptions, 'client' | 'asBot'>) {
  const pathOf = (alias: string): readonly string[] => ['client', 'v3', 'directory', 'room', alias];
  return {
    async of(room: RoomId): Promise<readonly string[]> {
      const path = ['client', 'v3', 'rooms', room, 'aliases'];
      const answer = await client.call({ name: 'aliases', method: 'GET', path, as: await asBot(), room });
      return textsAt(answer, 'aliases');
    },
    async lookUp(alias: string): Promise<unknown> {
      const as = await asBot();
      return (await client.call({ name: 'alias', method: 'GET', path: pathOf(alias), as }))['room_id'];
    },
    async add(room: RoomId, alias: string): Promise<void> {
      const body = { room_id: room };
      const as = await asBot();
      await client.call({ name: 'add-alias', method: 'PUT', path: pathOf(alias), as, body });
    },
    async remove(alias: string): Promise<void> {
      const as = await asBot();
      await client.call({ name: 'remove-alias', method: 'DELETE', path: pathOf(alias), as });
    },
  };
}

interface Ours {
  readonly isOwn: (alias: string) => boolean;
  readonly isBot: (user: string) => boolean;
}

/**
 * What the room says of its addresses when it shows just these of ours; `undefined` where that changes nothing. An address
 * that people made its main one stays that, and where people took all of ours away it shows none.
 */
export function shownAliases(
  before: Pick<StateEvent, 'sender' | 'content'> | undefined,
  aliases: readonly string[],
  { isOwn, isBot }: Ours,
): JsonObject | undefined {
  const content = before?.content ?? {};
  const main = textAt(content, 'alias') ?? '';
  const others = textsAt(content, 'alt_aliases');
  const isTheirs = before !== undefined && !isBot(before.sender);
  if (isTheirs && ![main, ...others].some(isOwn)) return undefined;
  const keepsMain = isTheirs ? !isOwn(main) : main !== '' && !isOwn(main);
  const ours = keepsMain ? aliases : aliases.slice(1);
  const shown = keepsMain ? main : (aliases[0] ?? '');
  const alternatives = [...others.filter((alias) => !isOwn(alias)), ...ours];
  const isSame = alternatives.length === others.length && alternatives.every((each) => others.includes(each));
  if (shown === main && isSame) return undefined;
  return {
    ...(shown !== '' && { alias: shown }),
    ...(alternatives.length > 0 && { alt_aliases: alternatives }),
  };
}
