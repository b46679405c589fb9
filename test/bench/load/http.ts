import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one request, whose body has come. */
export type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** Listens on a port of 127.0.0.1 with as little as possible around the answer. */
export async function listen(port: number, answer: Answer): Promise<void> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks).toString('utf8'), response));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

export function reply(
  response: ServerResponse,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length, ...headers });
  response.end(text);
}
