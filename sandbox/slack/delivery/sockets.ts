import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

import type { Cancel } from '../clock.ts';
import { newId, newSecret } from '../ids.ts';
import type { Log } from '../log.ts';
import type { App } from '../model.ts';
import type { Settings } from '../settings.ts';
import type { World } from '../world.ts';
import type { Attempt, Interaction, Outcome } from './attempt.ts';

const MOST_SOCKETS = 10;
const TICKET_LIFE_MS = 30_000;
/** A peer that leaves so many pings unanswered is gone. */
const MOST_UNANSWERED = 3;

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export interface SocketInfo {
  readonly id: string;
  readonly appId: string;
  readonly openedAt: number;
  readonly state: 'open' | 'half_open' | 'draining';
  readonly unacknowledged: number;
}

interface Waiting {
  readonly settle: (outcome: Outcome) => void;
  readonly cancel: Cancel;
}

interface Link {
  readonly id: string;
  readonly app: App;
  readonly socket: WebSocket;
  readonly openedAt: number;
  state: SocketInfo['state'];
  readonly waiting: Map<string, Waiting>;
  /** The ids of all envelopes that went over it. */
  readonly sent: Set<string>;
  /** Pings since its last pong. */
  unanswered: number;
  readonly timers: Cancel[];
}

/**
 * Socket Mode: single-use addresses, `hello`, envelopes with acknowledgements, refreshes, several sockets in turn.
 * @see https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export class Sockets {
  readonly #world: World;
  readonly #log: Log;
  readonly #settings: Settings;
  readonly #server = new WebSocketServer({ noServer: true, autoPong: false });
  readonly #tickets = new Map<string, string>();
  readonly #links = new Map<string, Link[]>();
  readonly #turns = new Map<string, number>();
  /** So many of the next connections are half-open from the beginning. */
  #mute = 0;

  constructor(world: World, log: Log, settings: Settings) {
    this.#world = world;
    this.#log = log;
    this.#settings = settings;
  }

  /** The address for `apps.connections.open`; it works once, for 30 s. */
  createAddress(app: App): string {
    const ticket = newSecret(16);
    this.#tickets.set(ticket, app.id);
    this.#world.clock.after(TICKET_LIFE_MS, () => this.#tickets.delete(ticket));
    return `${this.#world.url.replace(/^http/, 'ws')}/link/?ticket=${ticket}&app_id=${app.id}`;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', this.#world.url);
    const ticket = url.searchParams.get('ticket') ?? '';
    const app = this.#world.apps.get(this.#tickets.get(ticket) ?? '');
    if (url.pathname !== '/link/' || !app) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#tickets.delete(ticket);
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#accept(app, opened));
  }

  list(): readonly SocketInfo[] {
    return [...this.#links.values()].flat().map((link) => ({
      id: link.id,
      appId: link.app.id,
      openedAt: link.openedAt,
      state: link.state,
      unacknowledged: link.waiting.size,
    }));
  }

  /** Sends an event to the next socket in turn and waits for its acknowledgement. */
  send({ delivery, retry }: Attempt): Promise<Outcome> {
    const meta = {
      type: 'events_api',
      accepts_response_payload: false,
      retry_attempt: retry?.number ?? 0,
      retry_reason: retry?.reason ?? '',
    };
    return this.#deliver(delivery.app.id, meta, delivery.body);
  }

  /** Tells what somebody did; the acknowledgement may bring the app's answer. */
  interact({ app, type, payload }: Interaction): Promise<Outcome> {
    return this.#deliver(app.id, { type, accepts_response_payload: true }, JSON.stringify(payload));
  }

  #deliver(appId: string, fields: Readonly<Record<string, unknown>>, body: string): Promise<Outcome> {
    const link = this.#next(appId);
    if (!link) return Promise.resolve({ ok: false, reason: 'no_connection', noRetry: false });
    const envelopeId = newSecret(16);
    const meta = JSON.stringify({ envelope_id: envelopeId, ...fields });
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        link.waiting.delete(envelopeId);
        resolve(outcome);
      };
      const cancel = this.#world.clock.after(this.#settings.ackTimeoutMs, () =>
        settle({ ok: false, reason: 'timeout', noRetry: false }),
      );
      link.waiting.set(envelopeId, { settle, cancel });
      link.sent.add(envelopeId);
      // A half-open connection swallows what is written to it.
      if (link.state !== 'half_open') link.socket.send(`${meta.slice(0, -1)},"payload":${body}}`);
    });
  }

  /** Ends connections without a closing handshake, as a broken network does. */
  cut(filter: SocketFilter): number {
    return this.#each(filter, (link) => link.socket.terminate());
  }

  /** From now on the connections stay open, but nothing comes and nothing is heard: pings go unanswered too. */
  halfOpen(filter: SocketFilter): number {
    return this.#each(filter, (link) => {
      link.state = 'half_open';
      this.#log.add('socket', link.id, 'half_open', { app: link.app.id });
    });
  }

  /** The next connections are taken, but never greeted: half-open from the beginning. */
  muteNext(count: number): void {
    this.#mute = count;
  }

  /** Asks the app to reconnect, and closes the connection after the grace time (or `graceMs`). */
  disconnect(filter: SocketFilter, reason: DisconnectReason, graceMs = this.#settings.socketGraceMs): number {
    return this.#each(filter, (link) => {
      if (reason !== 'warning' && link.state === 'open') link.state = 'draining';
      link.socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'sandbox' } }));
      link.timers.push(this.#world.clock.after(graceMs, () => link.socket.close(1000)));
    });
  }

  close(): void {
    this.cut({});
    this.#server.close();
  }

  #accept(app: App, socket: WebSocket): void {
    const link: Link = {
      id: newId('Wa'),
      app,
      socket,
      openedAt: this.#world.clock.now(),
      state: 'open',
      waiting: new Map(),
      sent: new Set(),
      unanswered: 0,
      timers: [],
    };
    const links = this.#links.get(app.id) ?? [];
    if (links.length >= MOST_SOCKETS) {
      socket.send(
        JSON.stringify({
          type: 'disconnect',
          reason: 'too_many_websockets',
          debug_info: { host: 'sandbox' },
        }),
      );
      socket.close(1000);
      return;
    }
    links.push(link);
    this.#links.set(app.id, links);
    this.#listen(link);
    if (this.#mute > 0) {
      this.#mute -= 1;
      link.state = 'half_open';
      this.#log.add('socket', link.id, 'muted', { app: app.id, open: links.length });
      return;
    }
    this.#log.add('socket', link.id, 'opened', { app: app.id, open: links.length });
    socket.send(JSON.stringify(hello(app, links.length)));
  }

  #listen(link: Link): void {
    const { socket, timers } = link;
    const { clock } = this.#world;
    socket.on('message', (data, isBinary) => {
      if (!isBinary && link.state !== 'half_open') this.#acknowledge(link, rawText(data));
    });
    socket.on('ping', (data) => {
      if (link.state !== 'half_open') socket.pong(data);
    });
    // An error is always followed by `close`, which tidies up.
    socket.on('error', (error) => this.#log.add('socket', link.id, 'error', { message: error.message }));
    socket.on('close', (code) => this.#forget(link, code));
    socket.on('pong', () => {
      link.unanswered = 0;
    });
    timers.push(clock.every(this.#settings.pingIntervalMs, () => ping(link)));
    const life = this.#settings.socketLifeMs;
    if (life !== undefined)
      timers.push(clock.after(life, () => this.disconnect({ id: link.id }, 'refresh_requested')));
  }

  #acknowledge(link: Link, text: string): void {
    const { id, answer } = readAcknowledgement(text);
    if (!link.sent.has(id)) this.#log.add('socket', link.id, 'stray_ack', { app: link.app.id });
    const waiting = link.waiting.get(id);
    waiting?.cancel();
    waiting?.settle({ ok: true, ...(answer !== undefined && { answer }) });
  }

  #forget(link: Link, code: number): void {
    for (const cancel of link.timers) cancel();
    const links = this.#links.get(link.app.id) ?? [];
    const rest = links.filter((other) => other !== link);
    this.#links.set(link.app.id, rest);
    this.#log.add('socket', link.id, 'closed', { app: link.app.id, code, open: rest.length });
    for (const { settle, cancel } of link.waiting.values()) {
      cancel();
      settle({ ok: false, reason: 'connection_closed', noRetry: false });
    }
  }

  /** The next socket in turn; a draining one only when there is no other. */
  #next(appId: string): Link | undefined {
    const links = (this.#links.get(appId) ?? []).filter(
      (link) => link.socket.readyState === link.socket.OPEN,
    );
    const fresh = links.filter((link) => link.state !== 'draining');
    const candidates = fresh.length > 0 ? fresh : links;
    const turn = (this.#turns.get(appId) ?? 0) + 1;
    this.#turns.set(appId, turn);
    return candidates[turn % candidates.length];
  }

  #each(filter: SocketFilter, action: (link: Link) => void): number {
    const links = [...this.#links.values()].flat().filter((link) => {
      return (filter.id ?? link.id) === link.id && (filter.app ?? link.app.id) === link.app.id;
    });
    for (const link of links) action(link);
    return links.length;
  }
}

/** Which sockets; without fields, all. */
export interface SocketFilter {
  readonly id?: string | undefined;
  readonly app?: string | undefined;
}

function ping(link: Link): void {
  const { socket, state } = link;
  if (state === 'half_open' || socket.readyState !== socket.OPEN) return;
  link.unanswered += 1;
  if (link.unanswered > MOST_UNANSWERED) socket.terminate();
  else socket.ping('Ping from sandbox');
}

function hello(app: App, connections: number) {
  return {
    type: 'hello',
    num_connections: connections,
    debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: app.id },
  };
}

function rawText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

function readAcknowledgement(text: string): { readonly id: string; readonly answer?: unknown } {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message !== 'object' || message === null || !('envelope_id' in message)) return { id: '' };
    const answer = 'payload' in message ? message.payload : undefined;
    return { id: typeof message.envelope_id === 'string' ? message.envelope_id : '', answer };
  } catch {
    return { id: '' };
  }
}
