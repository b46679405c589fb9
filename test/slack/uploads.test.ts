import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CannotBridge, TryLater, Uncertain } from '../../src/errors.ts';
import type { SlackPlace } from '../../src/events.ts';
import type { FileId } from '../../src/ids.ts';
import { mention, paragraph, text, textDoc } from '../../src/format/doc.ts';
import { fileId, slackUserId, teamId, ts } from '../../src/ids.ts';
import type { CallSlack } from '../../src/slack/calls.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { createUploads } from '../../src/slack/uploads.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { startAdapter } from './support/adapter.ts';
import { failNext, newChannel, stored } from './support/channel.ts';

let running: RunningAdapter;
before(async () => {
  running = await startAdapter();
});
after(() => running.stop());

const as = { name: 'Ann (Matrix)', picture: 'https://bridge.example.org/pictures/a' };
const now = () => ({ since: Date.now(), until: Date.now() });

function stage({ team }: SlackPlace, text: string): Promise<FileId> {
  const body = Buffer.from(text);
  return running.slack.stage(team, { name: 'message.md', length: body.length, body });
}

test('a file is brought to Slack unseen, and shared under the sender’s name', async () => {
  const place = newChannel(running);
  const file = await stage(place, 'all of it');
  assert.deepEqual(await running.slack.findByOpKey(place, `file:${file}`, now()), []);
  await running.slack.share(place, { files: [{ id: file, title: 'Message from Ann' }], as });
  const [at] = await running.slack.findByOpKey(place, `file:${file}`, now());
  const message = stored(running, place, at ?? '');
  assert.equal(message['username'], as.name);
  const seen = at && (await running.slack.message(place, at));
  assert.ok(seen && running.slack.isOurs(seen));
  assert.equal(seen.files[0]?.name, 'message.md');
});

test('a file goes into the thread that it belongs to', async () => {
  const place = newChannel(running);
  const root = running.sandbox.control.post({ channel: place.channel, user: running.user, text: 'root' });
  const file = await stage(place, 'in a thread');
  const threadTs = (await running.slack.message(place, ts(root.ts)))?.ts;
  assert.ok(threadTs !== undefined);
  await running.slack.share(place, { files: [{ id: file, title: 'T' }], threadTs });
  const [at] = await running.slack.findByOpKey(place, `file:${file}`, now(), threadTs);
  assert.equal(stored(running, place, at ?? '')['thread_ts'], threadTs);
});

test('a body that comes bit by bit is sent as it comes', async () => {
  const place = newChannel(running);
  async function* body() {
    for (const part of ['bit ', 'by ', 'bit']) yield Buffer.from(part);
  }
  const file = await running.slack.stage(place.team, { name: 'bits.txt', length: 10, body: body() });
  await running.slack.share(place, { files: [{ id: file }] });
  assert.equal((await running.slack.findByOpKey(place, `file:${file}`, now())).length, 1);
});

test('a file that is deleted stays so, however often', async () => {
  const place = newChannel(running);
  const file = await stage(place, 'not for long');
  await running.slack.removeFile(place.team, file); // never shared
  await running.slack.share(place, { files: [{ id: file, title: 'T' }] });
  await running.slack.removeFile(place.team, file);
  await running.slack.removeFile(place.team, file);
  const [at] = await running.slack.findByOpKey(place, `file:${file}`, now());
  assert.deepEqual((await running.slack.message(place, at ?? ts('1.000000')))?.files, []);
});

