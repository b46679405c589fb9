import { failpoint } from '#failpoint';
import { LogLevel } from '@slack/web-api';
import { SocketModeClient } from '@slack/socket-mode';
import { boundDepth } from '../format/bound-depth.ts';
import type { Logger } from '../log.ts';
import { slackLogger } from '../log/vendors.ts';
import { atMost, within } from './at-most.ts';
import { clientOptions } from './client-options.ts';
import type { Fields } from './fields.ts';
import { isFields, textOf } from './fields.ts';

/** One Socket Mode connection, greeted by Slack. */
export interface Connection {
  /** Resolves with the reason when a next one should be opened: Slack announced the end of this one, or it has ended. */
  readonly leaving: Promise<string>;
  /** Whether events can still come, and acknowledgements go. */
  isOpen(): boolean;
  /** Waits for what is being handled, a few seconds at most, and closes. */
  retire(): Promise<void>;
}

/** An envelope as Slack sent it. */
export interface SocketEnvelope {
  readonly id: string;
  readonly type: string;
  readonly payload: Fields;
}

export interface ConnectionOptions {
  readonly appToken: string;
  readonly apiUrl: string;
  /** Resolves with the answer to acknowledge with; rejects when the envelope must be delivered again. */
  readonly handle: (envelope: SocketEnvelope) => Promise<unknown>;
  /** Something came that is no envelope; `reason` is a constant. */
  readonly odd: (reason: string) => void;
  readonly log: Logger;
}

/** How long Slack has to greet us, and envelopes to be handled when a connection is closed, in milliseconds. */
const greetWithin = 15_000;
const finishWithin = 3000;
const closeWithin = 6000;

/**
 * Opens a connection. The library connects, pings and notices a dead peer; what comes over the wire is ours to read: its
 * own dispatch knows only events of one shape, and closes before there is another connection.
 *
 * Rejects with what the library throws for `apps.connections.open`, or with an error that says what was missing.
 * @see https://docs.slack.dev/apis/events-api/using-socket-mode
 */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const client = new SocketModeClient({
    appToken: options.appToken,
    autoReconnectEnabled: false,
    logger: slackLogger(options.log, LogLevel.INFO),
    clientOptions: clientOptions(options.apiUrl, options.log),
  });
  const underWay = new Set<Promise<void>>();
  const leaving = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();

  function track(work: Promise<void>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  readFrames(client, {
    leave: leaving.resolve,
    odd: options.odd,
    envelope: (envelope) => track(handleEnvelope(client, envelope, options)),
  });
  client.on('disconnected', () => {
    leaving.resolve('closed');
    closed.resolve();
  });
  await greeted(client);
  return {
    leaving: leaving.promise,
    isOpen: () => client.websocket?.isActive() === true,
    retire: async () => {
      await atMost(finishWithin, Promise.allSettled(underWay));
      client.disconnect().catch(() => undefined); // it resolves with the event that is waited for below
      await atMost(closeWithin, closed.promise);
    },
  };
}

async function greeted(client: SocketModeClient): Promise<void> {
  try {
    await within(greetWithin, start(client), 'Slack did not greet the new connection');
  } catch (error) {
    client.disconnect().catch(() => undefined);
    throw error;
  }
}

/** The library rejects with nothing when the socket closes before the greeting. */
async function start(client: SocketModeClient): Promise<void> {
  try {
    await client.start();
  } catch (error) {
    throw error instanceof Error ? error : new Error('the connection closed before Slack greeted it');
  }
}

interface FrameHandlers {
  readonly leave: (reason: string) => void;
  readonly odd: (reason: string) => void;
  readonly envelope: (envelope: SocketEnvelope) => void;
}

/** Takes the library's place as the reader of frames; only the greeting is still given to it. */
function readFrames(client: SocketModeClient, handlers: FrameHandlers): void {
  const library = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (data: unknown, isBinary: boolean) => {
    const frame = isBinary ? undefined : parseFrame(data);
    if (frame === undefined) return handlers.odd('not-json');
    if (frame['type'] === 'hello') {
      for (const listener of library) listener(data, isBinary);
      return undefined;
    }
    if (frame['type'] === 'disconnect') return handlers.leave(textOf(frame['reason']) ?? 'disconnect');
    const [id, type, payload] = [textOf(frame['envelope_id']), textOf(frame['type']), frame['payload']];
    if (id === undefined || type === undefined) return handlers.odd('no-envelope');
    return handlers.envelope({ id, type, payload: isFields(payload) ? payload : {} });
  });
}

function parseFrame(data: unknown): Fields | undefined {
  try {
    const value = typeof data === 'string' ? boundDepth(JSON.parse(data)) : undefined;
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function handleEnvelope(
  client: SocketModeClient,
  envelope: SocketEnvelope,
  options: ConnectionOptions,
): Promise<void> {
  try {
    const response = await options.handle(envelope);
    failpoint('acknowledge.before', 'slack-socket');
    await acknowledge(client, envelope.id, response);
    failpoint('acknowledge.after', 'slack-socket');
  } catch (error) {
    options.log.warn('an event from Slack was not acknowledged; Slack will deliver it again', { error });
  }
}

function acknowledge(client: SocketModeClient, id: string, response: unknown): Promise<void> {
  const frame = JSON.stringify({ envelope_id: id, ...(response !== undefined && { payload: response }) });
  return new Promise((resolve, reject) => {
    const socket = client.websocket;
    if (socket?.isActive() !== true) return reject(new Error('the connection closed before the answer'));
    return socket.send(frame, (error) => (error === undefined ? resolve() : reject(error)));
  });
}
