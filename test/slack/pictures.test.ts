import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { isPublicAddress, publicLookup } from '../../src/slack/addresses.ts';
import { createPictures, imageType } from '../../src/slack/pictures.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
let server: Server;
let base: string;
const seen: (string | undefined)[] = [];

before(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    switch (request.url) {
      case '/picture':
        return response.end(png);
      case '/page':
        return response.writeHead(200, { 'content-type': 'image/png' }).end('<html>Sign in</html>');
      case '/large':
        return response.end(Buffer.concat([png, Buffer.alloc(2000)]));
      case '/moved':
        return response.writeHead(302, { location: '/picture' }).end();
      case '/inside':
        return response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end();
      case '/round':
        return response.writeHead(302, { location: '/round' }).end();
      default:
        return response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});
after(() => server.close());

const trusting = createPictures({ trustedHosts: ['127.0.0.1'], limit: 1000 });

describe('a picture', () => {
  test('comes with the type that its bytes have, without any token', async () => {
    assert.deepEqual(await trusting(`${base}/picture`), { bytes: png, mimetype: 'image/png' });
    assert.deepEqual(await trusting(`${base}/moved`), { bytes: png, mimetype: 'image/png' });
    assert.ok(seen.every((token) => token === undefined));
  });

  for (const [path, words] of [
    ['/page', /no picture/],
    ['/large', /larger than 1000 bytes/],
    ['/missing', /status 404/],
    ['/round', /too many redirects/],
    ['/inside', /private address/],
  ] as const)
    test(`at ${path} is refused`, () => assert.rejects(trusting(`${base}${path}`), words));

  test('with another kind of address is refused', async () => {
    await assert.rejects(trusting('file:///etc/passwd'), /neither http nor https/);
    await assert.rejects(trusting('data:image/png;base64,iVBORw0KGgo='), /neither http nor https/);
  });

  test('at a private address is refused unless its host is trusted', async () => {
    const strict = createPictures({ trustedHosts: [] });
    await assert.rejects(strict(`${base}/picture`), /private address/);
    await assert.rejects(strict('http://[::1]/picture'), /private address/);
    await assert.rejects(strict('http://2130706433/picture'), /private address/);
    await assert.rejects(strict(base.replace('127.0.0.1', 'localhost')), (error: Error) => {
      assert.match(String(error.cause), /no public address/);
      return true;
    });
  });
});

test('addresses inside, of this machine and of documents are not public', () => {
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::',
  ])
    assert.equal(isPublicAddress(address), false, address);
  for (const address of ['1.1.1.1', '54.230.1.1', '172.32.0.1', '2606:4700::1111', '2600:9000::1'])
    assert.equal(isPublicAddress(address), true, address);
  assert.equal(isPublicAddress('example.org'), undefined);
});

test('a name that leads inside is not found', async () => {
  const error = await new Promise((resolve) => publicLookup('localhost', {}, resolve));
  assert.match(String(error), /no public address/);
});

test('pictures are told by their first bytes', () => {
  const webp = Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1');
  assert.equal(imageType(webp), 'image/webp');
  assert.equal(imageType(Buffer.from('GIF89a')), 'image/gif');
  assert.equal(imageType(Buffer.from([0xff, 0xd8, 0xff, 0xe0])), 'image/jpeg');
  assert.equal(imageType(Buffer.from('<svg')), undefined);
  assert.equal(imageType(Buffer.of()), undefined);
});
