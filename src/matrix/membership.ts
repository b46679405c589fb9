import { CannotBridge } from '../errors.ts';
import { roomId } from '../ids.ts';
import type { MatrixUserId, RoomId } from '../ids.ts';
import type { Accounts } from './accounts.ts';
import type { Acting, HomeserverClient } from './call.ts';
import type { Doubles } from './doubles.ts';
import { textAt } from './json.ts';
import { createLimit } from './limit.ts';
import { isRefusal } from './refusal.ts';
import type { RoomState } from './state.ts';

const joinTimeout = 60_000; // a room on a far server
/** A homeserver takes joins to a room one by one: more at once would only wait there, until they time out. */
const joinsAtOnce = 8;
/** Of these, joins that nobody waits for. */
const quietJoinsAtOnce = 2;

interface MembershipOptions {
  readonly client: HomeserverClient;
  readonly accounts: Accounts;
  readonly state: RoomState;
  readonly bot: MatrixUserId;
  readonly isOurs: (user: string) => boolean;
  readonly doubles: Pick<Doubles, 'actAs'>;
}

/** Our users in rooms. */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #entering = new Map<string, Promise<boolean>>();
  readonly #limit = createLimit(joinsAtOnce);
  readonly #quietLimit = createLimit(quietJoinsAtOnce);

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /**
   * Does `work` as a user of ours, first as if the user were in the room; only when the homeserver forbids it, the user
   * is brought in and the work done again. A ghost that people removed stays out: that is their decision. Real people
   * are brought in nowhere.
   * @throws CannotBridge: `kicked`, `banned`, `not-in-room`, `double-away`; Refusal when it is forbidden to members too
   */
  async inRoom<T>(user: MatrixUserId, room: RoomId, work: (as: Acting) => Promise<T>): Promise<T> {
    const { accounts, doubles, isOurs } = this.#options;
    if (!isOurs(user)) return doubles.actAs(user, work);
    const as = await accounts.actor(user);
    try {
      return await work(as);
    } catch (error) {
      if (isRefusal(error, 'M_UNKNOWN_DEVICE')) await accounts.renew(user);
      else if (!isRefusal(error, 'M_FORBIDDEN') || !(await this.#enterOnce(user, room))) throw error;
    }
    return work(await accounts.actor(user));
  }

  async join(user: MatrixUserId, room: RoomId): Promise<void> {
    await this.#post(await this.#options.accounts.actor(user), room, 'join');
  }

  /** As a ghost that is invited, or that the bot may invite. There already is success. */
  async bringIn(user: MatrixUserId, room: RoomId): Promise<void> {
    const as = await this.#options.accounts.actor(user);
    try {
      await this.#post(as, room, 'join');
    } catch (error) {
      if (!isRefusal(error, 'M_FORBIDDEN', 'M_UNKNOWN_DEVICE')) throw error;
      await this.#enterOnce(user, room);
    }
  }

  /** In the background. @throws CannotBridge like `inRoom` */
  async enter(user: MatrixUserId, room: RoomId): Promise<void> {
    await this.#quietLimit(() => this.#enterOnce(user, room));
  }

  async roomsOf(user: MatrixUserId): Promise<readonly RoomId[]> {
    const { accounts, client } = this.#options;
    const as = await accounts.actor(user);
    const answer = await client.call({
      name: 'rooms',
      method: 'GET',
      path: ['client', 'v3', 'joined_rooms'],
      as,
    });
    const rooms: readonly unknown[] = Array.isArray(answer['joined_rooms']) ? answer['joined_rooms'] : [];
    return rooms.map((room) => roomId(room));
  }

  /** Gone already is success. */
  async leave(user: MatrixUserId, room: RoomId): Promise<void> {
    try {
      await this.#post(await this.#options.accounts.actor(user), room, 'leave');
    } catch (error) {
      if (!isRefusal(error, 'M_FORBIDDEN', 'M_NOT_FOUND')) throw error;
    }
  }

  async #post(as: Acting, room: RoomId, action: 'join' | 'leave' | 'invite', body = {}): Promise<void> {
    const path = ['client', 'v3', 'rooms', room, action];
    const call = { name: action, method: 'POST', path, as, room, body, timeout: joinTimeout } as const;
    await this.#options.client.call(call);
  }

  /** What people decided about the user. @throws CannotBridge when they don't want it here */
  async #standing(user: MatrixUserId, room: RoomId): Promise<'joined' | 'invited' | 'out'> {
    const { state, bot, isOurs } = this.#options;
    const member = await state.event(room, 'm.room.member', user).catch((error: unknown) => {
      throw isRefusal(error, 'M_FORBIDDEN') ? notInRoom(bot) : error;
    });
    switch (member && textAt(member.content, 'membership')) {
      case 'join':
        return 'joined';
      case 'invite':
        return 'invited';
      case 'ban':
        throw new CannotBridge('banned', `${user} was banned from the Matrix room`);
      case 'leave':
        if (!member || isOurs(member.sender)) return 'out';
        throw new CannotBridge(
          'kicked',
          `${user} was removed from the Matrix room by ${member.sender}; whoever wants it back invites it`,
        );
      default:
        return 'out';
    }
  }

  /** Once for all who ask at the same time. Resolves with whether anything changed, so that another try is worth it. */
  async #enterOnce(user: MatrixUserId, room: RoomId): Promise<boolean> {
    const key = `${user} ${room}`;
    const running =
      this.#entering.get(key) ??
      this.#limit(() => this.#enter(user, room)).finally(() => this.#entering.delete(key));
    this.#entering.set(key, running);
    return running;
  }

  async #enter(user: MatrixUserId, room: RoomId): Promise<boolean> {
    const { accounts, bot } = this.#options;
    const now = await this.#standing(user, room);
    if (now === 'joined') return false;
    if (user === bot && now === 'out') throw notInRoom(bot);
    try {
      await this.#joinOrInvite(user, room, now === 'invited');
    } catch (error) {
      if (!isForgotten(error)) throw error;
      await accounts.renew(user);
      await this.#joinOrInvite(user, room, now === 'invited');
    }
    return true;
  }

  /** Public rooms and invited users need no invitation. */
  async #joinOrInvite(user: MatrixUserId, room: RoomId, invited: boolean): Promise<void> {
    const { accounts, bot } = this.#options;
    const as = await accounts.actor(user);
    if (user === bot || invited) return this.#post(as, room, 'join');
    try {
      return await this.#post(as, room, 'join');
    } catch (error) {
      if (!isRefusal(error, 'M_FORBIDDEN') || isForgotten(error)) throw error;
    }
    await this.#post(await accounts.actor(bot), room, 'invite', { user_id: user }).catch(cannotInvite);
    return this.#post(as, room, 'join');
  }
}

/** The homeserver lost the account (it was restored from a backup, or made anew). */
function isForgotten(error: unknown): boolean {
  return (
    isRefusal(error, 'M_UNKNOWN_DEVICE') ||
    (isRefusal(error, 'M_FORBIDDEN') && /has not registered this user/i.test(error.message))
  );
}

function notInRoom(bot: MatrixUserId): CannotBridge {
  return new CannotBridge('not-in-room', `the bridge's bot is not in the Matrix room: invite ${bot}`);
}

function cannotInvite(error: unknown): never {
  if (!isRefusal(error, 'M_FORBIDDEN')) throw error;
  throw new CannotBridge(
    'cannot-invite',
    "the bridge's bot may not invite into the Matrix room: give it the power to invite",
    { cause: error },
  );
}
