import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { mxcUri } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createPictureLinks } from '../../src/web/picture-links.ts';
import { createPictureHandler } from '../../src/web/pictures.ts';
import type { FetchThumbnail } from '../../src/web/pictures.ts';
import { startWebServer } from '../../src/web/server.ts';
import type { WebServer } from '../../src/web/server.ts';

const picture = mxcUri('mxc://example.org/ann');
const links = createPictureLinks('', Buffer.alloc(32, 1));
const path = links.link(picture) ?? '';
const png = Buffer.from('89504e470d0a1a0a', 'hex');

let web: WebServer;
let thumbnail: FetchThumbnail;
let outcomes: string[] = [];
const asked: string[] = [];

before(async () => {
  const pictures = createPictureHandler({
    read: links.read,
    thumbnail: (mxc, size, signal) => {
      asked.push(`${mxc} ${size}`);
      return thumbnail(mxc, size, signal);
    },
    log: silentLogger,
    count: (outcome) => outcomes.push(outcome),
    atOnce: 2,
    timeLimit: 500,
  });
  web = await startWebServer({
    host: '127.0.0.1',
    port: 0,
    health: () => Promise.resolve({}),
    metrics: createMetrics({ process: false }),
    pictures,
    log: silentLogger,
  });
});
after(() => web.stop());
beforeEach(() => {
  outcomes = [];
  asked.length = 0;
  thumbnail = () =>
    Promise.resolve({ stream: Readable.from([png]), mimetype: 'image/png', length: png.length });
});
const get = (headers: Record<string, string> = {}) => fetch(`${web.url}${path}`, { headers });

describe('pictures for Slack', () => {
  it('are shown with their type, to be kept for a week', async () => {
    const response = await get();
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'image/png');
    assert.match(response.headers.get('cache-control') ?? '', /max-age=604800/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), png);
    assert.deepEqual(asked, ['mxc://example.org/ann 192']);
    assert.deepEqual(outcomes, ['shown']);
  });

  it('are not fetched again for who has them', async () => {
    const etag = (await get()).headers.get('etag') ?? '';
    asked.length = 0;
    assert.equal((await get({ 'if-none-match': etag })).status, 304);
    assert.deepEqual(asked, []);
  });

  it('are not fetched for an address that the bridge did not make', async () => {
    for (const forged of [path.replace('ann', 'bob'), '/pictures/x/localhost:8008/ann', '/pictures/'])
      assert.equal((await fetch(`${web.url}${forged}`)).status, 404);
    assert.deepEqual(asked, []);
    assert.deepEqual(outcomes, ['refused', 'refused', 'refused']);
  });

  it('are missing when they are none, or too large, or not on the homeserver', async () => {
    const cases: readonly FetchThumbnail[] = [
      () => Promise.resolve({ stream: Readable.from(['<svg/>']), mimetype: 'image/svg+xml' }),
      () => Promise.resolve({ stream: Readable.from(['<html>']), mimetype: 'text/html' }),
      () => Promise.resolve({ stream: Readable.from([png]), mimetype: 'image/png', length: 2 ** 21 }),
      () => Promise.reject(new CannotBridge('not_found', 'there is no such picture')),
    ];
    for (const each of cases) {
      thumbnail = each;
      assert.equal((await get()).status, 404);
    }
    assert.deepEqual(outcomes, ['missing', 'missing', 'missing', 'missing']);
  });

  it('end where a stream turns out to be too large', async () => {
    thumbnail = () =>
      Promise.resolve({
        stream: Readable.from([Buffer.alloc(600_000), Buffer.alloc(600_000)]),
        mimetype: 'image/png',
      });
    await assert.rejects(get().then((response) => response.arrayBuffer()));
    assert.deepEqual(outcomes, ['failed']);
  });

  it('are a bad gateway when the homeserver fails', async () => {
    thumbnail = () => Promise.reject(new Error('connection refused'));
    assert.equal((await get()).status, 502);
  });
});

describe('a request for a picture', () => {
  it('is told to come again when two are being fetched already', async () => {
    const streams: PassThrough[] = [];
    thumbnail = () => {
      const stream = new PassThrough();
      stream.write(png);
      streams.push(stream);
      return Promise.resolve({ stream, mimetype: 'image/png' });
    };
    const underWay = await Promise.all([get(), get()]);
    const third = await get();
    assert.equal(third.status, 503);
    assert.equal(third.headers.get('retry-after'), '2');
    for (const stream of streams) stream.end();
    await Promise.all(underWay.map((response) => response.arrayBuffer()));
    assert.deepEqual(outcomes, ['busy', 'shown', 'shown']);
  });

  it('is not waited for without end', async () => {
    thumbnail = (_mxc, _size, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    assert.equal((await get()).status, 502);
  });

  it('ends in time although the homeserver does not, and what comes later is thrown away', async () => {
    const late = Readable.from([png]);
    const { promise, resolve } = Promise.withResolvers<{ stream: Readable; mimetype: string }>();
    thumbnail = () => promise;
    assert.equal((await get()).status, 502);
    resolve({ stream: late, mimetype: 'image/png' });
    await once(late, 'close');
    assert.ok(late.destroyed);
  });

  it('is given up when the client goes away', async () => {
    const aborted = new Promise<void>((resolve) => {
      thumbnail = (_mxc, _size, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
            resolve();
          });
          client.destroy();
        });
    });
    const client = connect(Number(new URL(web.url).port), '127.0.0.1');
    await once(client, 'connect');
    client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await aborted;
    assert.equal(asked.length, 1);
  });
});
