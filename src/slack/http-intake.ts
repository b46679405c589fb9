import { failpoint } from '#failpoint';
import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { CannotStart } from '../errors.ts';
import { boundDepth } from '../format/bound-depth.ts';
import type { Logger } from '../log.ts';
import { within } from './at-most.ts';
import type { Fields } from './fields.ts';
import { isFields, textOf } from './fields.ts';
import type { Intake, Source } from './intake.ts';
import type { SlackMetrics } from './metrics.ts';
import { formBody } from './form-body.ts';
import { readBody } from './read-body.ts';
import { readSignature, verifySignature } from './signature.ts';

/**
 * The largest body taken. A changed message holds its text (up to 40,000 characters) four times over: before and after,
 * as text and as blocks, at up to 12 bytes a character where JSON escapes them.
 */
const largestBody = 4 * 1024 * 1024;

/** Slack waits 3 s for an answer. */
const answerWithin = 2500;

export interface HttpSource extends Source {
  readonly secret: string;
}

export interface HttpIntakeOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly sources: readonly HttpSource[];
  readonly intake: Intake;
  readonly metrics: SlackMetrics;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface HttpIntake {
  readonly port: number;
  /** Takes no new requests and waits for those under way. */
  stop(): Promise<void>;
}

/**
 * Listens for the Events API, and for commands and buttons.
 *
 * | request                                             | answer                                     |
 * | --------------------------------------------------- | ------------------------------------------ |
 * | another path; another method                        | 404; 405                                   |
 * | no signature, a wrong one, or over 5 minutes away   | 401, before anything in the body is read   |
 * | a body over 4 MiB; a signed body that isn't JSON    | 413; 400                                   |
 * | `url_verification`                                  | 200 with the challenge                     |
 * | an event that is committed, or not for us           | 200                                        |
 * | an event that couldn't be committed within 2.5 s    | 503: Slack delivers it again               |
 *
 * Retries are taken like any other delivery: the store knows what it has.
 * @see https://docs.slack.dev/apis/events-api/using-http-request-urls
 */
export async function startHttpIntake(options: HttpIntakeOptions): Promise<HttpIntake> {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, keepAliveTimeout: 75_000 },
    (request, response) => {
      void handle(request, response, options).catch((error: unknown) => {
        options.log.error('a request from Slack could not be handled', { error });
        answer(response, 500, 'internal error');
      });
    },
  );
  server.listen(options.port, options.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    throw new CannotStart(
      `slack.http: can't listen on ${options.host} port ${options.port} (${String(code)}): choose another port, or stop what uses it.`,
      { cause },
    );
  }
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  options.log.info('listening for Slack', { host: options.host, port, path: options.path });
  return { port, stop: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), answerWithin + 500);
  await closed;
  clearTimeout(late);
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpIntakeOptions,
): Promise<void> {
  const refuse = (status: number, reason: string) => {
    options.metrics.refused('http', reason);
    answer(response, status, reason);
  };
  const [path] = (request.url ?? '').split('?', 1);
  if (path !== options.path) return refuse(404, 'not-found');
  if (request.method !== 'POST') return refuse(405, 'not-post');
  const now = (options.now ?? Date.now)();
  const signature = readSignature(
    header(request, 'x-slack-request-timestamp'),
    header(request, 'x-slack-signature'),
    now,
  );
  if (typeof signature === 'string') return refuse(401, signature);
  const raw = await readBody(request, largestBody);
  if (raw === 'too-large') return refuse(413, 'too-large');
  if (raw === 'broken-off') return void response.destroy();
  const verdict = verifySignature(signature, raw, options.sources);
  if (verdict.type === 'invalid') return refuse(401, verdict.reason);
  return signed(request, response, raw, verdict.source, options);
}

async function signed(
  request: IncomingMessage,
  response: ServerResponse,
  raw: Buffer,
  source: HttpSource,
  options: HttpIntakeOptions,
): Promise<void> {
  if (header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded')) {
    const form = formBody(raw);
    if (form === undefined) return answer(response, 400, 'unreadable payload');
    if (form['ssl_check'] === '1') return answer(response, 200);
    const reply = await options.intake.interaction(form, source, 'http');
    return answer(response, 200, reply);
  }
  const body = json(raw);
  if (body === undefined) {
    options.metrics.refused('http', 'not-json');
    return answer(response, 400, 'not JSON');
  }
  if (body['type'] === 'url_verification') return answer(response, 200, textOf(body['challenge']) ?? '');
  try {
    // what is stored after all once the time is over is known by its delivery key when it comes again
    await within(answerWithin, options.intake.event(body, raw, source, 'http'), 'storing takes too long');
  } catch (error) {
    options.metrics.refused('http', 'not-stored');
    options.log.warn('an event from Slack was not stored; Slack will deliver it again', { error });
    return answer(response, 503, 'not stored, please deliver it again');
  }
  failpoint('acknowledge.before', 'slack-http');
  answer(response, 200);
  failpoint('acknowledge.after', 'slack-http');
}

function json(raw: Buffer): Fields | undefined {
  try {
    const value = boundDepth(JSON.parse(raw.toString('utf8')));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const type = typeof body === 'string' || body === undefined ? 'text/plain' : 'application/json';
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    ...(status === 413 && { connection: 'close' }),
  });
  response.end(text);
}
