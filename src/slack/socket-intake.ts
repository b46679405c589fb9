import { WebAPIPlatformError } from '@slack/web-api';
import { CannotStart } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Connection, SocketEnvelope } from './connection.ts';
import { openConnection } from './connection.ts';
import { atMost, within } from './at-most.ts';
import { revokedCodes } from './failures.ts';
import type { Intake, Source } from './intake.ts';
import type { SlackMetrics } from './metrics.ts';
import { appTokenScope } from './scopes.ts';

/** One app's connections serve all workspaces that use its app token. */
export interface SocketSource extends Source {
  readonly appToken: string;
}

export interface SocketIntakeOptions {
  readonly apiUrl: string;
  readonly source: SocketSource;
  readonly intake: Intake;
  readonly metrics: SlackMetrics;
  readonly log: Logger;
  /** The number of open connections of this app has changed. */
  readonly changed: (open: number, trouble?: string) => void;
}

export interface SocketIntake {
  /** Slack answers: places that wait after a failure try now, a second after it at the earliest. Not those whose token Slack refuses. */
  tryNow(): void;
  stop(): Promise<void>;
}

/** Each connection ends every few hours; with two, events always find one. Slack allows ten for an app. */
const connections = 2;
/** How long start waits for the first connection before it goes on without. */
const startWithin = 10_000;
const shortestPause = 500;
const longestPause = 30_000;
/** What answers now and then isn't asked more often than this. */
const leastPause = 1000;
const refusedPause = 60_000;

/**
 * Keeps connections open for one app until it is stopped. Each is replaced before it closes: when Slack announces its
 * end, the next one is opened first.
 *
 * Resolves when one is open, or when that takes long (it goes on trying). Throws `CannotStart` when Slack refuses the app
 * token.
 */
export async function startSocketIntake(options: SocketIntakeOptions): Promise<SocketIntake> {
  const pool = new SocketPool(options);
  try {
    await within(startWithin, pool.first, 'no connection yet');
  } catch (error) {
    if (!(error instanceof CannotStart)) return pool;
    await pool.stop();
    throw error;
  }
  return pool;
}

class SocketPool implements SocketIntake {
  private readonly options: SocketIntakeOptions;
  private readonly open = new Set<Connection>();
  private readonly places: readonly Promise<void>[];
  private readonly opened = Promise.withResolvers<void>();
  private readonly stopping = Promise.withResolvers<'stopped'>();
  private readonly pauses = new Set<() => void>();
  private stopped = false;

  constructor(options: SocketIntakeOptions) {
    this.options = options;
    this.places = Array.from({ length: connections }, () => this.keepOpen());
  }

  /** Resolves with the first connection, rejects when Slack refuses the token before that. */
  get first(): Promise<void> {
    return this.opened.promise;
  }

  tryNow(): void {
    for (const end of this.pauses) end();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.stopping.resolve('stopped');
    await Promise.all(this.places);
  }

  /** One of the places for a connection. */
  private async keepOpen(): Promise<void> {
    let current: Connection | undefined;
    let failures = 0;
    while (!this.stopped) {
      try {
        const next = await this.openUnlessStopped();
        if (next === 'stopped') break;
        if (current !== undefined) void this.close(current);
        current = next;
        failures = 0;
        const reason = await Promise.race([next.leaving, this.stopping.promise]);
        this.options.log.debug('a Socket Mode connection is replaced', { reason });
        this.report(reason === 'link_disabled' ? switchedOff : undefined);
      } catch (error) {
        failures += 1;
        const pause = pauseAfter(error, failures);
        this.report(troubleOf(error));
        if (pause === refusedPause) this.opened.reject(refusal(error));
        this.options.log.warn('a Socket Mode connection could not be opened', { error, pause });
        await this.pause(pause);
      }
    }
    if (current !== undefined) await this.close(current);
  }

  private async pause(milliseconds: number): Promise<void> {
    const ended = Promise.withResolvers<void>();
    const end = (): void => ended.resolve();
    if (milliseconds !== refusedPause) this.pauses.add(end);
    await atMost(Math.min(milliseconds, leastPause), this.stopping.promise);
    await atMost(
      Math.max(0, milliseconds - leastPause),
      Promise.race([this.stopping.promise, ended.promise]),
    );
    this.pauses.delete(end);
  }

  /** One that opens when nobody wants it any more is closed again. */
  private async openUnlessStopped(): Promise<Connection | 'stopped'> {
    const opening = this.openOne();
    const first = await Promise.race([opening, this.stopping.promise]);
    if (first === 'stopped')
      opening.then(
        (connection) => this.close(connection),
        () => undefined,
      );
    return first;
  }

  private async openOne(): Promise<Connection> {
    const { options } = this;
    const connection = await openConnection({
      appToken: options.source.appToken,
      apiUrl: options.apiUrl,
      handle: (envelope) => handle(envelope, options),
      odd: (reason) => options.metrics.refused('socket', reason),
      log: options.log,
    });
    this.open.add(connection);
    this.report();
    this.opened.resolve();
    return connection;
  }

  private async close(connection: Connection): Promise<void> {
    await connection.retire();
    this.report();
  }

  private report(trouble?: string): void {
    for (const connection of this.open) if (!connection.isOpen()) this.open.delete(connection);
    this.options.changed(this.open.size, trouble);
  }
}

async function handle(envelope: SocketEnvelope, options: SocketIntakeOptions): Promise<unknown> {
  const { payload } = envelope;
  switch (envelope.type) {
    case 'events_api': {
      const raw = Buffer.from(JSON.stringify(payload));
      await options.intake.event(payload, raw, options.source, 'socket');
      return undefined;
    }
    case 'interactive':
    case 'slash_commands':
      return options.intake.interaction(payload, options.source, 'socket');
    default:
      options.metrics.refused('socket', 'unknown-envelope');
      return undefined;
  }
}

const switchedOff =
  'Socket Mode is switched off in the Slack app’s settings: switch it on there, or use slack.transport: http.';

/** Slack's code for a token that it won't take, now or later. */
function refusalCode(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  const code: unknown = error.data.error;
  const lasting = ['not_allowed_token_type', 'missing_scope', 'no_permission', 'access_denied'];
  return typeof code === 'string' && (revokedCodes.has(code) || lasting.includes(code)) ? code : undefined;
}

function refusal(error: unknown): CannotStart {
  const code = refusalCode(error) ?? 'refused';
  return new CannotStart(
    `Slack refuses slack.app_token (${code}): use an app-level token (xapp-…) with ${appTokenScope} from the app's page "Basic Information", and switch on Socket Mode.`,
    { cause: error },
  );
}

function troubleOf(error: unknown): string {
  const code = refusalCode(error);
  return code === undefined
    ? 'Slack can’t be reached for Socket Mode.'
    : `Slack refuses the app token (${code}): events don’t come until there is a new one in slack.app_token.`;
}

function pauseAfter(error: unknown, failures: number): number {
  if (refusalCode(error) !== undefined) return refusedPause;
  const most = Math.min(longestPause, shortestPause * 2 ** failures);
  return most / 2 + (Math.random() * most) / 2;
}
