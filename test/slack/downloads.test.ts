import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { teamId } from '../../src/ids.ts';
import { createDownloads } from '../../src/slack/downloads.ts';
import type { WantedFile } from '../../src/slack/downloads.ts';

const team = teamId('T1');
const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const page = Buffer.from('<!DOCTYPE html><html><head><title>Sign in</title></head></html>');
const large = Buffer.alloc(300_000, 'abcdefgh');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let origin: string;
let answer: Answer;
const asked: IncomingMessage[] = [];

before(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  origin = `http://127.0.0.1:${address.port}`;
});
after(() => server.close());

async function fetched(how: Answer, wanted: Partial<WantedFile> = {}, clock?: () => number) {
  answer = how;
  asked.length = 0;
  const open = createDownloads({
    tokenOf: () => 'xoxb-1',
    hosts: ['127.0.0.1'],
    apiUrl: origin,
    pause: 1,
    ...(clock && { clock }),
  });
  const file = await open({ team }, { url: `${origin}/f`, most: 1e6, ...wanted });
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return { ...file, bytes: Buffer.concat(chunks) };
}

const sends =
  (body: Buffer, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'content-length': String(body.length), ...headers }).end(body);
const refuses = (reason: string) => (error: unknown) =>
  error instanceof CannotBridge && error.reason === reason;

describe('a file of Slack’s', () => {
  it('is read with the token, as it is, and its type is that of its first bytes', async () => {
    const { bytes, mimetype, length } = await fetched(sends(png), { mimetype: 'image/jpeg' });
    assert.deepEqual(bytes, png);
    assert.equal(mimetype, 'image/png');
    assert.equal(length, png.length);
    assert.equal(asked[0]?.headers.authorization, 'Bearer xoxb-1');
    assert.equal(asked[0]?.headers['accept-encoding'], 'identity');
  });

  it('is no picture because somebody says so, and may be empty', async () => {
    assert.equal(
      (await fetched(sends(Buffer.from('oh')), { mimetype: 'image/png' })).mimetype,
      'application/octet-stream',
    );
    assert.equal(
      (await fetched(sends(Buffer.from('oh')), { mimetype: 'text/plain' })).mimetype,
      'text/plain',
    );
    assert.equal((await fetched(sends(Buffer.alloc(0)), { mimetype: 'image/png' })).bytes.length, 0);
  });

  it('keeps the announced type where its container alone doesn’t say what it holds', async () => {
    const mp4 = Buffer.concat([
      Buffer.from('0000001c66747970', 'hex'),
      Buffer.from('isom'),
      Buffer.alloc(64),
    ]);
    assert.equal((await fetched(sends(mp4), { mimetype: 'audio/mp4' })).mimetype, 'audio/mp4');
    assert.equal((await fetched(sends(mp4), { mimetype: 'image/png' })).mimetype, 'video/mp4');
    const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
    const zip = Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(40)]);
    assert.equal((await fetched(sends(zip), { mimetype: word })).mimetype, word);
  });

  it('is never a page that asks for a password', async () => {
    const html = { 'content-type': 'text/html; charset=utf-8' };
    await assert.rejects(fetched(sends(page, html), { mimetype: 'image/png' }), refuses('file-login-page'));
    await assert.rejects(fetched(sends(page), { mimetype: 'application/pdf' }), refuses('file-login-page'));
    await assert.rejects(fetched(sends(page, html)), refuses('file-login-page'));
    const other = { mimetype: 'text/html', size: 10 };
    await assert.rejects(fetched(sends(page, html), other), refuses('file-login-page'));
    const announced = { mimetype: 'text/html', size: page.length };
    assert.deepEqual((await fetched(sends(page, html), announced)).bytes, page);
  });

  it('is asked of no host that isn’t Slack’s, not even by a redirect', async () => {
    await assert.rejects(fetched(sends(png), { url: 'http://localhost:1/f' }), refuses('file-host'));
    const words = /^Error: Slack keeps it at files\.example\.org, from where the bridge fetches nothing/;
    await assert.rejects(fetched(sends(png), { url: 'https://files.example.org/f' }), (error) => {
      assert.match(String(error).replace(/^\w+/, 'Error'), words);
      return true;
    });
    await assert.rejects(fetched(sends(png), { url: 'file:///etc/passwd' }), refuses('file-host'));
    assert.equal(asked.length, 0);
    const leads: Answer = (_, response) =>
      void response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    await assert.rejects(fetched(leads), refuses('file-redirect'));
    const round: Answer = (_, response) => void response.writeHead(302, { location: '/f' }).end();
    await assert.rejects(fetched(round), refuses('file-redirects'));
    const once: Answer = ({ url }, response) =>
      url === '/f'
        ? void response.writeHead(302, { location: '/g' }).end()
        : sends(png)(asked[0] as IncomingMessage, response);
    assert.deepEqual((await fetched(once)).bytes, png);
  });

  it('comes unencrypted only where the API does', async () => {
    const open = createDownloads({
      tokenOf: () => 'xoxb-1',
      hosts: ['127.0.0.1'],
      apiUrl: 'https://slack.com/api/',
    });
    await assert.rejects(open({ team }, { url: `${origin}/f`, most: 10 }), refuses('file-address'));
  });
});

