import { failpoint } from '#failpoint';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { AppService } from 'matrix-appservice-bridge';
import { CannotStart } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { IntakePort } from '../queue/ports.ts';
import { checkToken } from './homeserver-token.ts';
import type { JsonObject } from './json.ts';
import type { MatrixMetrics } from './ports.ts';
import { readBody } from './read-body.ts';
import type { ReadReceipt } from './receipts.ts';
import { readTransaction } from './transaction.ts';

export interface AppServiceOptions {
  readonly hsToken: string;
  readonly intake: IntakePort;
  /** Whether we did what the event says. */
  readonly isOwn: (event: JsonObject) => boolean;
  /** Whether a message's text is for the bot. */
  readonly isCommand?: (text: string) => boolean;
  readonly isGhost?: (user: string) => boolean;
  /** Called with each event before it is stored, and again if that fails; must not throw. */
  readonly onSeen?: (event: JsonObject) => void;
  /** Called with each event once it is stored; must not throw. */
  readonly onEvent: (event: JsonObject) => void;
  /** People have read something; must not throw. */
  readonly onRead?: (receipts: readonly ReadReceipt[]) => void;
  /** A transaction could not be stored (`false`), or one could (`true`). */
  readonly onStored: (stored: boolean) => void;
  /** The homeserver's ping came. */
  readonly onPing?: () => void;
  readonly log: Logger;
  readonly metrics?: Pick<MatrixMetrics, 'transaction'>;
}

/** A homeserver sends up to 100 events of 64 KiB, with some 0.1 MB beside them; a refused one it would repeat for ever. */
const mostBytes = 16 * 1024 * 1024;

interface Reply {
  readonly status: number;
  readonly body: JsonObject;
}

const ok: Reply = { status: 200, body: {} };

function refusal(status: number, errcode: string, error: string): Reply {
  return { status, body: { errcode, error } };
}

/**
 * The bridge's HTTP server for the homeserver, in the place of the library's own, which acknowledges before the work is
 * done and refuses large transactions. An event is acknowledged when it is stored, and not otherwise: the homeserver
 * then sends it again.
 *
 * | request                          | answered by                                         |
 * | -------------------------------- | --------------------------------------------------- |
 * | PUT `…/transactions/{id}`        | here: 200 when stored, 503 when that failed         |
 * | POST `…/ping`                    | here                                                |
 * | GET `…/users/…`, `…/rooms/…`     | here: nobody and nothing is made on demand (404)    |
 * | the rest                         | the library (third-party lookups, health), else 404 |
 *
 * @see https://spec.matrix.org/latest/application-service-api/
 */
export class IntakeAppService extends AppService {
  readonly #options: AppServiceOptions;
  #server: Server | undefined;

  constructor(options: AppServiceOptions) {
    super({ homeserverToken: options.hsToken });
    this.#options = options;
  }

