import { setImmediate as nextTick, setTimeout as sleep } from 'node:timers/promises';
import { failpoint } from '#failpoint';
import type pg from 'pg';
import type { Logger } from '../log.ts';
import type { Change } from '../portal/ports.ts';
import type { Verdict, Work } from '../queue/ports.ts';
import { codeOf, connectClient, isConnectionError } from './db.ts';
import type { DatabaseConnection, StatementCount } from './db.ts';
import { DatabaseWentBack } from './generation.ts';
import { runTurn } from './run-turn.ts';
import type { IntakeRow, Turn, TurnResult } from './turn.ts';
import { inOrder, takeRows, takeWork } from './writer-queue.ts';
import type { WaitingRow, WaitingWork } from './writer-queue.ts';

/** The one connection through which the inbox is written, and all that is read of it: so nothing overtakes. */
export interface Writer {
  /**
   * Resolves after the commit with the row's number, or nothing when it was known. Rejects while the database is out of
   * reach: whether the row is there is then unknown, and a repetition finds out.
   */
  store(row: IntakeRow): Promise<number | undefined>;
  /** See `Inbox.commit`. */
  commit(work: Work<Change>, urgent: boolean): Promise<Verdict>;
  /** Runs between two turns. Rejects while the database is out of reach. */
  between<T>(job: (client: pg.Client) => Promise<T>): Promise<T>;
  connected(): boolean;
  /** After what waits is committed, as far as the database can be reached. */
  close(): Promise<void>;
}

export interface WriterOptions {
  readonly connection: DatabaseConnection;
  readonly log: Logger;
  readonly count: StatementCount;
  /** Which lanes of these rows to lease or note, and for whom. */
  readonly lanesOf: (rows: readonly IntakeRow[]) => Pick<Turn, 'lanes' | 'complete' | 'owner'>;
  /** Just before a turn is sent: what it answers may be outdated by what happens from now on. */
  readonly sending: (turn: Turn) => void;
  /** Right after a turn's commit, before anyone who waits for it is told. */
  readonly committed: (turn: Turn, result: TurnResult) => void;
  readonly disconnected: () => void;
  readonly reconnected: () => void;
  /** Asked of each new connection before anything is written through it. Throws `DatabaseWentBack`. */
  readonly check: (client: pg.ClientBase) => Promise<void>;
}

/** Work that nobody waits for rides along, or goes after this many milliseconds. */
const lazyDelay = 20;
/** A turn that takes longer, in milliseconds, counts as a lost connection. */
const turnLimit = 15_000;

/** Slack repeats what isn't acknowledged within 3 s: before that, in milliseconds, the sender is told to try again. */
export const intakePatience = 2400;

/** Deadlock, and serialization failure. */
const undone: ReadonlySet<string> = new Set(['40P01', '40001']);
const mostTries = 8;

export class DatabaseUnreachable extends Error {
  constructor(cause?: unknown) {
    super('the database is out of reach', { cause });
    this.name = 'DatabaseUnreachable';
  }
}

/** Connects, or rejects with what the connection failed with. */
export async function startWriter(options: WriterOptions): Promise<Writer> {
  const state = new WriterState(options, await connect(options));
  return {
    store: (row) => state.store(row),
    commit: (work, urgent) => state.commit(work, urgent),
    between: (job) => state.between(job),
    connected: () => state.client !== undefined,
    close: () => state.close(),
  };
}

async function connect({ connection, count, check }: WriterOptions): Promise<pg.Client> {
  const client = await connectClient(connection, 'writer', { pipeline: true, query_timeout: turnLimit });
  // A plan for any values: with these lists PostgreSQL would plan each turn anew.
  count.statements += 1;
  await client.query('set plan_cache_mode = force_generic_plan');
  count.statements += 1;
  await check(client);
  return client;
}

interface Job {
  readonly run: (client: pg.Client) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

class WriterState {
  readonly options: WriterOptions;
  client: pg.Client | undefined;
  private readonly rows: WaitingRow[] = [];
  private readonly work: WaitingWork[] = [];
  private readonly jobs: Job[] = [];
  private running = false;
  private lazyTimer: NodeJS.Timeout | undefined;
  private closing = false;
  private readonly stopped = new AbortController();

  constructor(options: WriterOptions, client: pg.Client) {
    this.options = options;
    this.adopt(client);
  }

  store(row: IntakeRow): Promise<number | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    if (!this.client || this.closing) reject(new DatabaseUnreachable());
    else {
      this.rows.push({ row, stored: resolve, failed: reject });
      this.start();
    }
    return promise;
  }

