import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Stands between a network and the bridge and remembers what the bridge acknowledged. */
export interface RecordingDoor {
  readonly port: number;
  /** The bodies of all requests that were answered with 200, in order. */
  readonly acknowledged: readonly string[];
  /** How many requests had another answer, or none. */
  refused(): number;
  /** Lets nobody through any more: the network finds nobody there. */
  shut(): Promise<void>;
}

/**
 * @param port of 127.0.0.1, where the network thinks that the bridge is; 0: any.
 * @param target the port where it is.
 */
export async function openDoor(port: number, target: number): Promise<RecordingDoor> {
  const agent = new Agent({ keepAlive: true });
  const acknowledged: string[] = [];
  let refused = 0;
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, { agent, target }).then(
      ({ status, body }) => {
        if (status === 200) acknowledged.push(body);
        else refused += 1;
      },
      () => {
        refused += 1;
        outgoing.destroy();
      },
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has a port.');
  return {
    port: address.port,
    acknowledged,
    refused: () => refused,
    async shut() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

/** Resolves when the answer is passed on. What the network then makes of it isn't known to the bridge either. */
async function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { agent, target }: { readonly agent: Agent; readonly target: number },
): Promise<{ readonly status: number; readonly body: string }> {
  const body = await buffer(incoming);
  const { method, url: path, headers } = incoming;
  const inside = request({ host: '127.0.0.1', port: target, method, path, headers, agent });
  inside.end(body);
  const answered: unknown[] = await once(inside, 'response');
  const response = answered[0] as IncomingMessage; // node's types of `once` say unknown
  const answer = await buffer(response);
  const status = response.statusCode ?? 0;
  const { 'transfer-encoding': _, ...answerHeaders } = response.headers;
  outgoing.writeHead(status, { ...answerHeaders, 'content-length': answer.length });
  outgoing.end(answer);
  return { status, body: body.toString('utf8') };
}
