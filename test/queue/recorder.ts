import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { freePort } from '../support/ports.ts';

/** Both networks in one: what is put arrives once for each transaction id, what is posted arrives each time. */
export interface Recorder {
  readonly url: string;
  /** What arrived in a place, in the order of its first arrival. */
  readonly arrived: ReadonlyMap<string, readonly number[]>;
  close(): Promise<void>;
}

/** `PUT /<place>/<txn>/<n>`, `POST /<place>/<key>/<n>`, `GET /<place>/<key>` (404: no post with this key). */
export async function startRecorder(): Promise<Recorder> {
  const arrived = new Map<string, number[]>();
  const known = new Set<string>();
  const server = createServer((request, response) => {
    response.statusCode = answer(request, arrived, known);
    // Long enough that a process is often killed while a call is under way.
    setTimeout(() => response.end(), 1);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(
  { method, url }: IncomingMessage,
  arrived: Map<string, number[]>,
  known: Set<string>,
): number {
  const [, place = '', key = '', n = ''] = (url ?? '').split('/');
  const name = `${place}/${key}`;
  if (method === 'GET') return known.has(name) ? 200 : 404;
  if (method === 'PUT' && known.has(name)) return 200;
  known.add(name);
  const numbers = arrived.get(place) ?? [];
  arrived.set(place, [...numbers, Number(n)]);
  return 200;
}
