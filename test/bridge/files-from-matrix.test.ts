import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { replyTo, editOf, inThread } from '../../sandbox/matrix-user/compose.ts';
import { sceneryPicture } from '../../sandbox/slack/media/scenery.ts';
import { enciphered } from '../support/enciphered.ts';
import { startScene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import {
  asInImage,
  hashOf,
  madeUp,
  readSlackFile,
  uploadMadeUp,
  watchMemory,
} from '../support/bridge/files.ts';
import { shown } from '../support/bridge/slack-side.ts';
import type { SlackPost } from '../support/bridge/slack-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene({ transport: 'http', process: asInImage });
  linked = await scene.linkedRoom('uploads');
  scene.slack.control.settings({ shareDelayMs: 700 });
});
after(() => scene?.close());

const picture = new Uint8Array(sceneryPicture('from Matrix', 320, 200));

/** The content of an event with a file that Alice's client has uploaded. */
async function file(msgtype: string, name: string, more: Readonly<Record<string, unknown>> = {}) {
  const isPicture = msgtype === 'm.image' || msgtype === 'm.sticker';
  const type = isPicture ? 'image/png' : 'application/octet-stream';
  const bytes = isPicture ? picture : new TextEncoder().encode(`the content of ${name}`);
  const url = await scene.alice.upload(bytes, type, name);
  const info = { mimetype: type, size: bytes.length, ...(isPicture && { w: 320, h: 200 }) };
  return { msgtype, body: name, filename: name, url, info, 'm.mentions': {}, ...more };
}

function postWith(name: string, timeout?: number): Promise<SlackPost> {
  const has = (post: SlackPost) => post.files?.some((one) => one.name === name);
  return scene.slack.waitFor(linked.channel, has, timeout);
}

const withFiles = () => scene.slack.posts(linked.channel).filter(({ files }) => files !== undefined);

test('an image with a caption is a file with that text, under the sender’s name', async () => {
  const { alice } = scene;
  await alice.send(linked.room, await file('m.image', 'lake.png', { body: 'at the lake' }));
  const post = await postWith('lake.png');
  assert.equal(shown(post), 'at the lake');
  assert.match(post.username ?? '', /^Alice/);
  assert.deepEqual([post.files?.[0]?.mimetype, post.files?.[0]?.['original_w']], ['image/png', 320]);
  assert.equal((await readSlackFile(scene.slack, post)).hash, await hashOf(picture));
});

test('an edit of the caption edits the text; a redaction deletes the message and its file', async () => {
  const { alice, slack } = scene;
  const content = await file('m.image', 'dog.png', { body: 'a dgo' });
  const event = await alice.send(linked.room, content);
  const post = await postWith('dog.png');
  await alice.send(linked.room, editOf(event, { ...content, body: 'a dog' }));
  await slack.waitFor(linked.channel, (each) => each.ts === post.ts && shown(each) === 'a dog');
  await alice.redact(linked.room, event);
  await slack.waitUntil(linked.channel, (posts) => posts.every(({ ts }) => ts !== post.ts));
  await eventually(
    () => slack.control.file({ file: post.files?.[0]?.id ?? '' }).mode === 'tombstone',
    () => 'The message went without its file.',
  );
});

test('files, recordings, voice messages and stickers are files in Slack', async () => {
  const { alice, slack } = scene;
  await alice.send(linked.room, await file('m.file', 'plan.bin'));
  const post = await postWith('plan.bin');
  assert.equal(
    (await readSlackFile(slack, post)).hash,
    await hashOf(new TextEncoder().encode('the content of plan.bin')),
  );
  const voice = {
    'org.matrix.msc3245.voice': {},
    'org.matrix.msc1767.audio': { duration: 3000, waveform: [1, 500] },
  };
  await alice.send(linked.room, await file('m.audio', 'voice.ogg', voice));
  await postWith('voice.ogg');
  const { msgtype: _none, ...sticker } = await file('m.sticker', 'wave.png');
  await alice.send(linked.room, sticker, 'm.sticker');
  const waved = await slack.waitFor(linked.channel, ({ files }) => files?.[0]?.name?.startsWith('wave'));
  assert.equal(waved.files?.[0]?.mimetype, 'image/png');
});

test('files that were sent together are together, under their text, and go together', async () => {
  const { alice, slack } = scene;
  const item = async (itemtype: string, name: string) => file(itemtype, name, { itemtype });
  const items = [
    await item('m.image', 'one.png'),
    await item('m.file', 'two.bin'),
    await item('m.image', 'three.png'),
  ];
  const gallery = { msgtype: 'dm.filament.gallery', body: 'our trip', itemtypes: items, 'm.mentions': {} };
  const event = await alice.send(linked.room, gallery);
  const post = await postWith('three.png');
  assert.deepEqual(
    [shown(post), post.files?.map(({ name }) => name)],
    ['our trip', ['one.png', 'two.bin', 'three.png']],
  );
  const second = new TextEncoder().encode('the content of two.bin');
  assert.equal((await readSlackFile(slack, post, 1)).hash, await hashOf(second));
  await alice.redact(linked.room, event);
  await slack.waitUntil(linked.channel, (posts) => posts.every(({ ts }) => ts !== post.ts));
});

