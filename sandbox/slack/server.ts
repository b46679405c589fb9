import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { createControl } from './control/control.ts';
import type { Control } from './control/control.ts';
import { serveControl, serveOwnUpload, serveStream } from './control/server.ts';
import { Deliveries } from './delivery/deliveries.ts';
import { createHttpTransport } from './delivery/http.ts';
import { Sockets } from './delivery/sockets.ts';
import { Faults } from './faults.ts';
import { serveFiles } from './http/files.ts';
import type { FileHostParts } from './http/files.ts';
import { servePage } from './http/page.ts';
import { serveUploads } from './http/uploads.ts';
import { newSecret } from './ids.ts';
import { createInteract } from './interactivity/interactions.ts';
import { serveResponseUrl } from './interactivity/response-urls.ts';
import { createLog } from './log.ts';
import type { LogEntry } from './log.ts';
import { serveAuthorize } from './oauth/page.ts';
import { openFolder } from './persistence.ts';
import type { OpenFolder } from './persistence.ts';
import { createRateLimits } from './rate-limits.ts';
import { defaultSettings } from './settings.ts';
import { createSpool } from './spool.ts';
import { serveWebApi } from './web-api/server.ts';
import type { WebApiParts } from './web-api/server.ts';
import { World } from './world.ts';

export interface SlackSandboxOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Keeps the world here across restarts; without it everything is forgotten on stop. Use the same port again with it. */
  readonly folder?: string;
  /** Whether calls over Slack's limits get 429; default false. */
  readonly rateLimits?: boolean;
  /** For the dice of faults with a probability; default 1. */
  readonly seed?: number;
  readonly clock?: Clock;
}

export interface SlackSandbox {
  /** `http://127.0.0.1:<port>`, without a slash at the end; the page is there. */
  readonly url: string;
  /** For a WebClient's `slackApiUrl`: `<url>/api/`. */
  readonly apiUrl: string;
  /** Where people allow an app. */
  readonly authorizeUrl: string;
  readonly port: number;
  /** Every action of the control API as a function; see README.md. */
  readonly control: Control;
  /** Calls `listener` with each new entry of the log; the result ends that. The log itself forgets the older ones. */
  readonly onLog: (listener: (entry: LogEntry) => void) => () => void;
  /** Cuts every connection, writes the folder, frees the port. */
  readonly stop: () => Promise<void>;
}

/** Starts an emulated Slack on loopback. The world is empty unless the folder has one: `control.createTeam` makes the first. */
export async function startSlackSandbox(options: SlackSandboxOptions = {}): Promise<SlackSandbox> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer({ keepAliveTimeout: 60_000 });
  const port = await listen(server, host, options.port ?? 0);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  const clock = options.clock ?? systemClock();
  const spool = createSpool(options.folder === undefined ? undefined : join(options.folder, 'files'));
  const world = new World(clock, url, spool);
  const folder = await openWorld(world, options.folder).catch((error: unknown) => {
    server.close();
    throw error;
  });
  const log = createLog(clock);
  const faults = new Faults();
  faults.seed(options.seed ?? 1);
  const settings = { ...defaultSettings(), rateLimits: options.rateLimits ?? false };
  const limits = createRateLimits(clock, settings);
  const sockets = new Sockets(world, log, settings);
  const http = createHttpTransport(clock, settings);
  const deliveries = new Deliveries(
    world,
    { log, faults, settings },
    { http: http.send, socket: (attempt) => sockets.send(attempt) },
  );
  const cookie = `slack-sandbox-${port}=${newSecret()}`;
  const interact = createInteract(
    { world, log },
    { http: http.interact, socket: (told) => sockets.interact(told) },
  );
  const parts = { world, log, faults, settings, limits, sockets, http, deliveries, interact, cookie };
  const control = createControl(parts);

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    route({ ...parts, control }, request, response).catch((error: unknown) => fail(response, error));
  });
  server.on('upgrade', (request, socket, head) => sockets.upgrade(request, socket, head));

  const stop = async (): Promise<void> => {
    deliveries.giveUp();
    sockets.close();
    http.close();
    const closed = new Promise((resolve) => {
      server.close(resolve);
    });
    server.closeAllConnections();
    await closed;
    await folder?.close();
    await spool.close();
  };
  const authorizeUrl = `${url}/oauth/v2/authorize`;
  return {
    url,
    apiUrl: `${url}/api/`,
    authorizeUrl,
    port,
    control,
    onLog: (listener) => log.follow(listener),
    stop,
  };
}

async function openWorld(world: World, folder: string | undefined): Promise<OpenFolder | undefined> {
  return folder === undefined ? undefined : openFolder(world, folder);
}

async function route(
  parts: WebApiParts & FileHostParts & { readonly control: Control },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  if (path.startsWith('/api/')) await serveWebApi(parts, path.slice(5), request, response);
  else if (path.startsWith('/hooks/')) await serveResponseUrl(parts, path, request, response);
  else if (path === '/oauth/v2/authorize') await serveAuthorize(parts, request, response);
  else if (path === '/_sandbox/stream') serveStream(parts.world, parts.log, request, response);
  else if (path === '/_sandbox/upload') await serveOwnUpload(parts, request, response);
  else if (path.startsWith('/_sandbox/'))
    await serveControl(parts.control, path.slice(10), request, response);
  else if (await serveUploads(parts, path, request, response)) return;
  else if (!(await serveFiles(parts, path, request, response))) await servePage(path, response, parts.cookie);
}

/** A bug of the sandbox: shown where whoever runs the test looks. */
function fail(response: ServerResponse, error: unknown): void {
  console.error('The Slack sandbox failed at a request:', error);
  if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
  response.end(error instanceof Error ? error.stack : String(error));
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A TCP server's address is always this object.
      resolve((server.address() as AddressInfo).port);
    });
  });
}
