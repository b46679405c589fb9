import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePng } from '../../sandbox/slack/media/png.ts';
import { startTeam } from './start.ts';

interface FileShape {
  readonly id: string;
  readonly url_private: string;
  readonly thumb_360: string;
  readonly size: number;
  readonly mimetype: string;
}

test('a file is given to a token that may read it; others get a sign-in page with 200', async (context) => {
  const { control, client, app, ann, channel } = await startTeam(context);
  const png = encodePng(800, 400, (x, y) => [x % 256, y % 256, 0]);
  const file = { name: 'Sea side.png', base64: png.toString('base64') };
  const { message } = control.post({ channel: channel.id, user: ann.id, text: 'look', files: [file] });
  const [shown] = (message.files ?? []) as unknown as FileShape[];
  assert.ok(shown);
  assert.equal(shown.mimetype, 'image/png');
  assert.equal(shown.size, png.length);
  const get = (url: string, token: string, headers = {}) =>
    fetch(url, { headers: { authorization: `Bearer ${token}`, ...headers } });

  const good = await get(shown.url_private, app.botToken);
  assert.deepEqual(Buffer.from(await good.arrayBuffer()), png);
  const part = await get(shown.url_private, app.botToken, { range: 'bytes=1-3' });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), 'PNG');
  const bad = await get(shown.url_private, 'xoxb-wrong');
  assert.equal(bad.status, 200);
  assert.match(bad.headers.get('content-type') ?? '', /text\/html/);

  const thumbnail = Buffer.from(await (await get(shown.thumb_360, app.botToken)).arrayBuffer());
  assert.deepEqual([thumbnail.readUInt32BE(16), thumbnail.readUInt32BE(20)], [360, 180]);
  const info = await client.files.info({ file: shown.id });
  assert.deepEqual(info.file?.channels, [channel.id]);
  control.deleteFile({ file: shown.id });
  assert.equal((await get(shown.url_private, app.botToken)).status, 404);
});

test('a made-up file has the size that was asked for and the same bytes each time', async (context) => {
  const { control, app, ann, channel } = await startTeam(context);
  const size = 1_000_001;
  const files = [{ name: 'big.bin', size }];
  const { message } = control.post({ channel: channel.id, user: ann.id, text: '', files });
  const [shown] = (message.files ?? []) as unknown as FileShape[];
  const headers = { authorization: `Bearer ${app.botToken}` };
  const load = async (extra = {}) => {
    const answer = await fetch(shown?.url_private ?? '', { headers: { ...headers, ...extra } });
    return Buffer.from(await answer.arrayBuffer());
  };
  const whole = await load();
  assert.equal(whole.length, size);
  assert.deepEqual(await load({ range: 'bytes=70000-' }), whole.subarray(70_000));
});

test('every person has a picture that changes with their profile', async (context) => {
  const { control, ann } = await startTeam(context);
  const load = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
  const before = await load(ann.profile.image_192);
  assert.equal(before.readUInt32BE(16), 192);
  const changed = control.updateUser({ user: ann.id, picture: true });
  assert.notDeepEqual(await load(changed.profile.image_192), before);
  const without = control.updateUser({ user: ann.id, picture: false });
  assert.equal(without.profile.image_original, undefined);
});
