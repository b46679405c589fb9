import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** One of several servers behind one address. */
export interface Target {
  readonly port: number;
  /** Says whether it lives. */
  readonly healthUrl: string;
}

export interface Balancer {
  stop(): Promise<void>;
}

const every = 500;
/** A server that takes longer to say that it lives counts as dead, in milliseconds. */
const patience = 2_000;

/**
 * What stands before several servers at a company: passes each connection on to one that
 * lives, and ends those to one that
 * doesn't answer any more, as a stopped process does whose port still takes connections.
 */
export async function startBalancer(port: number, targets: readonly Target[]): Promise<Balancer> {
  const connections = new Map<Target, Set<Socket>>(targets.map((target) => [target, new Set()]));
  const living = new Set(targets);
  let turn = 0;

  async function check(target: Target): Promise<void> {
    const answers = await fetch(target.healthUrl, { signal: AbortSignal.timeout(patience) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) living.add(target);
    else {
      living.delete(target);
      for (const socket of connections.get(target) ?? []) socket.destroy();
    }
  }

  /** To one that lives, in turn; when it refuses, to the next one. */
  async function pass(inside: Socket): Promise<void> {
    turn += 1;
    const first = [...living].toSorted((a, b) => order(a) - order(b));
    for (const target of [...first, ...targets.filter((each) => !living.has(each))]) {
      const outside = connect({ port: target.port, host: '127.0.0.1' });
      const opened = await once(outside, 'connect').then(
        () => true,
        () => false,
      );
      if (opened) return join(inside, outside, connections.get(target));
    }
    inside.destroy();
  }

  function order(target: Target): number {
    return (targets.indexOf(target) + turn) % targets.length;
  }

  const server = createServer({ pauseOnConnect: true }, (inside) => void pass(inside));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const timer = setInterval(() => void Promise.all(targets.map(check)), every);
  return {
    async stop() {
      clearInterval(timer);
      server.close();
      for (const open of connections.values()) for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}

function join(inside: Socket, outside: Socket, open: Set<Socket> | undefined): void {
  open?.add(inside);
  inside.on('close', () => open?.delete(inside));
  for (const [from, to] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    from.pipe(to);
  }
  inside.resume();
}
