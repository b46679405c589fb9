import type { RootLogger } from '../log.ts';
import type { RoomCrypto } from '../matrix/crypto/ports.ts';
import { createRoomCrypto } from '../matrix/crypto/room-crypto.ts';
import type { CryptoParts } from '../matrix/matrix-options.ts';
import type { Store } from '../store/open-store.ts';

/** Encryption of rooms, on what the store keeps of it. */
export function roomCrypto(
  { crypto }: Pick<Store, 'crypto'>,
  log: RootLogger,
  parts: CryptoParts,
): RoomCrypto {
  const { rows, state: cryptoState, leadership, handover, news } = crypto;
  return createRoomCrypto({
    ...parts,
    rows,
    cryptoState,
    leadership,
    handover,
    news,
    onBroken: (error) => {
      queueMicrotask(() => {
        throw new Error('What encryption keeps could not be stored', { cause: error }); // ends the process
      });
    },
    log: log.child({ part: 'encryption' }),
  });
}
