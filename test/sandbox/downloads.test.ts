import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startTeam, until } from './start.ts';

const size = 100_000;

async function scene(context: TestContext) {
  const team = await startTeam(context);
  const { control, app, ann, channel } = team;
  const files = [{ name: 'big.bin', size }];
  const { message } = control.post({ channel: channel.id, user: ann.id, text: '', files });
  const url = String(message.files?.[0]?.['url_private']);
  const get = (headers: Readonly<Record<string, string>> = {}, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { authorization: `Bearer ${app.botToken}`, ...headers } });
  type Fault = Extract<Parameters<typeof control.addFault>[0], { on: 'download' }>['fault'];
  const fail = (fault: Fault) => control.addFault({ on: 'download', match: { count: 1 }, fault });
  return { ...team, url, get, fail };
}

test('a range is given while the tag is right, else the whole, and nothing where it is known', async (context) => {
  const { get } = await scene(context);
  const whole = await get();
  const tag = whole.headers.get('etag') ?? '';
  const bytes = Buffer.from(await whole.arrayBuffer());
  assert.deepEqual([bytes.length, whole.headers.get('content-length')], [size, String(size)]);
  const rest = await get({ range: 'bytes=99990-', 'if-range': tag });
  assert.deepEqual([rest.status, rest.headers.get('content-range')], [206, `bytes 99990-99999/${size}`]);
  assert.deepEqual(Buffer.from(await rest.arrayBuffer()), bytes.subarray(99_990));
  assert.equal((await get({ range: 'bytes=5-9', 'if-range': '"other"' })).status, 200);
  assert.equal((await get({ range: `bytes=${size}-` })).status, 416);
  assert.equal((await get({ 'if-none-match': tag })).status, 304);
  assert.equal((await get({}, { method: 'HEAD' })).headers.get('content-length'), String(size));
});

test('the page shows private files by its cookie, nobody else does', async (context) => {
  const { sandbox, url } = await scene(context);
  const page = await fetch(`${sandbox.url}/`);
  const [cookie = ''] = page.headers.getSetCookie()[0]?.split(';') ?? [];
  assert.equal((await (await fetch(url, { headers: { cookie } })).arrayBuffer()).byteLength, size);
  assert.match(await (await fetch(url, { headers: { cookie: 'a=b' } })).text(), /Sign in/);
});

test('downloads are in the log, with what was asked for and how they ended', async (context) => {
  const { get, control } = await scene(context);
  await (await get({ range: 'bytes=10-19' })).arrayBuffer();
  await until(() => control.log({ kind: 'file' }).length === 1);
  const [entry] = control.log({ kind: 'file' });
  assert.deepEqual([entry?.name, entry?.outcome], ['download', 'ok']);
  const { status, range, token, complete } = entry?.details ?? {};
  assert.deepEqual(
    { status, range, token, complete },
    { status: 206, range: 'bytes=10-19', token: true, complete: true },
  );
});

test('a download can be empty, a sign-in page, of another type, refused, or sent elsewhere', async (context) => {
  const { get, fail } = await scene(context);
  fail({ type: 'empty' });
  assert.equal((await (await get()).arrayBuffer()).byteLength, 0);
  fail({ type: 'sign_in_page' });
  assert.match(await (await get()).text(), /Sign in/);
  fail({ type: 'content_type', value: 'image/png' });
  const typed = await get();
  assert.equal(typed.headers.get('content-type'), 'image/png');
  await typed.arrayBuffer();
  fail({ type: 'http_error', status: 429, retryAfterSeconds: 7 });
  const refused = await get();
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '7']);
  await refused.arrayBuffer();
  fail({ type: 'redirect', location: 'http://10.0.0.1/secret' });
  const away = await get({}, { redirect: 'manual' });
  assert.deepEqual([away.status, away.headers.get('location')], [302, 'http://10.0.0.1/secret']);
  fail({ type: 'ignore_range' });
  assert.equal((await (await get({ range: 'bytes=5-9' })).arrayBuffer()).byteLength, size);
  assert.equal((await (await get()).arrayBuffer()).byteLength, size, 'and then all is well again');
});

test('a download can announce too much, break off, and hang', async (context) => {
  const { get, fail } = await scene(context);
  fail({ type: 'wrong_length', by: 10 });
  const long = await get();
  assert.equal(long.headers.get('content-length'), String(size + 10));
  await assert.rejects(long.arrayBuffer());
  fail({ type: 'wrong_length', by: -10 });
  const short = await get();
  assert.equal(short.headers.get('content-length'), String(size - 10));
  await short.arrayBuffer().catch(() => {}); // whether a client reads on is its own affair
  fail({ type: 'break', after: 1000 });
  await assert.rejects(get().then((answer) => answer.arrayBuffer()));
  fail({ type: 'stall', after: 1000 });
  const hanging = await get({}, { signal: AbortSignal.timeout(300) });
  await assert.rejects(hanging.arrayBuffer(), { name: 'TimeoutError' });
});

test('a download can be slow, endless, or unfold to much more than it is', async (context) => {
  const { get, fail } = await scene(context);
  fail({ type: 'slow', bytesPerSecond: 1_000_000 });
  const from = performance.now();
  assert.equal((await (await get()).arrayBuffer()).byteLength, size);
  assert.ok(performance.now() - from >= 90);
  const countUpTo = async (answer: Response, most: number): Promise<number> => {
    let count = 0;
    for await (const chunk of answer.body ?? []) {
      count += (chunk as Uint8Array).length;
      if (count > most) break;
    }
    return count;
  };
  fail({ type: 'endless' });
  assert.ok((await countUpTo(await get(), 5 * size)) > 5 * size);
  fail({ type: 'gzip_bomb', bytes: 64 * 1024 * 1024 });
  const bomb = await get();
  assert.equal(bomb.headers.get('content-encoding'), 'gzip');
  assert.ok((await countUpTo(bomb, 20_000_000)) > 20_000_000);
});
