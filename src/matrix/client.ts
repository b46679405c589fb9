import { failpoint } from '#failpoint';
import { Readable } from 'node:stream';
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { CannotBridge, TryLater } from '../errors.ts';
import type { Answer, Call, HomeserverClient, StreamBody } from './call.ts';
import { failureOf } from './failure.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { MatrixMetrics } from './ports.ts';
import { wholeAnswer } from '../whole-answer.ts';

export interface ClientOptions {
  /** The homeserver's client address, e.g. `http://localhost:8008`. */
  readonly url: string;
  readonly asToken: string;
  /** What the registration for double puppets shows the homeserver; absent: there is none. */
  readonly puppetsToken?: string;
  readonly metrics?: Pick<MatrixMetrics, 'homeserverCall'>;
  /** A request found nobody who answers. */
  readonly onUnreachable?: () => void;
}

/** One request waits for each lane at work, so fewer connections would hold lanes up. */
const connections = 128;
const defaultTimeout = 30_000;
/** An error of a single request (status 500) is the server's own when nothing else went through for this long. */
const aliveWithin = 10_000;

/** A client for the homeserver's API over kept connections. */
export class UndiciClient implements HomeserverClient {
  readonly url: string;
  readonly #options: ClientOptions;
  readonly #pool: Pool;
  readonly #prefix: string;
  #lastSuccess = Number.NEGATIVE_INFINITY;

  constructor(options: ClientOptions) {
    const base = new URL(options.url);
    this.url = options.url;
    this.#options = options;
    this.#prefix = `${base.pathname.replace(/\/+$/, '')}/`;
    this.#pool = new Pool(base.origin, { connections, connectTimeout: 5000, allowH2: false });
  }

  call(call: Call): Promise<JsonObject> {
    return this.#guarded(call, isObject);
  }

  callList(call: Call): Promise<readonly JsonObject[]> {
    return this.#guarded(call, isList);
  }

  async open(call: Call): Promise<Dispatcher.ResponseData> {
    return this.#timed(call, async () => {
      const response = await this.#request(call, (request) => this.#pool.request(request));
      if (response.statusCode < 300) return response;
      throw this.#failure(call, await answerOf(response));
    });
  }

  async exchange(call: Call): Promise<Answer> {
    const { status, headers, text } = await this.#request(call, (request) =>
      wholeAnswer(this.#pool, request),
    );
    return { status, headers, body: parsed(text) };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  /** The JSON of an answer that is a success and passes `guard`. */
  async #guarded<T>(call: Call, guard: (body: unknown) => body is T): Promise<T> {
    return this.#timed(call, async () => {
      const answer = await this.exchange(call);
      if (answer.status >= 300 || !guard(answer.body)) throw this.#failure(call, answer);
      if (call.method !== 'GET') this.#lastSuccess = performance.now();
      return answer.body;
    });
  }

  async #request<T>(call: Call, make: (request: Dispatcher.RequestOptions) => Promise<T>): Promise<T> {
    const request = {
      method: call.method,
      path: this.#prefix + rootOf(call) + call.path.map(encodeURIComponent).join('/') + queryOf(call),
      headers: { authorization: `Bearer ${this.#token(call)}`, ...bodyType(call) },
      body: bodyOf(call),
      headersTimeout: call.timeout ?? defaultTimeout,
      bodyTimeout: call.timeout ?? defaultTimeout,
    };
    try {
      return await make(request).catch((error: unknown) => {
        // A kept connection that the server closes just then. Repeating a GET, or a PUT, gives what it gave.
        if (codeOf(error) !== 'UND_ERR_SOCKET' || call.method === 'POST' || isStream(call.body)) throw error;
        return make(request);
      });
    } catch (error) {
      const own = isStream(call.body) && (error instanceof TryLater || error instanceof CannotBridge);
      throw own ? error : this.#unreachable(error);
    }
  }

  #token({ adminToken, as }: Call): string {
    const { asToken, puppetsToken } = this.#options;
    if (adminToken !== undefined) return adminToken;
    if (as?.registration !== 'puppets') return asToken;
    if (puppetsToken === undefined) throw new Error('There is no registration for double puppets'); // nobody is asked to act so
    return puppetsToken;
  }

  async #timed<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const note = (outcome: string): void =>
      this.#options.metrics?.homeserverCall(call.name, outcome, (performance.now() - started) / 1000);
    try {
      failpoint('matrix.before', call);
      const result = await work();
      failpoint('matrix.after', call);
      note('ok');
      return result;
    } catch (error) {
      note(!(error instanceof TryLater) ? 'refused' : error.after === undefined ? 'failed' : 'limited');
      throw error;
    }
  }

  #failure(call: Call, answer: Answer): Error {
    return failureOf(answer, {
      url: this.url,
      room: call.room,
      asPerson: call.as?.registration === 'puppets',
      othersWork: performance.now() - this.#lastSuccess < aliveWithin,
    });
  }

  #unreachable(error: unknown): TryLater {
    this.#options.onUnreachable?.();
    return new TryLater(`the homeserver at ${this.url} can't be reached (${codeOf(error)})`, {
      target: 'matrix',
      cause: error,
    });
  }
}

async function answerOf(response: Dispatcher.ResponseData): Promise<Answer> {
  return {
    status: response.statusCode,
    headers: response.headers,
    body: parsed(await response.body.text()),
  };
}

function isList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.every(isObject);
}

function rootOf({ adminToken }: Call): string {
  return adminToken === undefined ? '_matrix/' : '_synapse/admin/';
}

function queryOf({ query, as }: Call): string {
  const asked = { ...query, user_id: as?.user, device_id: as?.device };
  let text = '';
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) text += `${text === '' ? '?' : '&'}${name}=${encodeURIComponent(value)}`;
  }
  return text;
}

function isBytes(body: Call['body']): body is { readonly bytes: Buffer; readonly mimetype: string } {
  return body !== undefined && 'bytes' in body && Buffer.isBuffer(body['bytes']);
}

function isStream(body: Call['body']): body is StreamBody {
  return body !== undefined && 'stream' in body && body['stream'] instanceof Readable;
}

function bodyOf(call: Call): Buffer | Readable | string | null {
  if (isBytes(call.body)) return call.body.bytes;
  if (isStream(call.body)) return call.body.stream;
  return call.body === undefined ? null : JSON.stringify(call.body);
}

function bodyType(call: Call): Readonly<Record<string, string>> {
  if (call.body === undefined) return {};
  if (isStream(call.body))
    return { 'content-type': call.body.mimetype, 'content-length': String(call.body.length) };
  return { 'content-type': isBytes(call.body) ? call.body.mimetype : 'application/json' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not a homeserver's answer: the caller sees that it is no object
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
