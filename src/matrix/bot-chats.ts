import { InvalidId, roomId } from '../ids.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { textAt, textsAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { createTurns } from './limit.ts';
import { bridging, isRefusal } from './refusal.ts';
import type { RoomState } from './state.ts';

interface BotChatsOptions {
  readonly client: HomeserverClient;
  readonly state: Pick<RoomState, 'content'>;
  readonly asBot: () => Promise<Acting>;
}

/** The bot's chats with single people. Which they are the homeserver keeps, as for any client. */
export function createBotChats(options: BotChatsOptions): Pick<MatrixPort, 'chatWith' | 'rememberChat'> {
  const inTurn = createTurns();
  return {
    chatWith: (user) => inTurn('chats', () => bridging('open a chat', () => chatWith(options, user))),
    rememberChat: (user, room) =>
      inTurn('chats', () =>
        bridging('remember a chat', async () => remember(options, await known(options), user, room)),
      ),
  };
}

async function chatWith(options: BotChatsOptions, user: MatrixUserId): Promise<RoomId> {
  const chats = await known(options);
  for (const named of textsAt(chats, user).toReversed()) {
    const room = asRoom(named);
    if (room !== undefined && (await isBetween(options, user, room))) return room;
  }
  const room = await create(options, user);
  await remember(options, chats, user, room);
  return room;
}

const accountData = (user: MatrixUserId) => ['client', 'v3', 'user', user, 'account_data', 'm.direct'];

async function known({ client, asBot }: BotChatsOptions): Promise<JsonObject> {
  const as = await asBot();
  try {
    return await client.call({ name: 'account-data', method: 'GET', path: accountData(as.user), as });
  } catch (error) {
    if (isRefusal(error, 'M_NOT_FOUND')) return {};
    throw error;
  }
}

async function remember(
  { client, asBot }: BotChatsOptions,
  chats: JsonObject,
  user: MatrixUserId,
  room: RoomId,
): Promise<void> {
  const rooms = textsAt(chats, user);
  if (rooms.includes(room)) return;
  const as = await asBot();
  const body = { ...chats, [user]: [...rooms, room] };
  await client.call({ name: 'account-data', method: 'PUT', path: accountData(as.user), as, body });
}

/** Both are there, or the person may still come. */
async function isBetween(
  { state, asBot }: BotChatsOptions,
  user: MatrixUserId,
  room: RoomId,
): Promise<boolean> {
  const { user: bot } = await asBot();
  try {
    const membership = async (of: MatrixUserId) =>
      textAt((await state.content(room, 'm.room.member', of)) ?? {}, 'membership');
    const [own, theirs] = [await membership(bot), await membership(user)];
    return own === 'join' && (theirs === 'join' || theirs === 'invite');
  } catch (error) {
    if (isRefusal(error, 'M_FORBIDDEN') || isRefusal(error, 'M_NOT_FOUND')) return false;
    throw error;
  }
}

/** @see https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3createroom */
async function create({ client, asBot }: BotChatsOptions, user: MatrixUserId): Promise<RoomId> {
  const answer = await client.call({
    name: 'create-room',
    method: 'POST',
    path: ['client', 'v3', 'createRoom'],
    as: await asBot(),
    body: { preset: 'trusted_private_chat', visibility: 'private', is_direct: true, invite: [user] },
    timeout: 60_000,
  });
  return roomId(answer['room_id']);
}

function asRoom(value: string): RoomId | undefined {
  try {
    return roomId(value);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
