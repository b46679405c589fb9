import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebClient } from '@slack/web-api';
import { encodePng } from '../../sandbox/slack/media/png.ts';
import { errorOf, startReceiver, startTeam, until } from './start.ts';
import type { Received } from './start.ts';

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

/** The event of the message, among those of the file. */
async function messageIn(received: readonly Received[]): Promise<Record<string, unknown>> {
  const found = () => received.find(({ payload }) => payload.event.type === 'message');
  await until(() => found() !== undefined);
  return found()?.payload.event as unknown as Record<string, unknown>;
}

/** Uploads a text, and gives the file's id. */
async function upload(client: WebClient, text: string): Promise<string> {
  const about = { filename: 'long.md', length: Buffer.byteLength(text) };
  const { upload_url: url = '', file_id: id = '' } = await client.files.getUploadURLExternal(about);
  assert.equal((await fetch(url, { method: 'POST', body: text })).status, 200);
  return id;
}

test('an uploaded file is shared in one message, under the name that the app gives it', async (context) => {
  const { control, client, app, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  const id = await upload(client, 'so long');
  const share = { files: [{ id, title: 'Long' }], channel_id: channel.id, initial_comment: 'See' };
  const answer = await client.apiCall('files.completeUploadExternal', { ...share, username: 'Ann' });
  assert.deepEqual(Reflect.get(answer, 'files'), [{ id, title: 'Long' }]);
  const event = await messageIn(received);
  assert.equal(event['text'], 'See');
  assert.equal(event['username'], 'Ann');
  assert.equal(event['bot_id'], app.botId);
  const [shown] = event['files'] as FileShape[];
  assert.equal(shown?.id, id);
  const headers = { authorization: `Bearer ${app.botToken}` };
  assert.equal(await (await fetch(shown?.url_private ?? '', { headers })).text(), 'so long');
});

test('without a name of its own a shared file is the bot’s, and its event says that it is one', async (context) => {
  const { control, client, app, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  const files = [{ id: await upload(client, 'a') }] as [{ id: string }];
  await client.files.completeUploadExternal({ files, channel_id: channel.id });
  const event = await messageIn(received);
  assert.equal(event['subtype'], 'file_share');
  assert.equal(event['user'], app.botUserId);
});

test('what was never uploaded, is shared already or is somebody else’s is refused', async (context) => {
  const { control, client, ann, channel } = await startTeam(context);
  const about = { filename: 'a', length: 3 };
  const { upload_url: url = '', file_id: id = '' } = await client.files.getUploadURLExternal(about);
  const share = (file: string) =>
    errorOf(client.files.completeUploadExternal({ files: [{ id: file }], channel_id: channel.id }));
  assert.equal(await share(id), 'file_not_found');
  assert.equal((await fetch(url, { method: 'POST', body: 'longer' })).status, 400);
  assert.equal((await fetch(url, { method: 'POST', body: 'abc' })).status, 200);
  assert.equal((await fetch(`${url}x`, { method: 'POST', body: 'abc' })).status, 404);
  assert.equal(await share(id), 'none');
  assert.equal(await share(id), 'file_not_found');
  const files = [{ name: 'b', size: 1 }];
  const { message } = control.post({ channel: channel.id, user: ann.id, text: '', files });
  const [hers] = (message.files ?? []) as unknown as FileShape[];
  assert.equal(await errorOf(client.files.delete({ file: hers?.id ?? '' })), 'cant_delete_file');
  await client.files.delete({ file: id });
  assert.equal(await errorOf(client.files.delete({ file: id })), 'file_deleted');
});
