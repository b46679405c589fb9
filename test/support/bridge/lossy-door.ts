import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Stands between a homeserver and a bridge. */
export interface LossyDoor {
  /** While it is set, transactions get their 200 and go nowhere: the homeserver has sent them, and nobody has them. */
  lossy: boolean;
  /** So many transactions were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** Takes the homeserver's requests on `port` and hands them to the bridge on `bridgePort`. */
export async function lossyDoor(port: number, bridgePort: number): Promise<LossyDoor> {
  let lost = 0;
  const door = { lossy: false };
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const pass = async (): Promise<void> => {
      const body = await buffer(request);
      if (door.lossy && url.includes('/transactions/')) {
        lost += 1;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        return;
      }
      const { authorization = '' } = headers;
      const answer = await fetch(`http://127.0.0.1:${bridgePort}${url}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(method !== 'GET' && { body }),
      });
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(Buffer.from(await answer.arrayBuffer()));
    };
    pass().catch(() => response.destroy()); // the bridge isn't there
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(door, {
    lost: () => lost,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}
