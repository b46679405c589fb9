import { plainText } from '../format/doc.ts';
import { roomId } from '../ids.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { MatrixPort } from '../portal/ports.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { objectAt, textAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { hasCreatorPower } from './power.ts';
import { bridging } from './refusal.ts';

/** How rooms that the bridge makes are made: the `rooms` section of the configuration. */
export interface RoomPolicy {
  /** A room version, or `default`: the homeserver's. */
  readonly version: string;
  /** People who can take a room over: creators beside the bot in version 12 and later, power 100 before. */
  readonly additionalCreators: readonly MatrixUserId[];
  readonly historyVisibility: 'invited' | 'joined' | 'shared' | 'world_readable';
  /** Whether people of other servers may ever join; it can't be changed later. */
  readonly federate: boolean;
  /** Whether those for public channels get an alias. */
  readonly aliases: boolean;
}

type NewRoom = Parameters<MatrixPort['createRoom']>[0];

/**
 * The body of the request that makes a room. Ghosts have power 0. In version 12 creators stand above all levels and
 * must not be named among them.
 * @see https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3createroom
 */
export function roomRequest(
  room: NewRoom,
  policy: RoomPolicy,
  version: string,
  bot: MatrixUserId,
): JsonObject {
  const creatorPower = hasCreatorPower(version);
  const owners = [bot, ...policy.additionalCreators];
  return {
    preset: 'private_chat',
    visibility: 'private',
    name: room.name,
    ...(room.topic && { topic: plainText(room.topic) }),
    invite: room.invite,
    ...(policy.version !== 'default' && { room_version: policy.version }),
    creation_content: {
      ...(!policy.federate && { 'm.federate': false }),
      ...(creatorPower &&
        policy.additionalCreators.length > 0 && { additional_creators: policy.additionalCreators }),
    },
    initial_state: [
      state('m.room.history_visibility', { history_visibility: policy.historyVisibility }),
      state('m.room.guest_access', { guest_access: 'forbidden' }),
      ...(room.encrypt === true ? [state('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })] : []),
    ],
    power_level_content_override: {
      users: creatorPower ? {} : Object.fromEntries(owners.map((user) => [user, 100])),
      users_default: 0,
      events_default: 0,
      state_default: 50,
      invite: 0,
    },
  };
}

function state(type: string, content: JsonObject): JsonObject {
  return { type, state_key: '', content };
}

/** The version of rooms that are made: the one that is wanted, else the homeserver's. */
export async function defaultVersion(
  client: HomeserverClient,
  policy: Pick<RoomPolicy, 'version'>,
  as: Acting,
): Promise<string> {
  if (policy.version !== 'default') return policy.version;
  const path = ['client', 'v3', 'capabilities'];
  const answer = await client.call({ name: 'capabilities', method: 'GET', path, as });
  return textAt(objectAt(objectAt(answer, 'capabilities'), 'm.room_versions'), 'default') ?? '1';
}

export function createRooms(
  client: HomeserverClient,
  policy: RoomPolicy,
  bot: () => Promise<Acting>,
): (room: NewRoom) => Promise<RoomId> {
  return (room) =>
    bridging('create the Matrix room', async () => {
      const as = await bot();
      const answer = await client.call({
        name: 'create-room',
        method: 'POST',
        path: ['client', 'v3', 'createRoom'],
        as,
        body: roomRequest(room, policy, await defaultVersion(client, policy, as), as.user),
        timeout: 60_000,
      });
      return roomId(answer['room_id']);
    });
}
