import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';
import { freePort } from '../support/ports.ts';

/** Stands between the bridge and PostgreSQL, to lose answers on the way. */
export interface CutProxy {
  readonly url: string;
  /** From now on what the server answers doesn't arrive. */
  swallow(): void;
  /** Ends all connections; new ones work again. */
  cut(): void;
  close(): Promise<void>;
}

/** `url` names a server behind a unix socket. */
export async function startCutProxy(url: string): Promise<CutProxy> {
  const server = new URL(url);
  const path = `${server.searchParams.get('host')}/.s.PGSQL.${server.port || '5432'}`;
  const sockets = new Set<Socket>();
  let swallowing = false;
  const proxy = createServer((client) => {
    const upstream = connect(path);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => upstream.write(data));
    upstream.on('data', (data) => {
      if (!swallowing) client.write(data);
    });
  });
  const port = await freePort();
  proxy.listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  const outside = new URL(url);
  outside.search = '';
  outside.host = `127.0.0.1:${port}`;
  return {
    url: outside.href,
    swallow: () => {
      swallowing = true;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
      swallowing = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
