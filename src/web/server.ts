import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStart } from '../errors.ts';
import type { Logger } from '../log.ts';
import { loginPath } from './login/handler.ts';
import { picturePath } from './picture-links.ts';

/** How a part of the bridge is: the database, the homeserver, a workspace (`slack T123`), the queue. */
export interface PartHealth {
  readonly ok: boolean;
  /** What is wrong, for an administrator; absent when all is well. No secrets: anybody who reaches /readyz reads it. */
  readonly reason?: string | undefined;
  readonly since?: Date | undefined;
}

export interface WebOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Each part by its name. Asked for at each request of /readyz. */
  readonly health: () => Promise<Readonly<Record<string, PartHealth>>>;
  readonly metrics: { readonly contentType: string; readonly text: () => Promise<string> };
  /** Answers below /pictures/; absent: there are none. */
  readonly pictures?:
    ((request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>) | undefined;
  /** Answers below /login/, GET, HEAD and POST; absent: there is nothing. Never rejects. */
  readonly login?: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  readonly log: Logger;
}

export interface WebServer {
  /** Where it listens: `http://127.0.0.1:9995`. */
  readonly url: string;
  /** Takes no new requests, waits a moment for those under way. */
  stop(): Promise<void>;
}

/**
 * The bridge's own web server.
 *
 * | path          | answers                                                                             |
 * | ------------- | ----------------------------------------------------------------------------------- |
 * | `/healthz`    | 200 as long as the process lives                                                    |
 * | `/readyz`     | 200, or 503 when a part isn't well; JSON that names each part and what is wrong      |
 * | `/metrics`    | for Prometheus                                                                      |
 * | `/pictures/…` | pictures of Matrix users, for Slack                                                 |
 * | `/login/…`    | pages on which people link their accounts                                           |
 *
 * The last two need to be public.
 *
 * @throws CannotStart when the port can't be listened on.
 */
export async function startWebServer(options: WebOptions): Promise<WebServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.log.error('a web request failed', { error });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.maxConnections = 500;
  const url = await listen(server, options);
  options.log.info('web server listening', { url });
  return { url, stop: () => stop(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: WebOptions,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (path.startsWith(loginPath) && options.login && (reads || request.method === 'POST'))
    return options.login(request, response);
  if (!reads) return json(response.setHeader('allow', 'GET, HEAD'), 405, { error: 'only GET and HEAD' });
  if (path.startsWith(picturePath) && options.pictures) return options.pictures(request, response, path);
  switch (path) {
    case '/healthz':
      return json(response, 200, { ok: true });
    case '/readyz':
      return ready(response, options);
    case '/metrics':
      response.writeHead(200, { 'content-type': options.metrics.contentType });
      response.end(await options.metrics.text());
      return;
    default:
      return json(response, 404, { error: 'nothing here' });
  }
}

async function ready(response: ServerResponse, options: WebOptions): Promise<void> {
  const parts = await options.health();
  const ok = Object.values(parts).every((part) => part.ok);
  json(response, ok ? 200 : 503, { ok, parts });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function listen(server: Server, { host, port }: WebOptions): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(
        new CannotStart(
          `the web server can't listen on ${host} port ${port}: ${reason}; change web.host or web.port`,
          {
            cause: error,
          },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo; // a TCP server that listens has one
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const over = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  await Promise.race([over, sleep(1_500, undefined, { ref: false })]);
  server.closeAllConnections();
  await over;
}
