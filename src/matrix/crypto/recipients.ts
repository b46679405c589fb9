import type { MatrixUserId, RoomId } from '../../ids.ts';
import { BoundedMap } from '../bounded-map.ts';
import type { Acting, HomeserverClient } from '../call.ts';
import { objectAt, objectsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { RoomState } from '../state.ts';
import { userIn } from '../state.ts';
import type { Audience } from './shares.ts';

/** Who may read what is written in encrypted rooms. */
export interface Recipients {
  /**
   * The same object as long as nothing changed. Our own users aren't among them: what one of them writes, the bridge
   * wrote. @throws TryLater and Refusal of the homeserver
   */
  of(room: RoomId): Promise<Pick<Audience, 'users' | 'visibility'>>;
  /** Somebody's membership changed, or may have: `undefined` where it isn't known to what. */
  saw(room: RoomId, user: string, membership: string | undefined): void;
  /** Who may read has changed otherwise. */
  forget(room: RoomId): void;
  forgetAll(): void;
}

interface Options {
  readonly client: HomeserverClient;
  readonly state: Pick<RoomState, 'content'>;
  readonly asBot: () => Promise<Acting>;
  readonly isOurs: (user: string) => boolean;
  /**
   * Somebody may read what they could not, here or anywhere: what they did with their devices meanwhile nobody told us.
   * Waited for before anything is encrypted for them.
   */
  readonly onReader: (user: MatrixUserId) => Promise<void>;
}

type Readers = Pick<Audience, 'users' | 'visibility'>;

const mostRemembered = 1000;
/** Of a room that nobody has asked for: all may be new. */
const nobody: Promise<Readers> = Promise.resolve({ users: new Set<MatrixUserId>(), visibility: 'shared' });

export function createRecipients({ client, state, asBot, isOurs, onReader }: Options): Recipients {
  let known = new BoundedMap<RoomId, Promise<Readers>>(mostRemembered);

  async function ask(room: RoomId): Promise<Readers> {
    const visibility = visibilityIn(await state.content(room, 'm.room.history_visibility', ''));
    const answer = await client.call({
      name: 'members',
      method: 'GET',
      path: ['client', 'v3', 'rooms', room, 'members'],
      query: { not_membership: 'leave' },
      as: await asBot(),
      room,
      timeout: 60_000, // a large room
    });
    const users = objectsAt(answer, 'chunk').flatMap((event) => {
      const user = userIn(event['state_key']);
      const reads = mayRead(textAt(objectAt(event, 'content'), 'membership'), visibility);
      return user !== undefined && reads && !isOurs(user) ? [user] : [];
    });
    return { users: new Set(users), visibility };
  }

  return {
    async of(room) {
      for (;;) {
        const asked = known.get(room) ?? ask(room);
        known.set(room, asked);
        const readers = await asked.catch((error: unknown) => {
          if (known.get(room) === asked) known.delete(room);
          throw error;
        });
        if (known.get(room) === asked) return readers; // nothing happened meanwhile
      }
    },
    saw(room, id, membership) {
      const user = userIn(id);
      if (user === undefined || isOurs(user)) return;
      if (membership === undefined) return known.delete(room);
      const before = known.get(room) ?? nobody;
      const changed = before.then(async (readers) => {
        const now = withMember(readers, user, membership);
        if (now !== readers && now.users.has(user)) await onReader(user);
        return now;
      });
      changed.catch(() => undefined); // who asked is told
      if (before !== nobody) known.set(room, changed);
    },
    forget: (room) => known.delete(room),
    forgetAll() {
      known = new BoundedMap(mostRemembered);
    },
  };
}

/** The same object where nothing changes, as when somebody has a new name. */
function withMember(before: Readers, user: MatrixUserId, membership: string): Readers {
  const reads = mayRead(membership, before.visibility);
  if (reads === before.users.has(user)) return before;
  const users = new Set(before.users);
  if (reads) users.add(user);
  else users.delete(user);
  return { ...before, users };
}

/** Where the history is for members only, who is invited can't see what came before they joined. */
function mayRead(membership: string | undefined, visibility: Audience['visibility']): boolean {
  return membership === 'join' || (membership === 'invite' && visibility !== 'joined');
}

function visibilityIn(content: JsonObject | undefined): Audience['visibility'] {
  const found = content && textAt(content, 'history_visibility');
  return found === 'invited' || found === 'joined' || found === 'world_readable' ? found : 'shared';
}
