import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TryLater } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { HomeserverClient } from './call.ts';
import { isObject, textAt } from './json.ts';
import type { MatrixMetrics } from './ports.ts';
import type { Registration } from './registration.ts';

/** Whether the homeserver and the bridge reach each other. */
export interface MatrixHealth {
  readonly ok: boolean;
  readonly since: Date;
  /** What is wrong and what to do, for an administrator; absent when all is well. */
  readonly reason?: string;
}

const every = 30_000;
const everyInTrouble = 1000;
/** A homeserver that is restarted takes longer, and what it was about to send may be gone. */
const probeEvery = 2500;
/** How long the first ping is repeated, and how often. */
const startPatience = 8000;
const everyAtStart = 500;

interface HealthOptions {
  readonly client: HomeserverClient;
  readonly registration: Registration;
  readonly log: Logger;
  readonly metrics?: Pick<MatrixMetrics, 'homeserverUp'>;
  /** The homeserver is well again after trouble. */
  readonly onRecovered?: () => void;
  /** The homeserver was away, be it for a moment: it may have lost what it was about to send us. */
  readonly onGap?: () => void;
}

/**
 * Pings the homeserver, which pings us back. A homeserver that met an error waits up to minutes before it sends its next
 * transaction; a ping that reaches us makes it do so at once.
 * @see https://spec.matrix.org/latest/application-service-api/#pinging
 */
export class HealthWatch {
  readonly #options: HealthOptions;
  #health: MatrixHealth = { ok: false, since: new Date(), reason: 'the homeserver was not asked yet' };
  #storing = true;
  #running = false;
  #asking = 0;
  #reached = false;
  /** The last ping found nobody at the bridge's address. */
  #unfound = false;
  #doubted = false;
  #timer: NodeJS.Timeout | undefined;
  #probe: NodeJS.Timeout | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  health(): MatrixHealth {
    return this.#health;
  }

  /** Asks every 30 s, and more often while something is wrong. Between that it looks whether the homeserver is there. */
  start(): void {
    this.#running = true;
    this.#plan();
    this.#probe = setInterval(() => void this.#look(), probeEvery).unref();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    clearInterval(this.#probe);
  }

  /**
   * Storing a transaction failed, or succeeded: while it fails, pings make the homeserver try again soon. Whether that is
   * a change.
   */
  stored(stored: boolean): boolean {
    if (this.#storing === stored) return false;
    this.#storing = stored;
    this.#plan();
    return true;
  }

  /** The homeserver's ping came. */
  reached(): void {
    this.#reached = true;
  }

  /** The homeserver sent events: if it was away it is back, which is asked at once. */
  heard(): void {
    if (this.#running && !this.#health.ok && this.#asking === 0) this.#plan(0);
  }

  /** A request found nobody who answers: asks whether it is more than that one. */
  doubt(): void {
    if (!this.#running || !this.#health.ok || this.#doubted) return;
    this.#doubted = true;
    this.#plan(0);
  }

  /**
   * Asks again for a while when the homeserver found nobody: a load balancer between them needs a moment to notice a process
   * that has just begun to listen.
   */
  async firstPing(): Promise<MatrixHealth> {
    const deadline = performance.now() + startPatience;
    for (;;) {
      const health = await this.ping();
      if (health.ok || !this.#unfound || performance.now() > deadline) return health;
      await sleep(everyAtStart);
    }
  }

  /** Asks now; resolves with the outcome. */
  async ping(): Promise<MatrixHealth> {
    this.#reached = false;
    const { client, registration } = this.#options;
    this.#asking += 1;
    const { reason, unfound } = await askForPing(client, registration, () => this.#reached).finally(() => {
      this.#asking -= 1;
    });
    this.#unfound = unfound === true;
    const { ok, since } = this.#health;
    if (reason === undefined) this.#well(ok);
    if (reason !== undefined && reason !== this.#health.reason) {
      this.#health = { ok: false, since: ok ? new Date() : since, reason };
      this.#options.log.warn('the homeserver and the bridge do not reach each other', { reason });
    }
    this.#options.metrics?.homeserverUp(this.#health.ok);
    return this.#health;
  }

  #well(before: boolean): void {
    const wasAway = this.#doubted || !before;
    this.#doubted = false;
    if (!before) {
      this.#health = { ok: true, since: new Date() };
      this.#options.log.info('the homeserver and the bridge reach each other');
      this.#options.onRecovered?.();
    }
    if (wasAway) this.#options.onGap?.();
  }

  /** Cheap for both. A proxy before a homeserver that is away answers with an error of its own. */
  async #look(): Promise<void> {
    if (!this.#health.ok || this.#doubted) return;
    const path = ['client', 'versions'];
    const answer = await this.#options.client
      .exchange({ name: 'versions', method: 'GET', path, timeout: 10_000 })
      .catch(() => undefined);
    if (answer === undefined || answer.status >= 500) this.doubt();
  }

  #plan(wait: number = this.#health.ok && this.#storing ? every : everyInTrouble): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#timer = setTimeout(() => {
      this.ping()
        .catch((error: unknown) => this.#options.log.error('a ping failed in the bridge', { error }))
        .finally(() => this.#plan());
    }, wait);
    this.#timer.unref();
  }
}

