import { roomId, serverOf } from '../ids.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { MatrixPort, NewChatRoom } from '../portal/ports.ts';
import type { Accounts } from './accounts.ts';
import { bridgeInfo, bridgeStateKey } from './bridge-info.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { objectAt, textAt, textsAt } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Membership } from './membership.ts';
import { hasCreatorPower, readPower } from './power.ts';
import { bridging, isRefusal } from './refusal.ts';
import { bridgeStates } from './rights.ts';
import { defaultVersion } from './room-creation.ts';
import type { RoomPolicy } from './room-creation.ts';
import { createRoomState } from './state.ts';
import type { RoomState } from './state.ts';

/** What of {@link MatrixPort} is about the rooms of chats. */
export type ChatRooms = Pick<
  MatrixPort,
  'createChatRoom' | 'chatRoomOf' | 'bringIn' | 'enter' | 'bringBot' | 'invite'
>;

interface ChatRoomsOptions {
  readonly client: HomeserverClient;
  readonly state: RoomState;
  readonly membership: Membership;
  readonly bot: MatrixUserId;
  readonly asBot: () => Promise<Acting>;
  readonly accounts: Pick<Accounts, 'actor'>;
  readonly policy: Pick<RoomPolicy, 'version'>;
}

/**
 * The body of the request that makes a chat's room. Its people may do in it what the bot may; nobody of elsewhere can ever
 * join, unless one of them is. Clients that know service members name the room as if the bot weren't there.
 * @see https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3createroom
 */
export function chatRoomRequest(
  { name, channel, people, ghosts, encrypt = false }: NewChatRoom,
  policy: Pick<RoomPolicy, 'version'>,
  version: string,
  bot: MatrixUserId,
): JsonObject {
  const isLocal = people.every((user) => serverOf(user) === serverOf(bot));
  const owners = hasCreatorPower(version) ? people : [bot, ...people];
  const info = bridgeInfo(channel, bot);
  return {
    preset: 'private_chat',
    visibility: 'private',
    is_direct: true,
    ...(name !== undefined && { name }),
    invite: [...people, ...ghosts],
    ...(policy.version !== 'default' && { room_version: policy.version }),
    creation_content: isLocal ? { 'm.federate': false } : {},
    initial_state: [
      state('m.room.history_visibility', '', { history_visibility: 'invited' }),
      state('m.room.guest_access', '', { guest_access: 'forbidden' }),
      state('io.element.functional_members', '', { service_members: [bot] }),
      ...bridgeStates.map((type) => state(type, bridgeStateKey(channel), info)),
      ...(encrypt ? [state('m.room.encryption', '', { algorithm: 'm.megolm.v1.aes-sha2' })] : []),
    ],
    power_level_content_override: {
      users: Object.fromEntries(owners.map((user) => [user, 100])),
      users_default: 0,
      events_default: 0,
      state_default: 50,
      invite: 0,
    },
  };
}

function state(type: string, stateKey: string, content: JsonObject): JsonObject {
  return { type, state_key: stateKey, content };
}

export function createChatRooms(options: ChatRoomsOptions): ChatRooms {
  const { client, membership, bot, asBot, policy } = options;
  return {
    createChatRoom: (room) =>
      bridging('create the Matrix room', async () => {
        const as = await asBot();
        const version = await defaultVersion(client, policy, as);
        const body = chatRoomRequest(room, policy, version, bot);
        const path = ['client', 'v3', 'createRoom'];
        const call = { name: 'create-room', method: 'POST', path, as, body, timeout: 60_000 } as const;
        return roomId((await client.call(call))['room_id']);
      }),
    chatRoomOf: (channel, isTaken) =>
      bridging('look for the room of a chat', () => findRoom(options, bridgeStateKey(channel), isTaken)),
    enter: (room, ghost) => bridging('join the Matrix room', () => membership.enter(ghost, room)),
    bringIn: (room, ghost) => bridging('join the Matrix room', () => membership.bringIn(ghost, room)),
    bringBot: (room, ghost) =>
      bridging('bring the bot into the Matrix room', () => bringBot(options, room, ghost)),
    invite: (room, user) =>
      bridging('invite into the Matrix room', async () => invite(client, await asBot(), room, user)),
  };
}

/** The bot is in it, and it says that it was made for the channel. */
async function findRoom(
  { client, state: states, asBot, bot }: ChatRoomsOptions,
  key: string,
  isTaken: (room: RoomId) => boolean,
): Promise<RoomId | undefined> {
  const path = ['client', 'v3', 'joined_rooms'];
  const answer = await client.call({ name: 'joined-rooms', method: 'GET', path, as: await asBot() });
  for (const room of textsAt(answer, 'joined_rooms').map(roomId).toReversed()) {
    if (isTaken(room)) continue;
    const info = await states.content(room, bridgeStates[0], key);
    if (info && textAt(info, 'bridgebot') === bot) return room;
  }
  return undefined;
}

async function bringBot(
  { client, membership, bot, accounts }: ChatRoomsOptions,
  room: RoomId,
  ghost: MatrixUserId,
): Promise<void> {
  await invite(client, await accounts.actor(ghost), room, bot);
  await membership.join(bot, room);
  const asGhost = createRoomState(client, () => accounts.actor(ghost));
  const [create, levels] = await Promise.all([
    asGhost.event(room, 'm.room.create', ''),
    asGhost.content(room, 'm.room.power_levels', ''),
  ]);
  const power = readPower(create, levels);
  const most = Math.min(power.of(ghost), 100);
  if (!levels || most < power.forState('m.room.power_levels') || power.of(bot) >= most) return;
  const users = { ...objectAt(levels, 'users'), [bot]: most };
  await asGhost.set(room, 'm.room.power_levels', '', { ...levels, users });
}

/** Who is there already can't be invited. */
async function invite(client: HomeserverClient, as: Acting, room: RoomId, user: MatrixUserId): Promise<void> {
  const path = ['client', 'v3', 'rooms', room, 'invite'];
  const body = { user_id: user };
  try {
    await client.call({ name: 'invite', method: 'POST', path, as, room, body });
  } catch (error) {
    if (!isRefusal(error, 'M_FORBIDDEN')) throw error;
    const there = await createRoomState(client, () => Promise.resolve(as)).content(
      room,
      'm.room.member',
      user,
    );
    if (!there || !['join', 'invite'].includes(textAt(there, 'membership') ?? '')) throw error;
  }
}
