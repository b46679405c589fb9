import { createServer } from 'node:net';

/** The ports of 127.0.0.1 that the sandbox uses, in the order of the numbers. */
export interface SandboxPorts {
  readonly slack: number;
  readonly homeserver: number;
  readonly appservice: number;
  readonly web: number;
  /** For events over HTTP; the sandbox itself uses Socket Mode. */
  readonly events: number;
}

/** @throws Error that names the port in use and what to do. */
export async function portsFrom(first: number): Promise<SandboxPorts> {
  const ports = {
    slack: first,
    homeserver: first + 1,
    appservice: first + 2,
    web: first + 3,
    events: first + 4,
  };
  for (const port of Object.values(ports)) {
    if (!(await isFree(port))) {
      throw new Error(
        `Port ${port} of 127.0.0.1 is in use (is a sandbox running already?). Stop what uses it, or give other ports: npm run sandbox -- --ports-from ${first + 100}`,
      );
    }
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
