import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { errorOf, startReceiver, startTeam, until } from './start.ts';

type Control = Awaited<ReturnType<typeof startTeam>>['control'];
type NewFile = NonNullable<Parameters<Control['post']>[0]['files']>[number];

/** What the message shows of a file that Ann adds. */
async function posted(context: TestContext, file: NewFile) {
  const team = await startTeam(context);
  const { control, channel, ann } = team;
  const { ts, message } = control.post({ channel: channel.id, user: ann.id, text: '', files: [file] });
  const [shown] = message.files ?? [];
  assert.ok(shown);
  return { ...team, ts, shown };
}

test('a picture has its size and smaller ones of it, which are made from it', async (context) => {
  const { shown, app } = await posted(context, {
    name: 'Sea side.png',
    altText: 'waves',
    picture: { width: 1200, height: 600 },
  });
  const { original_w: width, original_h: height, alt_txt: altText, mode } = shown;
  assert.deepEqual(
    { width, height, altText, mode },
    { width: 1200, height: 600, altText: 'waves', mode: 'hosted' },
  );
  assert.deepEqual([shown['thumb_480_w'], shown['thumb_480_h']], [480, 240]);
  assert.equal('thumb_1024' in shown, true);
  const headers = { authorization: `Bearer ${app.botToken}` };
  const load = async (name: string) =>
    Buffer.from(await (await fetch(String(shown[name]), { headers })).arrayBuffer());
  const square = await load('thumb_64');
  assert.deepEqual([square.readUInt32BE(16), square.readUInt32BE(20)], [64, 64]);
  const small = await load('thumb_360');
  assert.deepEqual([small.readUInt32BE(16), small.readUInt32BE(20)], [360, 180]);
});

test('a picture that is not read here is its own thumbnail, and a GIF has one that moves', async (context) => {
  const gif = Buffer.from('GIF89a\x02\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff;', 'latin1');
  const { shown, app } = await posted(context, { name: 'dance.gif', base64: gif.toString('base64') });
  assert.equal(shown['original_w'], 2);
  const headers = { authorization: `Bearer ${app.botToken}` };
  for (const name of ['thumb_360', 'thumb_360_gif']) {
    const answer = await fetch(String(shown[name]), { headers });
    assert.equal(answer.headers.get('content-type'), 'image/gif');
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), gif);
  }
});

test('a voice clip says how long and how loud it is, and is fetched in Slack’s own container', async (context) => {
  const waveform = Array.from({ length: 100 }, (_, index) => index);
  const { shown, app } = await posted(context, {
    name: 'audio_message.webm',
    size: 5000,
    clip: 'audio',
    durationMs: 3177,
    waveform,
  });
  assert.equal(shown['subtype'], 'slack_audio');
  assert.equal(shown['mimetype'], 'audio/webm');
  assert.equal(shown['duration_ms'], 3177);
  assert.deepEqual(shown['audio_wave_samples'], waveform);
  assert.match(String(shown['url_private']), /\/files-tmb\/.*\/audio_message_audio\.mp4$/);
  const headers = { authorization: `Bearer ${app.botToken}` };
  const answer = await fetch(String(shown['url_private']), { headers });
  assert.equal((await answer.arrayBuffer()).byteLength, 5000);
});

test('a film has its length and a first picture of its size', async (context) => {
  const about = { durationMs: 12_000, width: 640, height: 360 };
  const { shown, app } = await posted(context, { name: 'trip.mp4', size: 100, ...about });
  const { duration_ms: duration, thumb_video_w: width, thumb_video_h: height } = shown;
  assert.deepEqual({ duration, width, height }, { duration: 12_000, width: 640, height: 360 });
  const headers = { authorization: `Bearer ${app.botToken}` };
  const picture = Buffer.from(await (await fetch(String(shown['thumb_video']), { headers })).arrayBuffer());
  assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [640, 360]);
});

