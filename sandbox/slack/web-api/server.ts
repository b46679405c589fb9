import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Deliveries } from '../delivery/deliveries.ts';
import type { Sockets } from '../delivery/sockets.ts';
import type { ApiFault, Faults } from '../faults.ts';
import { BadBody, readBody } from '../http/body.ts';
import type { Log } from '../log.ts';
import type { RateLimits } from '../rate-limits.ts';
import { takeCall } from '../rate-limits.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import { sleep } from '../clock.ts';
import { text } from './arguments.ts';
import { authenticate } from './authenticate.ts';
import { requireScope, SlackError } from './call.ts';
import type { Answer, Call } from './call.ts';
import { methods } from './methods.ts';
import { oauthAccess } from './oauth.ts';
import type { Client } from './oauth.ts';

export interface WebApiParts {
  readonly world: World;
  readonly log: Log;
  readonly faults: Faults;
  readonly settings: Settings;
  readonly sockets: Sockets;
  readonly deliveries: Deliveries;
  readonly limits: RateLimits;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Answers `/api/<method>`. */
export async function serveWebApi(
  parts: WebApiParts,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const from = parts.world.clock.now();
  const input = await readInput(request);
  const { args, token } = input;
  const team = parts.world.tokens.get(token ?? '')?.teamId;
  const channel = text({ args }, 'channel');
  const fault = parts.faults.forCall({ method: name, team, channel, user: text({ args }, 'user') });
  const applied = !fault || !('applied' in fault) || fault.applied;
  const limited = fault?.type === 'rate_limited' ? tooMany(fault.retryAfterSeconds) : undefined;
  const { result: reply, release } = parts.deliveries.collect(() => {
    if (limited) return limited;
    return applied ? run(parts, name, input) : unapplied();
  });
  const outcome = fault ? fault.type : reply.body['ok'] === true ? 'ok' : String(reply.body['error']);
  const details = {
    team,
    channel,
    args: shown(args),
    status: reply.status,
    retryAfter: reply.headers['retry-after'],
    ms: parts.world.clock.now() - from,
  };
  parts.log.add('api', name, outcome, { ...details, answer: shown(reply.body), applied });
  if (fault && !limited) await respondWithFault(parts, fault, { reply, release, request, response });
  else {
    send(response, reply);
    await release();
  }
}

/** Without what opens doors. */
function shown(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const secret = new Set(['token', 'client_secret', 'code', 'access_token', 'refresh_token']);
  const kept = Object.entries(fields).filter(([name]) => !secret.has(name));
  const person = fields['authed_user'];
  const isObject = typeof person === 'object' && person !== null;
  return { ...Object.fromEntries(kept), ...(isObject && { authed_user: shown({ ...person }) }) };
}

interface Input {
  readonly args: Readonly<Record<string, unknown>>;
  readonly token: string | undefined;
  /** What Basic authentication says. */
  readonly client: Client | undefined;
  /** Why the body couldn't be read. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
}

async function readInput(request: IncomingMessage): Promise<Input> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const query = Object.fromEntries(url.searchParams);
  const type = request.headers['content-type'] ?? '';
  const warnings =
    type.startsWith('application/json') && !type.includes('charset') ? ['missing_charset'] : [];
  const client = basicClient(request.headers.authorization);
  const [, bearer] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  try {
    const args = { ...query, ...(await readBody(request)).fields };
    return { args, token: bearer ?? text({ args }, 'token'), client, problem: undefined, warnings };
  } catch (error) {
    if (!(error instanceof BadBody)) throw error;
    return { args: query, token: bearer, client, problem: error.error, warnings };
  }
}

function basicClient(authorization = ''): Client | undefined {
  const [, encoded] = /^Basic\s+(\S+)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return undefined;
  const [id, secret] = Buffer.from(encoded, 'base64').toString().split(':').map(decodeURIComponent);
  return { id, secret };
}

/** Runs a method and makes its reply; the only errors that leave it are bugs of the sandbox. */
function run(parts: WebApiParts, name: string, input: Input): Reply {
  const method = methods[name];
  const warnings = [...input.warnings];
  const messages: string[] = [];
  const headers: Record<string, string> = {};
  try {
    if (input.problem !== undefined) throw new SlackError(input.problem);
    const open = runOpen(parts, name, input);
    if (open) return { status: 200, headers, body: open };
    if (!method) throw new SlackError('unknown_method', { req_method: name });
    const caller = authenticate(parts.world, input.token, method.tokens, { method: name, ...input });
    headers['x-oauth-scopes'] = caller.scopes.join(',');
    headers['x-accepted-oauth-scopes'] = method.scopes.join(',');
    if (method.scopes.length > 0) requireScope(caller, ...method.scopes);
    const retryAfter = takeCall(parts.limits, {
      tier: method.tier,
      method: name,
      appId: `${caller.app.id} ${caller.team.id}`,
      channel: text(input, 'channel') ?? '',
    });
    if (retryAfter !== undefined) return tooMany(retryAfter);
    const { world, sockets, settings, log } = parts;
    const warn: Call['warn'] = (warning, message) => {
      warnings.push(warning);
      if (message !== undefined) messages.push(message);
    };
    const answer = method.run({
      method: name,
      args: input.args,
      caller,
      world,
      sockets,
      settings,
      log,
      later: (ms, work) => parts.deliveries.later(ms, work),
      warn,
    });
    return { status: 200, headers, body: withWarnings(answer, warnings, messages) };
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return {
      status: 200,
      headers,
      body: withWarnings({ ok: false, error: error.error, ...error.extra }, warnings, messages),
    };
  }
}

/** Methods that need no token. */
function runOpen(parts: WebApiParts, name: string, input: Input): Reply['body'] | undefined {
  if (name === 'api.test') return apiTest(input.args);
  return name === 'oauth.v2.access' ? oauthAccess(parts.world, input, input.client) : undefined;
}

function apiTest(args: Input['args']): Readonly<Record<string, unknown>> {
  const error = text({ args }, 'error');
  return error === undefined ? { ok: true, args } : { ok: false, error, args };
}

function withWarnings(
  body: Answer | Readonly<Record<string, unknown>>,
  warnings: readonly string[],
  messages: readonly string[],
): Readonly<Record<string, unknown>> {
  if (warnings.length === 0) return body;
  const metadata = typeof body['response_metadata'] === 'object' ? body['response_metadata'] : {};
  const extra = { warnings, ...(messages.length > 0 && { messages }) };
  return { ...body, warning: warnings.join(','), response_metadata: { ...metadata, ...extra } };
}

function tooMany(seconds: number): Reply {
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { ok: false, error: 'ratelimited' },
  };
}

/** What a call that a fault keeps from having any effect would look like; the fault replaces it. */
function unapplied(): Reply {
  return { status: 200, headers: {}, body: { ok: false, error: 'internal_error' } };
}

interface Exchange {
  readonly reply: Reply;
  readonly release: () => Promise<void>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function respondWithFault(parts: WebApiParts, fault: ApiFault, exchange: Exchange): Promise<void> {
  const { reply, release, request, response } = exchange;
  const { clock } = parts.world;
  switch (fault.type) {
    case 'event_first':
      await release();
      send(response, reply);
      return;
    case 'slow':
      await Promise.all([release(), sleep(clock, fault.ms)]);
      send(response, reply);
      return;
    case 'http_error':
      response.writeHead(fault.status, { 'content-type': 'text/html' }).end('<h1>Server Error</h1>');
      break;
    case 'slack_error':
      send(response, { ...reply, status: 200, body: { ok: false, error: fault.error } });
      break;
    case 'reset':
      request.socket.resetAndDestroy();
      break;
    case 'timeout':
      clock.after(fault.ms, () => request.socket.destroy());
      break;
    case 'rate_limited':
      send(response, tooMany(fault.retryAfterSeconds));
      break;
  }
  await release();
}

function send(response: ServerResponse, reply: Reply): void {
  const body = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...reply.headers,
  });
  response.end(body);
}
