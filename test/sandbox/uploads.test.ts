import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startSlackSandbox } from '../../sandbox/slack/server.ts';
import { clientOf, errorOf, startTeam, until } from './start.ts';

async function scene(context: TestContext) {
  const team = await startTeam(context);
  const { client, control } = team;
  const begin = async (filename: string, length: number) => {
    const { upload_url: url = '', file_id: id = '' } = await client.files.getUploadURLExternal({
      filename,
      length,
    });
    return { url, id };
  };
  const send = (url: string, body: string) => fetch(url, { method: 'POST', body });
  type Fault = Extract<Parameters<typeof control.addFault>[0], { on: 'upload' }>['fault'];
  const fail = (fault: Fault) => control.addFault({ on: 'upload', match: { count: 1 }, fault });
  return { ...team, begin, send, fail };
}

test('several files are shared in one message in their order, with texts for who cannot see', async (context) => {
  const { client, control, begin, send, channel, app } = await scene(context);
  const [one, two] = [await begin('one.txt', 3), await begin('two.bin', 2)];
  await send(one.url, 'abc');
  await send(two.url, 'de');
  const files = [
    { id: two.id, alt_txt: 'the second' },
    { id: one.id, title: 'One' },
  ];
  await client.apiCall('files.completeUploadExternal', {
    files,
    channels: channel.id,
    initial_comment: 'Two of them',
  });
  assert.equal(control.messages({ channel: channel.id }).at(-1)?.files, undefined, 'not there yet');
  await until(() => control.messages({ channel: channel.id }).at(-1)?.files !== undefined);
  const message = control.messages({ channel: channel.id }).at(-1);
  assert.equal(message?.text, 'Two of them');
  assert.equal(message.user, app.botUserId);
  assert.deepEqual(
    message.files?.map((file) => [file['name'], file['title'], file['alt_txt']]),
    [
      ['two.bin', 'two.bin', 'the second'],
      ['one.txt', 'One', undefined],
    ],
  );
});

test('a file goes into a thread, and is quiet only when it is there', async (context) => {
  const { client, control, begin, send, channel, ann } = await scene(context);
  control.settings({ shareDelayMs: 200, retryDelaysMs: [] });
  const { ts } = control.post({ channel: channel.id, user: ann.id, text: 'root' });
  const { url, id } = await begin('a.bin', 1);
  await send(url, 'a');
  await client.files.completeUploadExternal({ files: [{ id }], channel_id: channel.id, thread_ts: ts });
  await control.idle({});
  const [, reply] = control.thread({ channel: channel.id, ts });
  assert.deepEqual(
    reply?.files?.map((file) => file.id),
    [id],
  );
});

test('uploads that are too long, too short, too large or break off are no files', async (context) => {
  const { client, control, begin, send, fail, channel } = await scene(context);
  const { url, id } = await begin('a.bin', 4);
  for (const body of ['abc', 'abcde']) assert.equal((await send(url, body)).status, 400);
  fail({ type: 'break', after: 1 });
  await assert.rejects(send(url, 'abcd'));
  fail({ type: 'http_error', status: 503 });
  assert.equal((await send(url, 'abcd')).status, 503);
  const share = { files: [{ id }] as [{ id: string }], channel_id: channel.id };
  assert.equal(await errorOf(client.files.completeUploadExternal(share)), 'file_not_found');
  fail({ type: 'lost_answer' });
  await assert.rejects(send(url, 'abcd'));
  assert.equal(await errorOf(client.files.completeUploadExternal(share)), 'none');
  control.settings({ largestFile: 10 });
  assert.match(await errorOf(begin('b.bin', 11)), /file_upload_size_restricted/);
});

test('large uploads are kept in the folder, come back after a restart and go with their file', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-test-'));
  let stop = async (): Promise<void> => {};
  context.after(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });
  const first = await startSlackSandbox({ folder });
  const { app } = first.control.createTeam({ name: 'Acme' });
  const client = clientOf(first, app.botToken);
  const bytes = Buffer.alloc(3_000_000, 'content ');
  const about = { filename: 'large.bin', length: bytes.length };
  const { upload_url: url = '', file_id: id = '' } = await client.files.getUploadURLExternal(about);
  assert.equal((await fetch(url, { method: 'POST', body: bytes })).status, 200);
  await client.files.completeUploadExternal({ files: [{ id }] });
  await first.stop();
  const second = await startSlackSandbox({ folder });
  stop = second.stop;
  const { file } = await clientOf(second, app.botToken).files.info({ file: id });
  assert.equal(file?.size, bytes.length);
  const headers = { authorization: `Bearer ${app.botToken}` };
  const address = `${second.url}/files-pri/${file.user_team}-${id}/large.bin`;
  const answer = await fetch(address, { headers });
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
  second.control.deleteFile({ file: id });
  await until(() => readdirSync(join(folder, 'files')).length === 0);
  assert.equal(existsSync(join(folder, 'world.json')), true);
});

test('people’s files are sent first and then posted, several in a thread with a comment', async (context) => {
  const { sandbox, control, ann, ben, channel } = await scene(context);
  const upload = async (name: string, body: string) => {
    const query = new URLSearchParams({ user: ann.id ?? '', name });
    const answer = await fetch(`${sandbox.url}/_sandbox/upload?${query.toString()}`, {
      method: 'POST',
      body,
    });
    return ((await answer.json()) as { readonly upload: string }).upload;
  };
  const files = [
    { name: 'a.txt', upload: await upload('a.txt', 'first') },
    { name: 'b.txt', upload: await upload('b.txt', 'second'), altText: 'b' },
  ];
  const { ts } = control.post({ channel: channel.id, user: ben.id, text: 'root' });
  const post = { channel: channel.id, user: ann.id, text: 'both', thread: ts, files };
  const { message } = control.post(post);
  assert.deepEqual(
    message.files?.map((file) => [file['name'], file['preview']]),
    [
      ['a.txt', 'first'],
      ['b.txt', 'second'],
    ],
  );
  assert.throws(() => control.post(post), /There is no upload/);
  const foreign = { method: 'POST', body: 'x', headers: { origin: 'http://elsewhere.example' } };
  assert.equal((await fetch(`${sandbox.url}/_sandbox/upload?user=${ann.id}&name=x`, foreign)).status, 403);
});