test('a text file is a snippet: its first lines, and how many more there are', async (context) => {
  const lines = Array.from({ length: 8 }, (_, index) => `print(${index})`);
  const { shown, client } = await posted(context, { name: 'count.py', text: lines.join('\n') });
  assert.deepEqual([shown.mode, shown['filetype'], shown['pretty_type']], ['snippet', 'python', 'Python']);
  assert.equal(shown['preview'], lines.slice(0, 5).join('\n'));
  assert.deepEqual([shown['lines'], shown['lines_more'], shown['preview_is_truncated']], [8, 3, true]);
  const { content, is_truncated: isTruncated } = await client.files.info({ file: shown.id });
  assert.deepEqual([content, isTruncated], [lines.join('\n'), false]);
});

test('pages of Slack’s own and files of other services have nothing to fetch', async (context) => {
  const { shown, control, channel, ann } = await posted(context, { name: 'Plan', page: 'canvas' });
  assert.deepEqual(
    [shown.mode, shown['filetype'], shown['mimetype']],
    ['quip', 'quip', 'application/vnd.slack-docs'],
  );
  const url = 'https://docs.example.org/document/1';
  const files = [{ name: 'Budget', external: { type: 'gdrive', url } }];
  const { message } = control.post({ channel: channel.id, user: ann.id, text: '', files });
  const [elsewhere] = message.files ?? [];
  assert.equal(elsewhere?.mode, 'external');
  assert.deepEqual([elsewhere?.['is_external'], elsewhere?.['external_type']], [true, 'gdrive']);
  assert.equal(elsewhere?.['url_private'], url);
});

test('of another organisation’s file the message has only the id, and files.info tells the rest', async (context) => {
  const { shown, client } = await posted(context, { name: 'theirs.pdf', size: 10, connect: true });
  assert.equal(shown['file_access'], 'check_file_info');
  assert.equal('name' in shown, false);
  const { file } = await client.files.info({ file: shown.id });
  assert.equal(file?.name, 'theirs.pdf');
  assert.equal(file?.size, 10);
});

test('files.info names the messages that show a file, and files.list finds it', async (context) => {
  const { shown, ts, client, channel } = await posted(context, { name: 'a.pdf', size: 10 });
  const { file } = await client.files.info({ file: shown.id });
  assert.equal(file?.shares?.public?.[channel.id]?.[0]?.ts, ts);
  const { files, paging } = await client.files.list({ channel: channel.id });
  assert.deepEqual(
    files?.map(({ id }) => id),
    [shown.id],
  );
  assert.equal(paging?.total, 1);
});

test('a deleted file leaves a tombstone in its message, and events tell of both', async (context) => {
  const { shown, control, ts, channel, client } = await posted(context, { name: 'a.pdf', size: 10 });
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  control.deleteFile({ file: shown.id });
  await until(() => received.length === 2);
  const events = received.map(({ payload }) => payload.event as unknown as Record<string, unknown>);
  const changed = events.find(({ subtype }) => subtype === 'message_changed');
  type Shown = Readonly<Record<'message' | 'previous_message', { files: readonly { mode: string }[] }>>;
  const modes = (name: keyof Shown) => (changed as Shown | undefined)?.[name].files.map(({ mode }) => mode);
  assert.deepEqual([modes('previous_message'), modes('message')], [['hosted'], ['tombstone']]);
  const deleted = events.find(({ type }) => type === 'file_deleted');
  assert.deepEqual([deleted?.['file_id'], deleted?.['channel_ids']], [shown.id, [channel.id]]);
  assert.equal(await errorOf(client.files.info({ file: shown.id })), 'file_deleted');
  assert.equal(control.messages({ channel: channel.id }).at(-1)?.ts, ts);
});

test('an edit adds files to a message and takes others out of it', async (context) => {
  const { shown, control, ts, channel } = await posted(context, { name: 'a.pdf', size: 10 });
  const edit = { channel: channel.id, ts, addFiles: [{ name: 'b.pdf', size: 2 }], removeFiles: [shown.id] };
  const { message } = control.edit(edit);
  assert.deepEqual(
    message.files?.map((file) => file['name']),
    ['b.pdf'],
  );
  assert.equal(message.text, '');
  assert.equal(message.edited !== undefined, true);
  control.changeFile({ file: message.files?.[0]?.id ?? '', title: 'Second' });
  assert.equal(control.messages({ channel: channel.id }).at(-1)?.files?.[0]?.['title'], 'Second');
});
