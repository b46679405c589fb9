import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/** Below the ports that systems give to outgoing connections: none of those takes one away before it is used. */
const range = { from: 15_000, to: 32_000 };

/**
 * `count` different ports of 127.0.0.1 that nobody listens on. All are held until the last one is found, then given back together.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    const server = held.has(port) ? undefined : await listening(port);
    if (server) held.set(port, server);
  }
  for (const server of held.values()) {
    server.close();
    await once(server, 'close');
  }
  return [...held.keys()];
}

/** One port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('There is no free port.');
  return port;
}

/** A server on this port; absent when another one has it. */
async function listening(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
