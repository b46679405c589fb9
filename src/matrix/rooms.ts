import { roomId, serverOf } from '../ids.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { MatrixPort, RoomRights } from '../portal/ports.ts';
import { createAliases } from './aliases.ts';
import type { Aliases } from './aliases.ts';
import { bridgeInfo, bridgeStateKey, otherBridgeBots } from './bridge-info.ts';
import type { Acting, HomeserverClient } from './call.ts';
import type { Doubles } from './doubles.ts';
import type { GhostNames } from './ghost-id.ts';
import type { Members } from './members.ts';
import type { Membership } from './membership.ts';
import type { Namesakes } from './namesakes.ts';
import { readPower } from './power.ts';
import type { Power } from './power.ts';
import { bridging, isRefusal } from './refusal.ts';
import { bridgeStates, roomRights } from './rights.ts';
import { createRooms } from './room-creation.ts';
import type { RoomPolicy } from './room-creation.ts';
import { showRoomPicture } from './room-picture.ts';
import { userIn } from './state.ts';
import { topicContent } from './topic.ts';
import type { RoomState } from './state.ts';

/** What of {@link MatrixPort} is about rooms. */
export type Rooms = Aliases &
  Pick<
    MatrixPort,
    | 'member'
    | 'joinedMembers'
    | 'powerOf'
    | 'powerNeeded'
    | 'rights'
    | 'resolveAlias'
    | 'createRoom'
    | 'join'
    | 'leave'
    | 'roomsOf'
    | 'state'
    | 'stateOfType'
    | 'setState'
    | 'setTopic'
    | 'showPicture'
    | 'describeBridge'
    | 'otherBridges'
  >;

interface RoomsOptions {
  readonly client: HomeserverClient;
  readonly state: RoomState;
  readonly members: Members;
  readonly namesakes: Namesakes;
  readonly membership: Membership;
  readonly doubles: Pick<Doubles, 'actAs'>;
  readonly bot: MatrixUserId;
  readonly asBot: () => Promise<Acting>;
  readonly isOurs: (user: string) => boolean;
  readonly policy: RoomPolicy;
  readonly names: GhostNames;
}

export function createRoomsPort(options: RoomsOptions): Rooms {
  const { client, state, members, membership, bot, asBot, names, policy } = options;

  async function powerIn(room: RoomId): Promise<Power> {
    const [create, levels] = await Promise.all([
      state.event(room, 'm.room.create', ''),
      state.content(room, 'm.room.power_levels', ''),
    ]);
    return readPower(create, levels);
  }
  const reading = <T>(work: () => Promise<T>): Promise<T> => bridging("read the room's state", work);
  const writing = <T>(work: () => Promise<T>): Promise<T> => bridging("change the room's state", work);

  return {
    ...createAliases({ client, state, asBot, names, wanted: policy.aliases }),
    member: async (room, user) => {
      const member = await members.member(room, user);
      const ambiguous = await options.namesakes.isAmbiguous(room, member);
      return ambiguous === undefined ? member : { ...member, ambiguous };
    },
    joinedMembers: (room) => members.joined(room),
    powerOf: (room, user) => reading(async () => (await powerIn(room)).of(user)),
    powerNeeded: (room, kind) =>
      reading(async () => {
        const power = await powerIn(room);
        if ('action' in kind) return power.forRedact();
        return 'state' in kind ? power.forState(kind.state) : power.forNotification(kind.notification);
      }),
    rights: (room) => reading(() => rightsIn(state, room, bot)),
    resolveAlias: async (alias) =>
      alias.endsWith(`:${serverOf(bot)}`) ? resolveAlias(client, asBot, alias) : undefined,
    createRoom: createRooms(client, policy, asBot),
    join: (room) => bridging('join the Matrix room', () => membership.join(bot, room)),
    roomsOf: (ghost) => bridging('list rooms', () => membership.roomsOf(ghost)),
    leave: (room, as) => bridging('leave the Matrix room', () => membership.leave(as, room)),
    state: (room, type, stateKey) => reading(() => state.content(room, type, stateKey)),
    stateOfType: (room, type) =>
      reading(async () =>
        (await state.all(room)).flatMap((event) => {
          const sender = userIn(event.sender);
          if (event.type !== type || !sender) return [];
          return [{ stateKey: event.stateKey, sender, content: event.content }];
        }),
      ),
    setState: (...args) => writing(() => setState(options, ...args)),
    setTopic: (room, topic, as) =>
      writing(() => setState(options, room, 'm.room.topic', '', topicContent(topic), as)),
    showPicture: (room, picture) => writing(() => showRoomPicture(state, bot, room, picture)),
    describeBridge: (room, channel, linked) =>
      writing(async () => {
        const content = linked ? bridgeInfo(channel, bot) : {};
        for (const type of bridgeStates) await state.set(room, type, bridgeStateKey(channel), content);
      }),
    otherBridges: (room) => reading(async () => otherBridgeBots(await state.all(room), options.isOurs)),
  };
}

/** As somebody's double puppet, or the bot. */
async function setState(
  { doubles, state }: RoomsOptions,
  ...[room, type, stateKey, content, as]: Parameters<MatrixPort['setState']>
): Promise<void> {
  const set = (acting?: Acting): Promise<void> => state.set(room, type, stateKey, content, acting);
  return as === undefined ? set() : doubles.actAs(as, set);
}

/** To who isn't in the room it says nothing. */
async function rightsIn(state: RoomState, room: RoomId, bot: MatrixUserId): Promise<RoomRights> {
  try {
    return roomRights(await state.all(room), bot);
  } catch (error) {
    if (isRefusal(error, 'M_FORBIDDEN')) {
      return { joined: false, missing: [`be in the room: invite ${bot}`] };
    }
    throw error;
  }
}

/** `undefined` for an alias that nobody has, or that is none. */
async function resolveAlias(
  client: HomeserverClient,
  bot: () => Promise<Acting>,
  alias: string,
): Promise<RoomId | undefined> {
  return bridging('look up the alias', async () => {
    try {
      const path = ['client', 'v3', 'directory', 'room', alias];
      const answer = await client.call({ name: 'alias', method: 'GET', path, as: await bot() });
      return roomId(answer['room_id']);
    } catch (error) {
      if (isRefusal(error, 'M_NOT_FOUND', 'M_INVALID_PARAM')) return undefined;
      throw error;
    }
  });
}
