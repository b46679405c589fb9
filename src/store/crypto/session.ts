import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { TryLater } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { CryptoLeadership } from '../../matrix/crypto/ports.ts';
import { codeOf, connectClient, isConnectionError } from '../db.ts';
import type { DatabaseConnection } from '../db.ts';
import { DatabaseWentBack } from '../generation.ts';
import type { Query } from '../reader.ts';

/**
 * The connection whose session holds the lock of the process that leads. What must only be written by that process is
 * written through it: the server gives the lock to another process when this session has ended, and with it all that was
 * sent through it.
 */
export interface CryptoSession {
  readonly leadership: CryptoLeadership;
  /** Another one after each gain; nothing while this process doesn't lead. */
  term(): object | undefined;
  /**
   * One statement. `TryLater` when this process doesn't lead, or loses the connection over it. Whatever else it fails
   * with costs the leadership, too: what was asked for and what is stored may differ.
   */
  query(query: Query, values: readonly unknown[]): Promise<readonly unknown[]>;
}

export interface CryptoSessionOptions {
  readonly connection: DatabaseConnection;
  readonly log: Logger;
  /** Asked of each new connection first. Throws `DatabaseWentBack`. */
  readonly check: (client: pg.ClientBase) => Promise<void>;
  /** So long without a beat, in milliseconds, a process that leads counts as hanging. */
  readonly hangsAfter?: number;
}

/** Of this database, as that of `migrate.ts`. */
export const lockKey = 7_306_471_102;
/** How often another process looks whether it can lead; how long until a connection is tried again. In milliseconds. */
const tryEvery = 1000;
/** How often the leader looks whether its connection still stands, in milliseconds. */
const beatEvery = 5000;
/** A statement that takes longer, in milliseconds, counts as a lost connection. */
const longest = 15_000;

/**
 * Commits count when they are on disk, whatever is set for others: what follows them was told to the world. And the
 * server is to notice a process that was cut off within seconds: until then nobody else leads.
 */
const settings = `select set_config('plan_cache_mode', 'force_generic_plan', false),
  set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),
  set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '11000', false),
  case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'on', false) end`;

/**
 * A process that hangs keeps its connection, and so the lock; but its beats don't come. The server ends its session, and
 * nothing that it still wants to write can be written. Needs no right that the bridge's own user hasn't.
 */
const endHanging = `select pg_terminate_backend(a.pid) from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and (l.classid::bigint << 32) + l.objid::bigint = $1::bigint
    and a.state <> 'active' and a.state_change < now() - $2 * interval '1 millisecond'`;
/** Four beats. */
const hangs = 20_000;

const locked = z.tuple([z.object({ locked: z.boolean() })]);
const beat: Query = { name: 'crypto_beat', text: 'select' };

export function createCryptoSession(options: CryptoSessionOptions): CryptoSession {
  const session = new Session(options);
  return {
    leadership: {
      isLeader: () => session.leading !== undefined,
      onGained(listener) {
        session.gained.push(listener);
        if (session.leading) listener();
      },
      onLost: (listener) => void session.lost.push(listener),
      start: () => session.start(),
      stop: () => session.stop(),
    },
    term: () => session.leading,
    query: (query, values) => session.query(query, values),
  };
}

class Session {
  readonly options: CryptoSessionOptions;
  /** The connection while its session has the lock. */
  leading: pg.Client | undefined;
  readonly gained: (() => void)[] = [];
  readonly lost: (() => void)[] = [];
  private readonly stopped = new AbortController();
  private readonly tried = Promise.withResolvers<void>();
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: CryptoSessionOptions) {
    this.options = options;
  }

  start(): Promise<void> {
    this.running ??= this.run();
    return this.tried.promise;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    clearInterval(this.timer);
    const client = this.leading;
    this.leading = undefined;
    await client?.end().catch(() => undefined);
    await this.running;
  }

  async query(query: Query, values: readonly unknown[]): Promise<readonly unknown[]> {
    const client = this.leading;
    if (!client) throw new TryLater('another process of the bridge leads', { after: 1000 });
    try {
      const { rows } = await client.query<Record<string, unknown>>({ ...query, values: [...values] });
      return rows;
    } catch (error) {
      this.drop(client, error);
      if (!isConnectionError(error)) throw error;
      throw new TryLater('the database is out of reach', { after: 1000, cause: error });
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      try {
        await this.lead();
      } catch (error) {
        if (error instanceof DatabaseWentBack)
          setImmediate(() => {
            throw error; // ends the process
          });
        this.options.log.debug('the connection for encryption failed', { error });
      }
      this.tried.resolve();
      await sleep(tryEvery, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Waits for the lock, and then for the end of the connection. */
  private async lead(): Promise<void> {
    const { signal } = this.stopped;
    const client = await connectClient(this.options.connection, 'crypto', {
      pipeline: true,
      query_timeout: longest,
    });
    const ended = new Promise<void>((resolve) => {
      client.on('end', resolve);
    });
    try {
      await this.options.check(client);
      await client.query(settings);
      // Asked again and again: a session that waits inside a statement keeps PostgreSQL from cleaning up.
      while (!signal.aborted && !(await tryLock(client))) {
        this.tried.resolve();
        await client.query(endHanging, [lockKey, this.options.hangsAfter ?? hangs]);
        await sleep(tryEvery, undefined, { signal }).catch(() => undefined);
      }
      if (signal.aborted) return;
      this.take(client);
      this.tried.resolve();
      await ended;
    } finally {
      this.drop(client, undefined);
      await client.end().catch(() => undefined);
    }
  }

  private take(client: pg.Client): void {
    this.leading = client;
    this.options.log.info('this process leads encryption');
    this.timer = setInterval(() => {
      this.query(beat, []).catch(() => undefined); // the connection is lost, which was told
    }, beatEvery).unref();
    client.on('end', () => this.drop(client, undefined));
    for (const listener of this.gained) listener();
  }

  private drop(client: pg.Client, error: unknown): void {
    if (this.leading !== client) return;
    this.leading = undefined;
    clearInterval(this.timer);
    this.options.log.warn('this process doesn’t lead encryption any more: its connection is lost', {
      code: codeOf(error),
    });
    void client.end().catch(() => undefined);
    for (const listener of this.lost) listener();
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query('select pg_try_advisory_lock($1) as locked', [lockKey]);
  return locked.parse(rows)[0].locked;
}
