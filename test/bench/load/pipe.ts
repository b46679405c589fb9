import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/**
 * One connection to an HTTP server, on which requests follow each other without waiting for the answers (pipelining): what
 * is written first is taken first, so the order of what is stored is known from outside.
 */
export interface Pipe {
  /** Resolves with the status. */
  post(path: string, headers: string, body: string): Promise<number>;
  close(): void;
}

const head =
  /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n(?:[^\r\n]+\r\n)*?content-length: (\d+)\r\n(?:[^\r\n]+\r\n)*\r\n/i;

/** @param method of all requests. */
export async function openPipe(port: number, method: 'POST' | 'PUT' = 'POST'): Promise<Pipe> {
  const socket: Socket = connect(port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  const waiting: PromiseWithResolvers<number>[] = [];
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
    for (let found = head.exec(received); found; found = head.exec(received)) {
      const end = found[0].length + Number(found[2]);
      if (received.length < end) return;
      received = received.slice(end);
      waiting.shift()?.resolve(Number(found[1]));
    }
  });
  const fail = (): void => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`The connection to port ${port} ended.`));
  };
  socket.on('error', fail).on('close', fail);
  return {
    post(path, headers, body) {
      const answered = Promise.withResolvers<number>();
      waiting.push(answered);
      const length = Buffer.byteLength(body);
      socket.write(
        `${method} ${path} HTTP/1.1\r\nhost: bridge\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${headers}\r\n${body}`,
      );
      return answered.promise;
    },
    close: () => void socket.destroy(),
  };
}