/**
 * What is wrong; `undefined` when the homeserver reached us. Synapse also tells of a failed connection when it reached us
 * while it was sending what it had kept for us: it can't begin with that a second time.
 */
async function askForPing(
  client: HomeserverClient,
  registration: Registration,
  reached: () => boolean,
): Promise<{ readonly reason: string | undefined; readonly unfound?: boolean }> {
  try {
    const { status, body } = await client.exchange({
      name: 'ping',
      method: 'POST',
      path: ['client', 'v1', 'appservice', registration.id, 'ping'],
      body: { transaction_id: randomUUID() },
    });
    const answer = isObject(body) ? body : {};
    const code = textAt(answer, 'errcode');
    if (status === 200 || (code === 'M_CONNECTION_FAILED' && reached())) return { reason: undefined };
    const byProxy = code === 'M_BAD_STATUS' && Number(answer['status']) >= 502;
    const unfound = code === 'M_CONNECTION_FAILED' || code === 'M_CONNECTION_TIMEOUT' || byProxy;
    return { reason: troubleOf(status, answer, client.url, registration), unfound };
  } catch (error) {
    if (error instanceof TryLater)
      return { reason: `${error.message}. Is homeserver.url right, and does it run?` };
    throw error;
  }
}

/** @see https://spec.matrix.org/latest/client-server-api/#post_matrixclientv1appserviceappserviceidping */
export function troubleOf(
  status: number,
  body: Readonly<Record<string, unknown>>,
  homeserver: string,
  registration: Pick<Registration, 'id' | 'url'>,
): string | undefined {
  const code = textAt(body, 'errcode');
  const unknown = `The homeserver at ${homeserver} doesn't know this registration: add its file to app_service_config_files (or what your homeserver calls it) and restart the homeserver.`;
  switch (code) {
    case 'M_UNRECOGNIZED': // older than the ping, so it can't be asked
      return undefined;
    case 'M_UNKNOWN_TOKEN':
    case 'M_MISSING_TOKEN':
      return unknown;
    case 'M_FORBIDDEN':
      return `The homeserver at ${homeserver} knows our as_token under another id than ${registration.id}: give it the registration file that the bridge reads, and restart the homeserver.`;
    case 'M_URL_NOT_SET':
      return `The homeserver's copy of the registration has no url: give it the file that the bridge reads, and restart the homeserver.`;
    case 'M_BAD_STATUS':
      if (body['status'] === 401 || body['status'] === 403) {
        return `The homeserver shows us another hs_token than the one in our registration: give it the file that the bridge reads, and restart the homeserver.`;
      }
      return `The homeserver reaches ${registration.url}, but what answers there is not the bridge (status ${String(body['status'])}): check url in the registration.`;
    case 'M_CONNECTION_FAILED':
    case 'M_CONNECTION_TIMEOUT':
      return `The homeserver can't reach the bridge at ${registration.url}: check url in the registration, appservice.host and appservice.port, and firewalls between them.`;
    default:
      return `The homeserver at ${homeserver} answered the ping with status ${status}${code === undefined ? '' : ` (${code})`}.`;
  }
}