  commit(work: Work<Change>, urgent: boolean): Promise<Verdict> {
    const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
    const parts = inOrder(work);
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      this.work.push({ work: part, ended: last ? resolve : () => undefined, failed: reject });
    }
    if (urgent || this.work.length >= 32 || this.closing) this.start();
    else this.lazyTimer ??= setTimeout(() => this.start(), lazyDelay);
    return promise;
  }

  between<T>(job: (client: pg.Client) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (!this.client) reject(new DatabaseUnreachable());
    else {
      const run = (client: pg.Client): Promise<void> => job(client).then(resolve);
      this.jobs.push({ run, failed: reject });
      this.start();
    }
    return promise;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.start();
    while (this.running && this.client) await sleep(2);
    this.stopped.abort();
    const client = this.client;
    this.client = undefined;
    await client?.end();
    this.failAll(new DatabaseUnreachable());
    for (const { failed } of this.work.splice(0)) failed(new DatabaseUnreachable());
  }

  private start(): void {
    clearTimeout(this.lazyTimer);
    this.lazyTimer = undefined;
    if (this.running || !this.client) return;
    this.running = true;
    void this.run();
  }

  /** Turns until nothing waits. The first one starts after what happens in this moment has come together. */
  private async run(): Promise<void> {
    await nextTick();
    while (this.client && this.jobs.length + this.rows.length + this.work.length > 0) {
      await this.runJobs(this.client);
      this.refuseLate();
      if (this.rows.length + this.work.length > 0) await this.turn(takeRows(this.rows), takeWork(this.work));
    }
    this.running = false;
  }

  /** Who sent these was told to repeat them: each would stand in the line twice, and what is slow would become slower. */
  private refuseLate(): void {
    const latest = Date.now() - intakePatience;
    const first = this.rows.findIndex(({ row }) => row.receivedAt.getTime() > latest);
    const late = this.rows.splice(0, first === -1 ? this.rows.length : first);
    for (const { failed } of late) failed(new DatabaseUnreachable());
  }

  private async runJobs(client: pg.Client): Promise<void> {
    for (const job of this.jobs.splice(0)) {
      try {
        await job.run(client);
      } catch (error) {
        job.failed(error);
        if (isConnectionError(error)) this.lost(client, error);
      }
    }
  }

  private async turn(rows: readonly WaitingRow[], work: readonly WaitingWork[]): Promise<void> {
    const client = this.client;
    if (!client) return this.putBack(rows, work, new DatabaseUnreachable());
    const intake = rows.map(({ row }) => row);
    const turn: Turn = { intake, work: work.map((one) => one.work), ...this.options.lanesOf(intake) };
    try {
      this.options.sending(turn);
      failpoint('commit.before', turn);
      const result = await this.untilDecided(client, turn);
      failpoint('commit.after', turn);
      this.options.committed(turn, result);
      for (const { row, stored } of rows)
        stored(row.lane === undefined ? undefined : result.stored.get(row.delivery));
      for (const [index, { ended }] of work.entries()) ended(result.verdicts[index] ?? 'fenced');
    } catch (error) {
      if (!isConnectionError(error)) return this.alone(rows, work, error);
      this.putBack(rows, work, error);
      this.lost(client, error);
    }
  }

  /** Of two processes that lock each other out the database undoes one's turn as a whole: it goes again as it was. */
  private async untilDecided(client: pg.Client, turn: Turn): Promise<TurnResult> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await runTurn(client, turn, this.options.count);
      } catch (error) {
        if (!undone.has(codeOf(error)) || tries === mostTries) throw error;
        await sleep(Math.random() * 20);
      }
    }
  }

  /** The database refused a turn for what it says: each part of it is tried alone, so that only the culprit fails. */
  private async alone(
    rows: readonly WaitingRow[],
    work: readonly WaitingWork[],
    error: unknown,
  ): Promise<void> {
    if (rows.length + work.length === 1) {
      this.options.log.error('the database refused to store this', { code: codeOf(error), error });
      for (const { failed } of [...rows, ...work]) failed(error);
      return;
    }
    for (const row of rows) await this.turn([row], []);
    for (const piece of work) await this.turn([], [piece]);
  }

  /** Work is kept, in its order; rows are given back to those who sent them, who repeat. */
  private putBack(rows: readonly WaitingRow[], work: readonly WaitingWork[], error: unknown): void {
    this.work.unshift(...work);
    for (const { failed } of rows) failed(new DatabaseUnreachable(error));
  }

  private adopt(client: pg.Client): void {
    this.client = client;
    client.on('end', () => this.lost(client, undefined));
  }

  private lost(client: pg.Client, error: unknown): void {
    if (this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => undefined);
    this.options.log.warn('the connection to the database is lost', { code: codeOf(error) });
    this.options.disconnected();
    this.failAll(new DatabaseUnreachable(error));
    void this.reconnect();
  }

  private failAll(error: Error): void {
    for (const { failed } of [...this.rows.splice(0), ...this.jobs.splice(0)]) failed(error);
  }

  private async reconnect(): Promise<void> {
    const { signal } = this.stopped;
    for (let delay = 100; !signal.aborted; delay = Math.min(delay * 2, 1000)) {
      try {
        const client = await connect(this.options);
        if (signal.aborted) return await client.end();
        this.adopt(client);
        this.options.log.info('connected to the database again');
        this.options.reconnected();
        return this.start();
      } catch (error) {
        if (error instanceof DatabaseWentBack) throw error; // ends the process
        await sleep(delay, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
