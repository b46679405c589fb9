import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSlackSandbox } from '../../sandbox/slack/server.ts';
import { startTeam } from './start.ts';

test('each action is reached over HTTP, and reads by GET', async (context) => {
  const { sandbox, ann, channel } = await startTeam(context);
  const post = async (action: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${sandbox.url}/_sandbox/${action}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const posted = await post('post', { channel: channel.id, user: ann.id, text: 'over HTTP' });
  assert.equal(posted.status, 200);
  const read = await fetch(`${sandbox.url}/_sandbox/messages?channel=${channel.id}&limit=1&all=true`);
  const messages = (await read.json()) as { text: string }[];
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['over HTTP'],
  );

  const wrong = await post('post', { channel: channel.id, text: 1, colour: 'red' });
  assert.equal(wrong.status, 400);
  assert.match(String(wrong.body['error']), /user[\s\S]*colour|colour[\s\S]*user/);
  const nobody = await post('post', { channel: channel.id, user: 'U0NOBODY', text: 'x' });
  assert.match(String(nobody.body['error']), /There is no user U0NOBODY/);
  assert.equal((await post('shout', {})).status, 404);
  const foreign = await fetch(`${sandbox.url}/_sandbox/world`, {
    headers: { origin: 'https://elsewhere.example' },
  });
  assert.equal(foreign.status, 403);
});

test('a multipart post carries files', async (context) => {
  const { sandbox, ann, channel } = await startTeam(context);
  const form = new FormData();
  form.set('channel', channel.id);
  form.set('user', ann.id);
  form.set('text', 'with a file');
  form.set('file', new Blob(['content'], { type: 'text/plain' }), 'note.txt');
  const answer = await fetch(`${sandbox.url}/_sandbox/post`, { method: 'POST', body: form });
  const { message } = (await answer.json()) as { message: { files: { name: string; size: number }[] } };
  assert.deepEqual(
    message.files.map(({ name, size }) => [name, size]),
    [['note.txt', 7]],
  );
});

test('the stream tells of changes and of calls', async (context) => {
  const { sandbox, control, client, ann, channel } = await startTeam(context);
  const stop = new AbortController();
  context.after(() => stop.abort());
  const stream = await fetch(`${sandbox.url}/_sandbox/stream`, { signal: stop.signal });
  assert.ok(stream.body);
  const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value ?? '';
  control.post({ channel: channel.id, user: ann.id, text: 'x' });
  await client.auth.test();
  while (!text.includes('"auth.test"')) text += (await reader.read()).value ?? '';
  assert.match(text, /^event: hello\n/);
  assert.match(text, new RegExp(`event: change\ndata: {"what":"message".*"channelId":"${channel.id}"`));
  assert.match(text, /event: log\ndata: .*"kind":"api","name":"auth.test","outcome":"ok"/);
});

test('the log keeps calls without their tokens, and the world can be emptied', async (context) => {
  const { control, client, app, channel } = await startTeam(context);
  await client.chat.postMessage({ channel: channel.id, text: 'x' });
  const calls = control.log({ kind: 'api' });
  assert.deepEqual(
    calls.map(({ name, outcome }) => [name, outcome]),
    [['chat.postMessage', 'ok']],
  );
  assert.equal(JSON.stringify(calls).includes(app.botToken), false);
  control.reset({});
  assert.deepEqual(control.world({}).teams, []);
});

test('a world in a folder is there again after a restart', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'slack-sandbox-'));
  const first = await startSlackSandbox({ folder });
  const { app } = first.control.createTeam({ name: 'Acme' });
  const ann = first.control.createUser({ name: 'ann' });
  const channel = first.control.createChannel({ name: 'dev', members: [ann.id] });
  const root = first.control.post({
    channel: channel.id,
    user: ann.id,
    text: 'root',
    files: [{ name: 'a', base64: 'aGk=' }],
  });
  first.control.post({ channel: channel.id, user: ann.id, text: 'reply', thread: root.ts });
  first.control.react({ channel: channel.id, ts: root.ts, user: ann.id, name: 'wave' });
  first.control.pin({ channel: channel.id, ts: root.ts, user: ann.id });
  const { port } = first;
  const before = [first.control.world({}), first.control.thread({ channel: channel.id, ts: root.ts })];
  await first.stop();
  assert.deepEqual(await readdir(folder), ['world.json']);

  const second = await startSlackSandbox({ folder, port });
  context.after(async () => {
    await second.stop();
    await rm(folder, { recursive: true });
  });
  const after = [second.control.world({}), second.control.thread({ channel: channel.id, ts: root.ts })];
  assert.equal(JSON.stringify(after), JSON.stringify(before));
  const later = second.control.post({ channel: channel.id, user: ann.id, text: 'later' });
  assert.ok(later.ts > root.ts);
  const answer = await fetch(`${second.apiUrl}auth.test`, {
    headers: { authorization: `Bearer ${app.botToken}` },
  });
  assert.equal(((await answer.json()) as { ok: boolean }).ok, true);
});

test('a folder with something else in it is refused and left as it is', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'slack-sandbox-'));
  context.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'world.json'), '{"other":true}');
  await assert.rejects(startSlackSandbox({ folder }), /isn't a world that this sandbox can read/);
  assert.deepEqual(await readdir(folder), ['world.json']);
});
