import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { TryLater } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { CryptoHandover } from '../../matrix/crypto/ports.ts';
import type { Query, Reader } from '../reader.ts';
import type { Sealing } from '../sealing.ts';

/** The channels of PostgreSQL's notifications: a request or an answer is there, by its id. */
export const requestNotification = 'crypto_request';
export const answerNotification = 'crypto_answer';

/** A request that was asked before stays as it is. */
const ask: Query = {
  name: 'crypto_ask',
  text: `with asked as (
      insert into crypto_request (id, kind, request, expires_at)
      values ($1, $2, $3, now() + $4 * interval '1 millisecond') on conflict do nothing returning id)
    select pg_notify('${requestNotification}', id::text) from asked`,
};

const take: Query = {
  name: 'crypto_take',
  text: 'delete from crypto_request where id = $1 and answer is not null returning answer',
};
const taken = z.array(z.object({ answer: z.instanceof(Buffer) }));

const withdraw: Query = { name: 'crypto_withdraw', text: 'delete from crypto_request where id = $1' };

const readOpen: Query = {
  name: 'crypto_open',
  text: `select id, kind, request from crypto_request
    where answer is null and expires_at > now() and id <> all($1::uuid[]) order by seq limit $2`,
};
const open = z.array(z.object({ id: z.string(), kind: z.string(), request: z.instanceof(Buffer) }));

const answer: Query = {
  name: 'crypto_answer',
  text: `with answered as (
      update crypto_request set answer = $2 where id = $1 and answer is null returning id)
    select pg_notify('${answerNotification}', id::text) from answered`,
};

/** A notification may be lost: how often both sides look, and a failed answer is tried again, in milliseconds. */
const lookEvery = 1000;
/** How long an answer is waited for, in milliseconds: another process may have to take over first. */
const patience = 15_000;
/** Requests at work at once. */
const most = 100;

type Handler = Parameters<CryptoHandover['serve']>[0];
type Json = Awaited<ReturnType<Handler>>;

export interface StoredHandover extends CryptoHandover {
  heardRequest(): void;
  heardAnswer(id: string): void;
  /** Whoever waits gets `TryLater`. */
  close(): Promise<void>;
}

/** Requests and answers are rows, sealed to their ids, so that another process finds them when the leader is gone. */
export function createHandover(reader: Reader, sealing: Sealing, log: Logger): StoredHandover {
  const waiting = new Map<string, () => void>();
  const closed = new AbortController();
  const server = createServer(reader, sealing, log);
  return {
    async request(kind, payload) {
      const id = randomUUID();
      const sealed = seal(sealing, payload, `crypto-request:${id}`);
      const until = Date.now() + patience;
      try {
        for (let left = patience; left > 0 && !closed.signal.aborted; left = until - Date.now()) {
          const woken = wake(waiting, id, Math.min(left, lookEvery), closed.signal);
          await reader.query(ask, [id, kind, sealed, left]);
          await woken;
          const [found] = taken.parse(await reader.query(take, [id]));
          if (found) return unseal(sealing, found.answer, `crypto-answer:${id}`);
        }
      } finally {
        waiting.delete(id);
      }
      await reader.query(withdraw, [id]);
      throw new TryLater('the process that leads encryption doesn’t answer', { after: 1000 });
    },
    heardRequest: () => server.look(),
    heardAnswer: (id) => waiting.get(id)?.(),
    serve: (handler) => server.serve(handler),
    stopServing: () => server.stop(),
    async close() {
      closed.abort();
      for (const wakeUp of waiting.values()) wakeUp();
      await server.stop();
    },
  };
}

/** Resolves when it is called, or after so many milliseconds. */
function wake(
  waiting: Map<string, () => void>,
  id: string,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, signal.aborted ? 0 : milliseconds);
  waiting.set(id, () => {
    clearTimeout(timer);
    resolve();
  });
  return promise;
}

function createServer(reader: Reader, sealing: Sealing, log: Logger) {
  const working = new Map<string, Promise<void>>();
  let handler: Handler | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looked: Promise<void> | undefined;
  let running = false;
  let again = false;

  async function work(by: Handler, { id, kind, request }: z.infer<typeof open>[number]): Promise<void> {
    try {
      const result = await by(kind, unseal(sealing, request, `crypto-request:${id}`));
      await reader.query(answer, [id, seal(sealing, result, `crypto-answer:${id}`)]);
      working.delete(id);
    } catch (error) {
      log.debug('a request for encryption could not be answered yet', { kind, error });
      setTimeout(() => working.delete(id), lookEvery).unref(); // not at once again
    }
    if (working.size === most - 1) look(); // others may have had no place
  }

  async function lookUntilDone(): Promise<void> {
    running = true;
    try {
      while (again) {
        again = false;
        const by = handler;
        if (!by || working.size >= most) break;
        const found = open.parse(await reader.query(readOpen, [[...working.keys()], most - working.size]));
        if (handler === by) for (const request of found) working.set(request.id, work(by, request));
      }
    } catch (error) {
      log.debug('requests for encryption could not be read', { error });
    } finally {
      running = false;
    }
  }

  function look(): void {
    again = true;
    if (!running) looked = lookUntilDone();
  }

  return {
    look,
    serve(by: Handler): void {
      handler = by;
      clearInterval(timer);
      timer = setInterval(look, lookEvery).unref();
      look();
    },
    async stop(): Promise<void> {
      handler = undefined;
      clearInterval(timer);
      await looked;
      await Promise.all(working.values());
    },
  };
}

function seal(sealing: Sealing, json: Json, place: string): Buffer {
  return sealing.seal(Buffer.from(JSON.stringify(json)), place);
}

function unseal(sealing: Sealing, sealed: Buffer, place: string): Json {
  return JSON.parse(sealing.open(sealed, place).toString('utf8')) as Json; // what `seal` was given
}
