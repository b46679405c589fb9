import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { TryLater } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { CryptoNews } from '../../matrix/crypto/ports.ts';
import type { Query, Reader } from '../reader.ts';

/** The channel of PostgreSQL's notifications. */
export const newsNotification = 'crypto_news';

const tell: Query = { name: 'crypto_news', text: 'select pg_notify($1, $2)' };
const told = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('no JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ from: z.string(), news: z.record(z.string(), z.unknown()) }));

export interface StoredNews extends CryptoNews {
  heard(payload: string): void;
  /** Notifications are heard from now on; those of before may have been missed. */
  listening(): void;
  close(): Promise<void>;
}

/** @param owner names this process. */
export function createNews(reader: Reader, owner: string, log: Logger): StoredNews {
  const listeners: Parameters<CryptoNews['onNews']>[0][] = [];
  const missed: (() => void)[] = [];
  const stopped = new AbortController();
  const { signal } = stopped;
  let last = Promise.resolve();

  /** Others go on with what they know until they are told, so it is tried until it is done. */
  async function send(payload: string): Promise<void> {
    while (!signal.aborted) {
      try {
        await reader.query(tell, [newsNotification, payload]);
        return;
      } catch (error) {
        if (!(error instanceof TryLater)) return log.error('other processes can’t be told', { error });
        log.debug('other processes could not be told', { error });
        await sleep(1000, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  return {
    announce(news) {
      const payload = JSON.stringify({ from: owner, news });
      last = last.then(() => send(payload));
    },
    onNews: (listener) => void listeners.push(listener),
    onMissed: (listener) => void missed.push(listener),
    heard(payload) {
      const { success, data } = told.safeParse(payload);
      if (!success) return log.warn('what another process tells can’t be understood');
      if (data.from !== owner) for (const listener of listeners) listener(data.news);
    },
    listening() {
      for (const listener of missed) listener();
    },
    async close() {
      stopped.abort();
      await last;
    },
  };
}