test('a file that a client enciphered is read as it was', async () => {
  const { alice, slack } = scene;
  const plain = randomBytes(300_000);
  const { bytes, cipher } = await enciphered(plain);
  const url = await alice.upload(new Uint8Array(bytes), 'application/octet-stream', 'secret.bin');
  const { key, iv, sha256 } = cipher;
  const described = {
    v: 'v2',
    url,
    iv,
    hashes: { sha256 },
    key: { kty: 'oct', alg: 'A256CTR', ext: true, key_ops: ['encrypt', 'decrypt'], k: key },
  };
  await alice.send(linked.room, {
    msgtype: 'm.file',
    body: 'secret.bin',
    file: described,
    info: { size: plain.length },
    'm.mentions': {},
  });
  const post = await postWith('secret.bin');
  assert.deepEqual(await readSlackFile(slack, post).then(({ size, hash }) => [size, hash]), [
    plain.length,
    await hashOf(plain),
  ]);
});

test('a file in a thread goes into the thread, also as an answer', async () => {
  const { alice, slack } = scene;
  const root = slack.say(linked.channel, 'send me the plan');
  const { eventId } = await alice.waitForText(linked.room, 'send me the plan');
  await alice.send(linked.room, inThread(eventId, await file('m.file', 'threaded.bin')));
  assert.equal((await postWith('threaded.bin')).thread_ts, root);
  await alice.send(linked.room, replyTo(eventId, await file('m.file', 'answered.bin')));
  await postWith('answered.bin');
});

test('reactions to a file and replies to it find their way', async () => {
  const { alice, slack } = scene;
  const event = await alice.send(linked.room, await file('m.image', 'cat.png'));
  const post = await postWith('cat.png');
  slack.control.react({ channel: linked.channel.id, ts: post.ts, user: slack.ann, name: 'heart' });
  await alice.waitFor(linked.room, (room) =>
    room.messages().find(({ eventId, reactions }) => eventId === event && reactions.size > 0),
  );
  slack.say(linked.channel, 'what a cat', { thread: post.ts });
  const { thread } = await alice.waitForText(linked.room, 'what a cat');
  assert.equal(thread, event);
});

test('what Slack refuses for a while is sent when it takes it, once', async () => {
  const { alice, slack } = scene;
  slack.control.addFault({ on: 'upload', match: { count: 1 }, fault: { type: 'http_error', status: 500 } });
  slack.control.addFault({ on: 'upload', match: { count: 1 }, fault: { type: 'lost_answer' } });
  await alice.send(linked.room, await file('m.file', 'again.bin'));
  await postWith('again.bin', 40_000);
  await sleep(1_500);
  assert.equal(withFiles().filter(({ files }) => files?.[0]?.name === 'again.bin').length, 1);
});

test('text does not wait for a slow file of its room longer than some seconds', async () => {
  const { alice, slack } = scene;
  const fault = { type: 'slow', bytesPerSecond: 150_000 } as const;
  slack.control.addFault({ on: 'upload', match: { count: 1 }, fault });
  const url = await uploadMadeUp(alice, 2_400_000);
  await alice.send(linked.room, { ...(await file('m.file', 'slow.bin')), url, info: { size: 2_400_000 } });
  await alice.say(linked.room, 'right behind it');
  await slack.waitForText(linked.channel, 'right behind it', 20_000);
  assert.ok(!withFiles().some(({ files }) => files?.[0]?.name === 'slow.bin'), 'the text passed the file');
  await postWith('slow.bin', 60_000);
});

test('64 MiB arrive byte by byte, through little memory', async () => {
  const { alice, bridge } = scene;
  const size = 64 * 1024 * 1024;
  const url = await uploadMadeUp(alice, size);
  const memory = watchMemory(bridge.pid());
  await alice.send(linked.room, { ...(await file('m.file', 'large.bin')), url, info: { size } });
  const post = await postWith('large.bin', 60_000);
  const grown = memory.stop();
  assert.equal((await readSlackFile(scene.slack, post)).hash, await hashOf(madeUp(size)));
  assert.ok(grown <= 64, `the bridge grew by ${grown.toFixed(1)} MiB`);
});

test('killed in the middle of a file, the bridge brings it once', async () => {
  const { alice, slack, bridge } = scene;
  const size = 2_000_000;
  slack.control.addFault({
    on: 'upload',
    match: { count: 1 },
    fault: { type: 'slow', bytesPerSecond: 400_000 },
  });
  const url = await uploadMadeUp(alice, size);
  await alice.send(linked.room, { ...(await file('m.file', 'once.bin')), url, info: { size } });
  await sleep(2_000);
  await bridge.kill('SIGKILL');
  await bridge.start();
  const post = await postWith('once.bin', 60_000);
  assert.equal((await readSlackFile(slack, post)).hash, await hashOf(madeUp(size)));
  await alice.say(linked.room, 'after the crash');
  await slack.waitForText(linked.channel, 'after the crash', 60_000);
  assert.equal(withFiles().filter(({ files }) => files?.[0]?.name === 'once.bin').length, 1);
});
