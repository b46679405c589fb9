import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../log.ts';
import { connectClient } from './db.ts';
import type { DatabaseConnection } from './db.ts';

/** PostgreSQL's notifications: hints only, any of them may be lost. */
export interface Listener {
  close(): Promise<void>;
}

export interface ListenerOptions {
  readonly connection: DatabaseConnection;
  readonly log: Logger;
  /** What to call with each notification's payload, by channel. */
  readonly channels: Readonly<Record<string, (payload: string) => void>>;
  /** From now on they are heard; since it was lost they weren't. */
  readonly listening?: () => void;
}

/** Listens from now on, and again after a lost connection. */
export function startListener({ connection, log, channels, listening: heard }: ListenerOptions): Listener {
  const stopped = new AbortController();
  let client: pg.Client | undefined;

  async function listenOnce(): Promise<void> {
    const connected = await connectClient(connection, 'listener');
    client = connected;
    const ended = new Promise<void>((resolve) => {
      connected.on('end', resolve);
    });
    connected.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''));
    for (const channel of Object.keys(channels))
      await connected.query(`listen ${connected.escapeIdentifier(channel)}`);
    if (stopped.signal.aborted) await connected.end();
    else heard?.();
    await ended;
  }

  async function listen(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        log.debug('the listening connection failed', { error });
      }
      await sleep(1000, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  const listening = listen();
  return {
    async close() {
      stopped.abort();
      await client?.end().catch(() => undefined);
      await listening;
    },
  };
}
