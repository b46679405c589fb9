import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Pool } from 'undici';
import { BrokenOff, wholeAnswer } from '../src/whole-answer.ts';
import type { WholeAnswer } from '../src/whole-answer.ts';

async function answerOf(
  listener: RequestListener,
  { headersTimeout = 5000, within }: { readonly headersTimeout?: number; readonly within?: number } = {},
): Promise<WholeAnswer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const pool = new Pool(`http://127.0.0.1:${port}`);
  try {
    return await wholeAnswer(pool, { method: 'PUT', path: '/there', body: 'sent', headersTimeout }, within);
  } finally {
    await pool.destroy();
    server.closeAllConnections();
    server.close();
  }
}

test('an answer comes with its status, headers and text, whatever pieces it comes in', async () => {
  const parts = ['ein ', 'zwei und ein geteiltes ', '\u00fc', ', ', 'drei'];
  const bytes = Buffer.from(parts.join(''));
  const cut = bytes.indexOf(Buffer.from('\u00fc')) + 1; // in the middle of a character
  const { status, headers, text } = await answerOf((request, response) => {
    request.resume();
    response.writeHead(418, { 'x-kept': 'yes' });
    response.write(bytes.subarray(0, cut));
    setTimeout(() => response.end(bytes.subarray(cut)), 20);
  });
  assert.deepEqual(
    { status, kept: headers['x-kept'], text },
    { status: 418, kept: 'yes', text: parts.join('') },
  );
});

test('an answer may be empty, and may be preceded by an interim one', async () => {
  const { status, text } = await answerOf((request, response) => {
    request.resume();
    response.writeProcessing();
    response.writeHead(204).end();
  });
  assert.deepEqual({ status, text }, { status: 204, text: '' });
});

test('an answer that breaks off, or never begins, is an error', async () => {
  const broken = answerOf((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    setTimeout(() => response.destroy(), 20);
  });
  await assert.rejects(broken, BrokenOff);
  await assert.rejects(
    answerOf(() => undefined, { headersTimeout: 50 }),
    { code: 'UND_ERR_HEADERS_TIMEOUT' },
  );
});

test('an answer that takes too long as a whole is given up, whether it began or not', async () => {
  await assert.rejects(
    answerOf(() => undefined, { within: 50 }),
    { name: 'AbortError' },
  );
  const dripping = answerOf(
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(drip));
    },
    { within: 100 },
  );
  await assert.rejects(dripping, BrokenOff);
});

test('a request that waits for a connection until its time is over is never sent', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    setTimeout(() => response.end('done'), 100);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
  const first = wholeAnswer(pool, { method: 'POST', path: '/first' });
  const second = wholeAnswer(pool, { method: 'POST', path: '/second' }, 30);
  await assert.rejects(second, { name: 'AbortError' });
  assert.equal((await first).text, 'done');
  assert.equal((await wholeAnswer(pool, { method: 'POST', path: '/third' })).text, 'done');
  assert.deepEqual(asked, ['/first', '/third']);
  await pool.destroy();
  server.close();
});
