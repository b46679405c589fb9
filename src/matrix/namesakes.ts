import { CannotBridge, TryLater } from '../errors.ts';
import { nameKeys } from '../format/name-keys.ts';
import type { RoomId } from '../ids.ts';
import type { MatrixMember } from '../portal/ports.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { isObject, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { bridging } from './refusal.ts';

/** Which people of a room show the same name, or names that look the same; ghosts don't count. */
export interface Namesakes {
  /** Undefined where that isn't known: the room has very many people, or its list can't be had now. */
  isAmbiguous(room: RoomId, member: Pick<MatrixMember, 'user' | 'name'>): Promise<boolean | undefined>;
  /** Learns from an event that the homeserver sent us; of one without a content that something changed. */
  observe(event: JsonObject): void;
}

interface NamesakesOptions {
  readonly client: HomeserverClient;
  readonly bot: () => Promise<Acting>;
  readonly isOurs: (user: string) => boolean;
  readonly now?: () => number;
}

const mostRooms = 500;
/** In a room of more people the list isn't kept. */
const mostPeople = 2_000;
/** How long a room's list counts, in milliseconds: events keep it true, as far as they come to this process. */
const goodFor = 10 * 60_000;

/** The forms of each person's name that are compared; absent in a room of too many. */
type Names = Map<string, readonly string[]> | undefined;

interface Known {
  readonly names: Promise<Names>;
  readonly until: number;
}

export function createNamesakes(options: NamesakesOptions): Namesakes {
  const { now = () => performance.now() } = options;
  const rooms = new BoundedMap<string, Known>(mostRooms);

  /** What went wrong isn't remembered for long. */
  function namesIn(room: RoomId): Promise<Names> {
    const known = rooms.get(room);
    if (known && now() < known.until) return known.names;
    const names = readNames(options, room);
    rooms.set(room, { names, until: now() + goodFor });
    names.catch(() => rooms.delete(room));
    return names;
  }

  return {
    async isAmbiguous(room, { user, name }) {
      try {
        const names = await namesIn(room);
        const keys = nameKeys(name);
        return names && [...names].some(([other, others]) => other !== user && areAlike(keys, others));
      } catch (error) {
        if (error instanceof CannotBridge || error instanceof TryLater) return undefined;
        throw error;
      }
    },
    observe(event) {
      const room = textAt(event, 'room_id');
      const user = textAt(event, 'state_key');
      if (event['type'] !== 'm.room.member' || room === undefined || user === undefined) return;
      if (options.isOurs(user)) return;
      const content = event['content'];
      if (!isObject(content) || content['membership'] === undefined) return rooms.delete(room);
      const joined = content['membership'] === 'join' ? content : undefined;
      rooms.get(room)?.names.then(
        (names) => {
          if (joined) names?.set(user, keysOf(user, textAt(joined, 'displayname')));
          else names?.delete(user);
        },
        () => undefined, // it is read anew
      );
    },
  };
}

async function readNames({ client, bot, isOurs }: NamesakesOptions, room: RoomId): Promise<Names> {
  const answer = await bridging('list the members', async () =>
    client.call({
      name: 'members',
      method: 'GET',
      path: ['client', 'v3', 'rooms', room, 'joined_members'],
      as: await bot(),
      room,
    }),
  );
  const joined = isObject(answer['joined']) ? Object.entries(answer['joined']) : [];
  const people = joined.filter(([user]) => !isOurs(user));
  if (people.length > mostPeople) return undefined;
  return new Map(
    people.map(([user, shown]) => {
      return [user, keysOf(user, isObject(shown) ? textAt(shown, 'display_name') : undefined)] as const;
    }),
  );
}

function keysOf(user: string, name: string | undefined): readonly string[] {
  return nameKeys(name?.trim() || user.slice(1, user.indexOf(':')) || user);
}

/** Names of nothing but signs look alike. */
function areAlike(keys: readonly string[], others: readonly string[]): boolean {
  return keys.some((key) => others.includes(key)) || (keys.length === 0 && others.length === 0);
}
