import { TryLater } from '../errors.ts';
import { InvalidId, mxcUri } from '../ids.ts';
import type { MatrixUserId, MxcUri, RoomId } from '../ids.ts';
import type { MatrixMember } from '../portal/ports.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { isObject, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { bridging, isRefusal } from './refusal.ts';
import { userIn } from './state.ts';
import type { RoomState } from './state.ts';

/** Who people are in a room: their name and picture there. */
export interface Members {
  /** Name and picture in the room, else everywhere, else the id's own part. */
  member(room: RoomId, user: MatrixUserId): Promise<MatrixMember>;
  joined(room: RoomId): Promise<readonly MatrixUserId[]>;
  /** Learns from an event that the homeserver sent us. */
  observe(event: JsonObject): void;
}

const mostRemembered = 10_000;
/** How long a name counts, in milliseconds: another process of the bridge may have been told of a new one. */
const goodFor = 5 * 60_000;

export function createMembers(
  client: HomeserverClient,
  state: RoomState,
  bot: () => Promise<Acting>,
  now: () => number = () => performance.now(),
): Members {
  const known = new BoundedMap<string, { readonly member: MatrixMember; readonly until: number }>(
    mostRemembered,
  );
  const keyOf = (room: string, user: string): string => `${room} ${user}`;

  async function look(room: RoomId, user: MatrixUserId): Promise<MatrixMember> {
    const inRoom = await state.content(room, 'm.room.member', user).catch(ifForbidden);
    if (inRoom && textAt(inRoom, 'displayname')) return memberOf(user, inRoom);
    const path = ['client', 'v3', 'profile', user];
    const everywhere = await client
      .call({ name: 'profile', method: 'GET', path, as: await bot() })
      .catch(ifUnavailable);
    return memberOf(user, { ...everywhere, ...inRoom });
  }

  return {
    member: async (room, user) => {
      const key = keyOf(room, user);
      const remembered = known.get(key);
      if (remembered && now() < remembered.until) return remembered.member;
      const member = await bridging('look up a member', () => look(room, user));
      known.set(key, { member, until: now() + goodFor });
      return member;
    },
    joined: (room) =>
      bridging('list the members', async () => {
        const answer = await client.call({
          name: 'members',
          method: 'GET',
          path: ['client', 'v3', 'rooms', room, 'joined_members'],
          as: await bot(),
          room,
        });
        const members = isObject(answer['joined']) ? Object.keys(answer['joined']) : [];
        return members.flatMap((user) => userIn(user) ?? []);
      }),
    observe: (event) => {
      if (event['type'] !== 'm.room.member') return;
      const room = textAt(event, 'room_id');
      const user = userIn(event['state_key']);
      if (room === undefined || user === undefined) return;
      const content = event['content'];
      // Without a name in the room the one everywhere counts, which this event doesn't tell.
      if (isObject(content) && content['membership'] === 'join' && textAt(content, 'displayname')) {
        known.set(keyOf(room, user), { member: memberOf(user, content), until: now() + goodFor });
      } else known.delete(keyOf(room, user));
    },
  };
}

function ifForbidden(error: unknown): undefined {
  if (isRefusal(error, 'M_FORBIDDEN', 'M_NOT_FOUND')) return undefined;
  throw error;
}

/** No profile, or a far server that doesn't answer: a message doesn't wait for its writer's name elsewhere. */
function ifUnavailable(error: unknown): undefined {
  if (isRefusal(error) || error instanceof TryLater) return undefined;
  throw error;
}

function memberOf(user: MatrixUserId, content: JsonObject): MatrixMember {
  const picture = pictureIn(content['avatar_url']);
  return {
    user,
    name: textAt(content, 'displayname')?.trim() || user.slice(1, user.indexOf(':')) || user,
    ...(picture && { picture }),
  };
}

function pictureIn(value: unknown): MxcUri | undefined {
  try {
    return mxcUri(value);
  } catch (error) {
    if (error instanceof InvalidId) return undefined; // anybody may write anything there
    throw error;
  }
}