test('what goes wrong on the way is tried later; a share that may be there is uncertain', async () => {
  const place = newChannel(running);
  failNext(
    running,
    { type: 'http_error', status: 500, applied: false },
    { method: 'files.getUploadURLExternal' },
  );
  await assert.rejects(stage(place, 'a'), TryLater);
  const short = {
    name: 'a',
    length: 3,
    body: (async function* body() {
      yield Buffer.from('a');
    })(),
  };
  await assert.rejects(running.slack.stage(place.team, short), TryLater);
  const file = await stage(place, 'b');
  failNext(
    running,
    { type: 'http_error', status: 500, applied: true },
    { method: 'files.completeUploadExternal' },
  );
  await assert.rejects(running.slack.share(place, { files: [{ id: file, title: 'T' }] }), Uncertain);
  assert.equal((await running.slack.findByOpKey(place, `file:${file}`, now())).length, 1);
});

test('several files come together, with a text above them that shows its marks and calls people', async () => {
  const place = newChannel(running);
  const files = [{ id: await stage(place, 'one') }, { id: await stage(place, 'two'), title: 'The second' }];
  const words = paragraph(
    text('see ', { bold: true }),
    mention({ type: 'slack-user', user: slackUserId(running.user) }),
  );
  await running.slack.share(place, { files, text: { blocks: [words] }, as });
  const [at] = await running.slack.findByOpKey(place, `file:${files[1]?.id}`, now());
  const seen = at && (await running.slack.message(place, at));
  assert.deepEqual(
    seen?.files.map(({ id }) => id),
    files.map(({ id }) => id),
  );
  assert.deepEqual(seen.text.blocks, [words]);
});

test('a text whose blocks Slack doesn’t take stands there without them', async () => {
  const calls: Fields[] = [];
  const call: CallSlack = async ({ args }) => {
    calls.push(args);
    if (args['blocks'] !== undefined) throw new CannotBridge('invalid_blocks', 'no');
    return {};
  };
  const { share } = createUploads({ call, trustedHosts: [] });
  const place = newChannel(running);
  await share(place, { files: [{ id: fileId('F1') }], text: textDoc('a *text*') });
  assert.equal(calls.length, 2);
  assert.equal(calls[1]?.['initial_comment'], 'a *text*');
});

test('a picture carries what it shows, as long as Slack takes it', async () => {
  const asked: Fields[] = [];
  const call: CallSlack = async ({ args }) => {
    asked.push(args);
    throw new CannotBridge('file_uploads_disabled', 'no');
  };
  const { stage: stageFile } = createUploads({ call, trustedHosts: [] });
  const file = { name: 'a.png', length: 1, body: Buffer.from('a'), altText: 'long '.repeat(1000) };
  await assert.rejects(stageFile(teamId('T1'), file), CannotBridge);
  assert.equal(String(asked[0]?.['alt_txt']).length, 1000);
});

test('what is wrong with a body says so, rather than that the upload failed', async () => {
  const place = newChannel(running);
  async function* changed() {
    yield Buffer.from('ab');
    throw new CannotBridge('file-changed', 'it was changed');
  }
  const file = { name: 'a', length: 4, body: changed() };
  await assert.rejects(
    running.slack.stage(place.team, file),
    (error) => error instanceof CannotBridge && error.reason === 'file-changed',
  );
  const empty = { name: 'a', length: 0, body: Buffer.alloc(0) };
  await assert.rejects(running.slack.stage(place.team, empty), CannotBridge);
});

test('a body longer than was announced is cut off', async () => {
  const place = newChannel(running);
  async function* long() {
    for (let at = 0; at < 1000; at += 1) yield Buffer.alloc(1000);
  }
  await assert.rejects(running.slack.stage(place.team, { name: 'a', length: 4000, body: long() }), TryLater);
});

test('no file is sent to an address that is neither public nor trusted', async () => {
  for (const upload_url of [
    'http://files.slack.com/upload',
    'https://127.0.0.1/upload',
    'https://[::1]/upload',
  ]) {
    const call = () => Promise.resolve({ ok: true, file_id: 'F1', upload_url });
    const uploads = createUploads({ call, trustedHosts: [] });
    const file = { name: 'a', length: 1, body: Buffer.from('a') };
    await assert.rejects(uploads.stage(teamId('T1'), file), CannotBridge);
  }
});
