import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A door of 127.0.0.1 to a server, which can be shut: whoever goes through it finds nobody there. */
export interface Gate {
  readonly port: number;
  /** Ends all connections and refuses new ones, as when the server behind it is stopped. */
  shut(): Promise<void>;
  /** Lets them through again. */
  open(): Promise<void>;
}

/** An open gate to a port of 127.0.0.1, or to a unix socket. */
export async function gateTo(target: { readonly port: number } | { readonly path: string }): Promise<Gate> {
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect('path' in target ? target : { ...target, host: '127.0.0.1' });
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });

  async function listen(port: number): Promise<number> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address() as AddressInfo; // a TCP server that listens has one
    return address.port;
  }

  const port = await listen(0);
  return {
    port,
    async shut() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
    async open() {
      if (!server.listening) await listen(port);
    },
  };
}

/** An open gate to a PostgreSQL, and the database's address through it. */
export async function gateToDatabase(url: string): Promise<{ readonly gate: Gate; readonly url: string }> {
  const through = new URL(url);
  const folder = through.searchParams.get('host');
  const port = Number(through.port || '5432');
  const gate = await gateTo(
    folder?.startsWith('/') === true ? { path: `${folder}/.s.PGSQL.${port}` } : { port },
  );
  through.searchParams.delete('host');
  through.hostname = '127.0.0.1';
  through.port = String(gate.port);
  return { gate, url: through.href };
}
