import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';

/** What comes over a socket: `hello`, `disconnect` or an envelope. */
export interface SocketMessage {
  readonly type: string;
  readonly reason?: string;
  readonly num_connections?: number;
  readonly envelope_id?: string;
  readonly retry_attempt?: number;
  readonly accepts_response_payload?: boolean;
  readonly payload?: { readonly event_id: string; readonly event: { readonly text?: string } };
}

export interface OpenSocket {
  readonly messages: SocketMessage[];
  readonly socket: WebSocket;
  /** Whether envelopes are acknowledged as they come. */
  acknowledges: boolean;
  closed: boolean;
}

/** Opens a Socket Mode connection by hand, for what Slack's own client hides; resolves after the first message. */
export async function openSocket(
  context: TestContext,
  apiUrl: string,
  appToken: string,
): Promise<OpenSocket> {
  const answer = await fetch(`${apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${appToken}` },
  });
  const { url } = (await answer.json()) as { url: string };
  const socket = new WebSocket(url);
  const opened: OpenSocket = { messages: [], socket, acknowledges: true, closed: false };
  context.after(() => socket.terminate());
  socket.on('close', () => {
    opened.closed = true;
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as SocketMessage;
      opened.messages.push(message);
      resolve();
      if (message.envelope_id !== undefined && opened.acknowledges) {
        socket.send(JSON.stringify({ envelope_id: message.envelope_id }));
      }
    });
  });
  return opened;
}

/** The texts of the message events that came over a socket. */
export function textsOf(socket: OpenSocket): readonly (string | undefined)[] {
  return socket.messages.flatMap(({ payload }) => (payload === undefined ? [] : [payload.event.text]));
}
