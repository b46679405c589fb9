import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { WebClient } from '@slack/web-api';
import { createLogger } from '../../src/log.ts';
import { clientOptions } from '../../src/slack/client-options.ts';
import { failureOf } from '../../src/slack/failures.ts';
import { createWebApi } from '../../src/slack/web-api.ts';
import { freePort } from '../support/ports.ts';

interface Request {
  readonly line: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const requests: Request[] = [];
let reply: (response: ServerResponse) => void = () => undefined;
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const { accept, authorization, 'content-type': contentType } = request.headers;
    const headers = { accept, authorization, contentType };
    requests.push({ line: `${request.method} ${request.url}`, headers, body });
    reply(response);
  });
});
let apiUrl = '';

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  apiUrl = `http://127.0.0.1:${address.port}/api/`;
});
after(() => {
  server.close();
  server.closeAllConnections();
});

/** The same call by the vendor's client and by ours. */
async function both(url: string, args: Readonly<Record<string, unknown>>) {
  const log = createLogger({ level: 'error', format: 'text' });
  const vendor = new WebClient('xoxb-token', clientOptions(url, log));
  const attempts = [
    () => vendor.apiCall('chat.postMessage', { ...args }),
    () => createWebApi(url)('xoxb-token', 'chat.postMessage', args),
  ];
  const outcomes = [];
  for (const attempt of attempts) outcomes.push(await attempt().catch((error: unknown) => error));
  return outcomes;
}

const call = { team: 'T1', method: 'chat.postMessage', effect: 'post', limit: 'slack:T1:C1' } as const;

describe('a call of the Web API', () => {
  test('is the request that the vendor’s client makes', async () => {
    reply = (response) => response.end('{"ok":true,"ts":"1.000100"}');
    requests.length = 0;
    await both(apiUrl, {
      channel: 'C1',
      text: 'Grüße & <mehr>\n“100 %” +1 🎉',
      blocks: [{ type: 'rich_text', elements: [] }],
      metadata: { event_type: 'a', event_payload: { k: 'x=y&z' } },
      unfurl_links: true,
      limit: 15,
      thread_ts: undefined,
    });
    assert.equal(requests.length, 2);
    assert.deepEqual(requests[1], requests[0]);
  });

  const answers: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    ['a refusal', (response) => response.end('{"ok":false,"error":"channel_not_found"}')],
    ['a missing scope', (response) => response.end('{"ok":false,"error":"missing_scope","needed":"x:y"}')],
    ['a revoked token', (response) => response.end('{"ok":false,"error":"token_revoked"}')],
    ['a 429 with a time', (response) => response.writeHead(429, { 'retry-after': '7' }).end('{}')],
    ['a 429 without a time', (response) => response.writeHead(429).end('{}')],
    [
      'a limit that is told as a refusal',
      (response) => response.writeHead(200, { 'retry-after': '9' }).end('{"ok":false,"error":"ratelimited"}'),
    ],
    ['a failure of Slack', (response) => response.writeHead(503).end('<html>')],
    ['a redirection', (response) => response.writeHead(302, { location: 'https://example.org/' }).end()],
    ['a wrong address', (response) => response.writeHead(404).end('nothing')],
    ['an answer that is no JSON', (response) => response.end('<html>')],
    ['a connection that is cut', (response) => void response.socket?.destroy()],
    [
      'an answer that breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"ok":');
        setTimeout(() => response.socket?.destroy(), 20);
      },
    ],
  ];
  for (const [name, answer] of answers) {
    test(`that is met by ${name} fails as the vendor’s client does`, async () => {
      reply = answer;
      const [vendor, ours] = (await both(apiUrl, { channel: 'C1' })).map((error) => failureOf(error, call));
      assert.ok(vendor && ours);
      assert.equal(ours.kind, vendor.kind);
      assert.equal(ours.error.constructor, vendor.error.constructor);
      for (const what of ['message', 'after', 'target', 'reason'])
        assert.deepEqual(Reflect.get(ours.error, what), Reflect.get(vendor.error, what));
    });
  }

  test('that reaches nobody fails as the vendor’s client does', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}/api/`;
    const outcomes = await both(nobody, { channel: 'C1' });
    const [vendor, ours] = outcomes.map((error) => failureOf(error, call));
    assert.equal(vendor?.kind, 'unreachable');
    assert.equal(ours?.kind, 'unreachable');
    assert.equal(ours.error.message, vendor.error.message);
  });
});
