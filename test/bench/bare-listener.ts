import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { matrixEvent, textIn } from '../../sandbox/matrix-user/event.ts';
import type { Slot } from '../support/slots.ts';
import { createArrivals } from './arrivals.ts';
import type { Arrivals } from './arrivals.ts';

/** An application service that does nothing but note the messages that the homeserver brings. */
export interface BareListener {
  /** By room id. */
  readonly arrivals: Arrivals;
  stop(): Promise<void>;
}

const transaction = z.object({ events: z.array(matrixEvent.extend({ room_id: z.string() })).default([]) });

/** Listens where the slot's registration tells the homeserver to send transactions to. */
export async function startBareListener({ port, hsToken }: Slot): Promise<BareListener> {
  const arrivals = createArrivals();
  const server = createServer((request, response) => {
    const answer = (status: number): void => void response.writeHead(status).end('{}');
    if (request.headers.authorization !== `Bearer ${hsToken}`) answer(403);
    else if (!request.url?.startsWith('/_matrix/app/v1/transactions/')) answer(404);
    else
      void takeIn(request, arrivals).then(
        () => answer(200),
        () => answer(500),
      );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    arrivals,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function takeIn(request: IncomingMessage, arrivals: Arrivals): Promise<void> {
  const { events } = transaction.parse(JSON.parse(await text(request)));
  const at = performance.now();
  for (const event of events) {
    if (event.type === 'm.room.message')
      arrivals.note(event.room_id, textIn(event.content, 'body') ?? '', at);
  }
}
