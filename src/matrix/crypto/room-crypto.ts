import { TryLater } from '../../errors.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { Logger } from '../../log.ts';
import type { Accounts } from '../accounts.ts';
import type { Acting, HomeserverClient } from '../call.ts';
import { textAt, textsAt } from '../json.ts';
import { isRefusal } from '../refusal.ts';
import type { RoomState } from '../state.ts';
import { checkedLead } from './checked-lead.ts';
import { Devices } from './devices.ts';
import { createEncryptedRooms } from './encrypted-rooms.ts';
import { remoteCrypto } from './handed-over.ts';
import { createLeading } from './leading.ts';
import { createLocalCrypto } from './local-crypto.ts';
import { createMachineStores } from './machine-store.ts';
import type {
  CryptoHandover,
  CryptoLeadership,
  CryptoNews,
  CryptoRows,
  CryptoState,
  KeyKey,
  RoomCrypto,
} from './ports.ts';
import { createRecipients } from './recipients.ts';
import { followRooms } from './room-news.ts';
import { createUnread } from './unread.ts';

export interface RoomCryptoOptions {
  readonly client: HomeserverClient;
  readonly accounts: Pick<Accounts, 'record' | 'renew'>;
  readonly state: Pick<RoomState, 'content'>;
  readonly bot: MatrixUserId;
  readonly asBot: () => Promise<Acting>;
  readonly isOurs: (user: string) => boolean;
  readonly rows: CryptoRows;
  readonly cryptoState: CryptoState;
  readonly leadership: CryptoLeadership;
  readonly handover: CryptoHandover;
  readonly news: CryptoNews;
  /** What is kept may not be what was used: the process has to end. */
  readonly onBroken: (error: unknown) => void;
  readonly log: Logger;
  /** So many machines of ghosts are open at once. */
  readonly mostOpen?: number;
}

/** Encryption of rooms: with the machines of this process while it leads, else with those of the one that does. */
export function createRoomCrypto(given: RoomCryptoOptions): RoomCrypto {
  const leadership = checkedLead({ ...given, state: given.cryptoState });
  const options = { ...given, leadership };
  const { isOurs, news, cryptoState } = options;
  let stopped = false;
  const leads = (): boolean => leadership.isLeader() && !stopped;
  const rooms = createEncryptedRooms(options.state);
  const recipients = createRecipients({ ...options, onReader: (user) => leading.doubtDevices(user) });
  const unread = createUnread();
  const keys = createKeyNews(news, (key) => unread.read(key));
  const openStore = createMachineStores({ ...options, storeKey: () => cryptoState.storeKey() });
  const devices = new Devices({ ...options, state: cryptoState, leads, openStore, onKeys: keys.came });
  const onTrouble = (words: string): void => leading.trouble(words);
  const current = (): Promise<void> => leading.current();
  const local = createLocalCrypto({ ...options, devices, rooms, recipients, unread, current, onTrouble });
  const leading = createLeading({ ...options, devices, local });
  const remote = remoteCrypto(options.handover);
  const observe = followRooms({ news, rooms, recipients, isOurs, leads });

  return {
    isEncrypted: (room) => holdingUp(room, async () => (await rooms.settings(room)) !== undefined),
    encrypt: (as, room, type, content) =>
      holdingUp(room, () => (leads() ? local : remote).encrypt(as, room, type, content)),
    decrypt: (event) => holdingUp(textAt(event, 'room_id'), () => (leads() ? local : remote).decrypt(event)),
    observe,
    onKeys: keys.listen,
    health: () => ({
      ...leading.health(),
      openMachines: devices.open,
      missingKeys: unread.missingKeys(),
      undecryptable: unread.counts(),
    }),
    start: async () => {
      // A key that is lost ends the start; a database that is away is waited for.
      await cryptoState.storeKey().catch((error: unknown) => {
        if (!(error instanceof TryLater)) throw error;
      });
      await leading.start();
    },
    stop: () => {
      stopped = true;
      return leading.stop();
    },
  };
}

/**
 * While nobody can encrypt, or the bot can't see whether it must be, the room waits, however long: no message is given up
 * for that.
 */
async function holdingUp<T>(room: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isLater = error instanceof TryLater && error.target === undefined;
    if (room === undefined || !(isLater || isRefusal(error))) throw error;
    const after = isLater ? (error.after ?? 1000) : 5000;
    throw new TryLater(error.message, { target: `room:${room}`, after, cause: error });
  }
}

/** So many fit into what one process may tell the others at once. */
const keysAtOnce = 20;

/** Keys that came to this process's machines or to those of another process. */
function createKeyNews(news: CryptoNews, onCame: (key: KeyKey) => void) {
  const listeners: ((keys: readonly KeyKey[]) => void)[] = [];
  const tell = (keys: readonly KeyKey[]): void => {
    for (const listener of listeners) listener(keys);
  };
  news.onNews((heard) => {
    const keys = textsAt(heard, 'keys').filter((key) => key.startsWith('key:'));
    if (keys.length > 0) tell(keys as KeyKey[]); // just checked
  });
  return {
    listen: (listener: (keys: readonly KeyKey[]) => void): void => void listeners.push(listener),
    came: (keys: readonly KeyKey[]): void => {
      for (const key of keys) onCame(key);
      tell(keys);
      for (let at = 0; at < keys.length; at += keysAtOnce)
        news.announce({ keys: keys.slice(at, at + keysAtOnce) });
    },
  };
}