  /** @throws CannotStart when the address can't be had */
  override listen(port: number, hostname: string, backlog: number, callback?: () => void): Promise<void> {
    const server = createServer({ requestTimeout: 60_000 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#options.log.error('a request of the homeserver could not be answered', { error });
        if (!response.headersSent) send(response, refusal(500, 'M_UNKNOWN', 'an error of the bridge'));
        else response.destroy();
      });
    });
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(hostname, port, error)));
      server.listen(port, hostname, backlog, () => {
        callback?.();
        resolve();
      });
    });
  }

  /** Takes no new requests; resolves when those at work are answered, or cut off after 5 s: they come again. */
  override async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const cut = setTimeout(() => server.closeAllConnections(), 5000);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
    clearTimeout(cut);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://bridge');
    const route = routeOf(request.method ?? '', url.pathname);
    if (route === 'library') return this.#library(request, response);
    const allowed = checkToken(this.#options.hsToken, request.headers.authorization, url);
    if (allowed !== 'ok') {
      const status = allowed === 'missing' ? 401 : 403;
      const code = allowed === 'missing' ? 'M_UNAUTHORIZED' : 'M_FORBIDDEN';
      return send(response, refusal(status, code, `the homeserver's token is ${allowed}`));
    }
    switch (route) {
      case 'transaction': {
        const reply = await this.#transaction(request);
        failpoint('acknowledge.before', 'matrix');
        send(response, reply);
        failpoint('acknowledge.after', 'matrix');
        return undefined;
      }
      case 'ping':
        request.resume();
        this.#options.onPing?.();
        return send(response, ok);
      case 'query':
        return send(response, refusal(404, 'M_NOT_FOUND', 'there is no such user or room'));
    }
  }

  async #transaction(request: IncomingMessage): Promise<Reply> {
    const started = performance.now();
    const body = await readBody(request, mostBytes);
    if (body === undefined) {
      this.#options.log.error('a transaction of the homeserver is too large', { mostBytes });
      return refusal(413, 'M_TOO_LARGE', `a transaction may have ${mostBytes} bytes`);
    }
    const { deliveries, events, receipts } = readTransaction(
      body,
      this.#options.isOwn,
      this.#options.isCommand,
      this.#options.isGhost,
    );
    for (const { malformed } of deliveries) {
      if (malformed !== undefined)
        this.#options.log.error('the homeserver sent an event that cannot be read', { reason: malformed });
    }
    for (const event of events) this.#options.onSeen?.(event);
    const reply = await this.#store(deliveries);
    if (reply.status === 200) for (const event of events) this.#options.onEvent(event);
    if (reply.status === 200 && receipts.length > 0) this.#options.onRead?.(receipts);
    const seconds = (performance.now() - started) / 1000;
    this.#options.metrics?.transaction(reply.status, events.length, seconds);
    return reply;
  }

  async #store(deliveries: Parameters<IntakePort['store']>[0]): Promise<Reply> {
    if (deliveries.length === 0) return ok;
    try {
      await this.#options.intake.store(deliveries);
      this.#options.onStored(true);
      return ok;
    } catch (error) {
      this.#options.log.warn('events could not be stored; the homeserver will send them again', { error });
      this.#options.onStored(false);
      return refusal(503, 'M_UNAVAILABLE', 'the events could not be stored, send them again');
    }
  }

  /** The library's Express application; what it doesn't know is answered as a homeserver expects it. */
  #library(request: IncomingMessage, response: ServerResponse): void {
    // Express takes Node's own request and response; its types ask for the ones that it makes of them.
    const app = this.expressApp as unknown as (
      request: IncomingMessage,
      response: ServerResponse,
      next: () => void,
    ) => void;
    app(request, response, () => send(response, refusal(404, 'M_UNRECOGNIZED', 'there is nothing here')));
  }
}

type Route = 'transaction' | 'ping' | 'query' | 'library';

/** Old homeservers leave out the prefix. */
function routeOf(method: string, path: string): Route {
  const plain = path.replace(/^\/_matrix\/app\/(?:v1|unstable)(?=\/)/, '');
  if (method === 'PUT' && /^\/transactions\/[^/]+$/.test(plain)) return 'transaction';
  if (method === 'POST' && plain !== path && /^(?:\/fi\.mau\.msc2659)?\/ping$/.test(plain)) return 'ping';
  if (method === 'GET' && /^\/(?:users|rooms)\/[^/]+$/.test(plain)) return 'query';
  return 'library';
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const body = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function cannotListen(host: string, port: number, error: Error): CannotStart {
  const code = 'code' in error ? error.code : undefined;
  const why =
    code === 'EADDRINUSE'
      ? 'another process listens there already. Stop it, or change appservice.port (and the url in the registration)'
      : `${error.message}. Check appservice.host and appservice.port`;
  return new CannotStart(`can't listen for the homeserver on ${host}:${port}: ${why}.`, { cause: error });
}
