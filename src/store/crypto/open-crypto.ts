import type { CryptoLeadership, CryptoRows, CryptoState } from '../../matrix/crypto/ports.ts';
import type { Reader } from '../reader.ts';
import type { Secrets } from '../secrets.ts';
import { createRowSealing } from './row-sealing.ts';
import type { RowSealing } from './row-sealing.ts';
import { createCryptoRows } from './rows.ts';
import { createCryptoSession } from './session.ts';
import type { CryptoSessionOptions } from './session.ts';
import { createCryptoState } from './state.ts';
import { loadStoreKey } from './store-key.ts';

/** What encryption keeps. Nothing is connected, and no key is made, before it is used. */
export interface CryptoStore {
  readonly rows: CryptoRows;
  readonly state: CryptoState;
  readonly leadership: CryptoLeadership;
}

export interface CryptoStoreOptions extends CryptoSessionOptions {
  readonly reader: Reader;
  readonly secrets: Secrets;
}

export function createCryptoStore(options: CryptoStoreOptions): CryptoStore {
  const { reader, secrets } = options;
  const session = createCryptoSession(options);
  const storeKey = keptOnce(() => loadStoreKey(reader, secrets));
  const sealing = keptOnce<RowSealing>(async () => createRowSealing(await storeKey()));
  return {
    rows: createCryptoRows(session, sealing),
    state: createCryptoState(reader, secrets, session, storeKey),
    leadership: session.leadership,
  };
}

/** What failed is tried again. */
function keptOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    const asked = (kept ??= work());
    asked.catch(() => {
      if (kept === asked) kept = undefined;
    });
    return asked;
  };
}