describe('a file of Slack’s whose bytes come badly', () => {
  it('is refused packed: nothing is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    await assert.rejects(fetched(sends(bomb, { 'content-encoding': 'gzip' })), refuses('file-encoded'));
  });

  it('is cut off where it is longer than allowed or announced', async () => {
    await assert.rejects(fetched(sends(large), { most: 1000 }), refuses('file-longer'));
    const endless: Answer = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(large), 1);
      response.on('close', () => clearInterval(timer));
    };
    await assert.rejects(fetched(endless, { most: 1_000_000 }), refuses('file-longer'));
    await assert.rejects(fetched(endless, { most: 1e9, size: 500_000 }), refuses('file-longer'));
  });

  it('that is gone, or that nobody may read, is given up; what may pass is tried later', async () => {
    const status = (code: number, headers: Readonly<Record<string, string>> = {}): Answer => {
      return (_, response) => void response.writeHead(code, headers).end('no');
    };
    await assert.rejects(fetched(status(404)), refuses('file-gone'));
    await assert.rejects(fetched(status(403)), refuses('file-forbidden'));
    await assert.rejects(fetched(status(418)), refuses('file-refused'));
    await assert.rejects(fetched(status(503)), TryLater);
    await assert.rejects(
      fetched(status(429, { 'retry-after': '7' })),
      (error) => error instanceof TryLater && error.after === 7000,
    );
    await assert.rejects(
      fetched((request) => request.socket.destroy()),
      TryLater,
    );
  });

  it('goes on where it broke off, if it is the same still', async () => {
    const breaks = (resume: Answer): Answer => {
      return (request, response) => {
        if (request.headers.range !== undefined) return resume(request, response);
        response.writeHead(200, { 'content-length': String(large.length), etag: '"v1"' });
        response.write(large.subarray(0, 100_000), () => setTimeout(() => request.socket.destroy(), 20));
      };
    };
    const rest: Answer = (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
      const range = `bytes ${from}-${large.length - 1}/${large.length}`;
      response.writeHead(206, { 'content-range': range, etag: '"v1"' }).end(large.subarray(from));
    };
    assert.deepEqual((await fetched(breaks(rest))).bytes, large);
    assert.equal(asked[1]?.headers['if-range'], '"v1"');
    assert.equal(asked[1]?.headers.authorization, 'Bearer xoxb-1');
    await assert.rejects(fetched(breaks(sends(large))), TryLater); // another one, from its beginning
  });

  it('that ends before its announced end isn’t whole', async () => {
    const lies: Answer = (request, response) => {
      response.writeHead(200, { 'content-length': String(large.length) });
      response.write(large.subarray(0, 1000), () => setTimeout(() => request.socket.destroy(), 20));
    };
    await assert.rejects(fetched(lies), TryLater);
  });

  it('that comes in drops is let go', async () => {
    const drips: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      const timer = setInterval(() => response.write('.'.repeat(100)), 1);
      response.on('close', () => clearInterval(timer));
    };
    let now = 0;
    const tenSecondsEach = () => (now += 5000);
    await assert.rejects(
      fetched(drips, {}, tenSecondsEach),
      (error) => error instanceof TryLater && /too slow/.test(error.message),
    );
  });

  it('is read no faster than it is taken', async () => {
    const size = 64 * 1024 * 1024;
    let sent = 0;
    const pours: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': String(size) });
      const chunk = Buffer.alloc(1024 * 1024);
      const pour = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pour);
        }
        response.end();
      };
      pour();
    };
    answer = pours;
    const open = createDownloads({ tokenOf: () => 'x', hosts: ['127.0.0.1'], apiUrl: origin });
    const { stream } = await open({ team }, { url: `${origin}/f`, most: size });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(sent < size / 2, `${sent} bytes were sent although nobody took them`);
    let taken = 0;
    for await (const chunk of stream as AsyncIterable<Uint8Array>) taken += chunk.length;
    assert.equal(taken, size);
  });
});
