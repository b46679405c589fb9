import type {
  CryptoHandover,
  CryptoLeadership,
  CryptoNews,
  CryptoRows,
  CryptoState,
} from '../../matrix/crypto/ports.ts';
import type { ListenerOptions } from '../listener.ts';
import type { Reader } from '../reader.ts';
import type { Secrets } from '../secrets.ts';
import type { Sealing } from '../sealing.ts';
import { answerNotification, createHandover, requestNotification } from './handover.ts';
import { createNews, newsNotification } from './news.ts';
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
  readonly handover: CryptoHandover;
  readonly news: CryptoNews;
}

/** The same for the store, which listens for all of its parts. */
export interface OpenCryptoStore extends CryptoStore {
  readonly hears: Required<Pick<ListenerOptions, 'channels' | 'listening'>>;
  close(): Promise<void>;
}

export interface CryptoStoreOptions extends CryptoSessionOptions {
  readonly reader: Reader;
  readonly secrets: Secrets;
  readonly sealing: Sealing;
  /** Names this process. */
  readonly owner: string;
}

export function createCryptoStore(options: CryptoStoreOptions): OpenCryptoStore {
  const { reader, secrets, log } = options;
  const session = createCryptoSession(options);
  const storeKey = keptOnce(() => loadStoreKey(reader, secrets));
  const rowSealing = keptOnce<RowSealing>(async () => createRowSealing(await storeKey()));
  const handover = createHandover(reader, options.sealing, log);
  const news = createNews(reader, options.owner, log);
  return {
    rows: createCryptoRows(session, rowSealing),
    state: createCryptoState(reader, secrets, session, storeKey),
    leadership: session.leadership,
    handover,
    news,
    hears: {
      channels: {
        [requestNotification]: () => handover.heardRequest(),
        [answerNotification]: (id) => handover.heardAnswer(id),
        [newsNotification]: (payload) => news.heard(payload),
      },
      listening: () => news.listening(),
    },
    async close() {
      await handover.close();
      await news.close();
      await session.leadership.stop();
    },
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
