import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { objectIn, textIn } from '../../sandbox/matrix-user/event.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import {
  asInImage,
  filesIn,
  hashOf,
  madeUp,
  readMedia,
  waitForFile,
  watchMemory,
} from '../support/bridge/files.ts';
import { waitUntilGone } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene({ process: asInImage });
  linked = await scene.linkedRoom('photos');
});
after(() => scene?.close());

type Post = Parameters<Scene['slack']['control']['post']>[0];
type Files = NonNullable<Post['files']>;

function post(files: Files, more: Partial<Post> = {}) {
  const { slack } = scene;
  return slack.control.post({ channel: linked.channel.id, user: slack.ann, text: '', files, ...more });
}

const picture = { width: 1200, height: 800 };
const gif = Buffer.from(
  'R0lGODlhAgACAIAAAAAAAP///yH/C05FVFNDQVBFMi4wAwEAAAAh+QQACgAAACwAAAAAAgACAAACAoRRACH5BAAKAAAALAAAAAACAAIAAAIChF0AOw==',
  'base64',
);

/** The beginning of an MP4: nothing is decoded on the way. */
const filmBytes = Buffer.concat([
  Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42'),
  Buffer.alloc(30_000),
]).toString('base64');

test('a photo with a text is a picture with that caption, which changes with the text and goes with the file', async () => {
  const { alice, slack } = scene;
  const { room, channel } = linked;
  const { ts, message } = post([{ name: 'lake.png', picture, altText: 'a lake' }], {
    text: 'this *morning*',
  });
  const seen = await waitForFile(alice, room, 'lake.png');
  const [caption, ...below] = seen.message.body.split('\n');
  assert.deepEqual([seen.message.kind, caption], ['m.image', 'this **morning**']);
  assert.match(below.join(' '), /🖼️ a lake/);
  assert.match(seen.message.html ?? '', /^<p>this <strong>morning<\/strong><\/p>/);
  assert.equal(seen.message.senderName, 'Ann');
  const { w, h, mimetype, size } = seen.info;
  assert.deepEqual(
    { w, h, mimetype, size },
    { w: 1200, h: 800, mimetype: 'image/png', size: message.files?.[0]?.size },
  );
  const small = objectIn(seen.info, 'thumbnail_info');
  assert.deepEqual([small['w'], small['h']], [800, 533]);
  const thumbnail = await readMedia(alice, textIn(seen.info, 'thumbnail_url') ?? '');
  assert.match(thumbnail.type, /^image\//);
  const whole = await alice.download(seen.url);
  assert.equal(await hashOf(whole.bytes), (await readMedia(alice, seen.url)).hash);

  slack.control.edit({ channel: channel.id, ts, text: 'this evening' });
  await alice.waitFor(room, () =>
    filesIn(alice, room).find(({ message: { body } }) => body.startsWith('this evening')),
  );
  assert.equal(filesIn(alice, room).length, 1);
  slack.control.deleteFile({ file: message.files?.[0]?.id ?? '' });
  await alice.waitForText(room, 'this evening');
  await alice.waitFor(room, () => filesIn(alice, room).length === 0 || undefined);
});

test('several pictures follow their text in order, and come and go with edits', async () => {
  const { alice, slack } = scene;
  const { room, channel } = linked;
  const names = ['one.png', 'two.png', 'three.png'];
  const { ts, message } = post(
    names.map((name) => ({ name, picture: { width: 40, height: 30 } })),
    { text: 'three' },
  );
  const shown = () => filesIn(alice, room).map(({ name }) => name);
  await alice.waitFor(room, () => shown().length === 3 || undefined);
  assert.deepEqual(shown(), names);
  const bodies = alice
    .room(room)
    .messages()
    .map(({ body }) => body);
  assert.ok(bodies.lastIndexOf('three') < bodies.findIndex((body) => body.includes('one.png')));
  const edit = { channel: channel.id, ts, addFiles: [{ name: 'four.gif', base64: gif.toString('base64') }] };
  slack.control.edit({ ...edit, removeFiles: [message.files?.[1]?.id ?? ''] });
  await alice.waitFor(room, () => shown().join() === 'one.png,three.png,four.gif' || undefined);
  const moving = await waitForFile(alice, room, 'four.gif');
  assert.deepEqual([moving.message.kind, moving.info['mimetype']], ['m.image', 'image/gif']);
  assert.equal((await readMedia(alice, moving.url)).hash, await hashOf(gif), 'it still moves');
  slack.control.delete({ channel: channel.id, ts });
  await alice.waitFor(room, () => shown().length === 0 || undefined);
});

test('films and recordings say how long they are; a voice clip is a voice message', async () => {
  const { alice } = scene;
  const waveform = Array.from({ length: 100 }, (_, index) => index);
  post([
    { name: 'trip.mp4', base64: filmBytes, durationMs: 12_000, width: 640, height: 360 },
    { name: 'audio_message.webm', base64: filmBytes, clip: 'audio', durationMs: 3_177, waveform },
  ]);
  const film = await waitForFile(alice, linked.room, 'trip.mp4');
  const { duration, w, h } = film.info;
  assert.deepEqual([film.message.kind, duration, w, h], ['m.video', 12_000, 640, 360]);
  const clip = await alice.waitFor(linked.room, () =>
    filesIn(alice, linked.room).find(({ message }) => message.kind === 'm.audio'),
  );
  assert.equal(clip.info['duration'], 3_177);
  assert.deepEqual(clip.message.content['org.matrix.msc3245.voice'], {});
  const samples = objectIn(clip.message.content, 'org.matrix.msc1767.audio')['waveform'];
  assert.ok(Array.isArray(samples) && samples.length > 0);
});

test('a file in a thread is in the thread', async () => {
  const { alice } = scene;
  const { ts } = post([], { text: 'who has the plan?' });
  const { eventId } = await alice.waitForText(linked.room, 'who has the plan?');
  post([{ name: 'plan.pdf', size: 3_000 }], { thread: ts });
  const { message } = await waitForFile(alice, linked.room, 'plan.pdf');
  assert.deepEqual([message.kind, message.thread], ['m.file', eventId]);
});

test('a small snippet can be read at once, pages and files of other services are links', async () => {
  const { alice } = scene;
  const url = 'https://docs.example.org/document/1';
  post([{ name: 'add.py', text: 'def add(a, b):\n    return a + b' }]);
  const snippet = await alice.waitForText(linked.room, /def add/);
  assert.match(snippet.html ?? '', /<pre><code/);
  post([{ name: 'Offsite', page: 'canvas' }]);
  await alice.waitForText(linked.room, /Offsite/);
  post([{ name: 'Budget', external: { type: 'gdrive', url } }]);
  const budget = await alice.waitForText(linked.room, /Budget/);
  assert.ok(budget.html?.includes(url));
});

test('a file of another organisation is brought, too', async () => {
  const { alice } = scene;
  post([{ name: 'theirs.pdf', size: 2_500, connect: true }]);
  const seen = await waitForFile(alice, linked.room, 'theirs.pdf');
  assert.equal((await readMedia(alice, seen.url)).hash, await hashOf(madeUp(2_500)));
});

test('what can’t be brought is said with its name and a link, and nothing is shown for it', async () => {
  const { alice, slack } = scene;
  const before = filesIn(alice, linked.room).length;
  const { control } = slack;
  const faults = {
    empty: { type: 'empty' },
    page: { type: 'sign_in_page' },
    private: { type: 'redirect', location: 'http://10.11.12.13/secret' },
    bomb: { type: 'gzip_bomb', bytes: 10 * 1024 ** 3 },
  } as const;
  for (const [name, fault] of Object.entries(faults)) {
    control.addFault({ on: 'download', match: { name: `${name}.zip` }, fault });
    post([{ name: `${name}.zip`, size: 20_000 }]);
  }
  post([{ name: 'large.zip', size: 120_000_000 }]);
  for (const name of [...Object.keys(faults), 'large']) {
    const label = await alice.waitForText(linked.room, new RegExp(`📎 \\[${name}\\.zip`), 30_000);
    assert.match(label.html ?? '', /<a href="https:\/\/acme\.slack\.com\/files\//);
  }
  await alice.waitForText(linked.room, /large\.zip.*too large/);
  assert.equal(filesIn(alice, linked.room).length, before);
});

test('one that never ends is cut off and said, and one that stands still is waited for; texts go on', async () => {
  const { alice, slack } = scene;
  const { control } = slack;
  control.addFault({ on: 'download', match: { name: 'endless.bin' }, fault: { type: 'endless' } });
  control.addFault({
    on: 'download',
    match: { name: 'stalled.bin' },
    fault: { type: 'stall', after: 5_000 },
  });
  post([{ name: 'endless.bin', size: 50_000 }]);
  await alice.waitForText(linked.room, /📎 \[endless\.bin.*it is longer than it should be/);
  const { ts } = post([{ name: 'stalled.bin', size: 50_000 }], { text: 'look at this' });
  slack.say(linked.channel, 'nothing to see yet');
  await alice.waitForText(linked.room, 'look at this', 16_000);
  await alice.waitForText(linked.room, 'nothing to see yet', 16_000);
  control.clearFaults({});
  slack.control.delete({ channel: linked.channel.id, ts });
  await alice.waitFor(
    linked.room,
    (room) => !room.messages().some(({ body }) => body === 'look at this') || undefined,
  );
  assert.ok(!filesIn(alice, linked.room).some(({ name }) => /endless|stalled/.test(name)));
});

test('a download that breaks off goes on, and announced lengths are not believed', async () => {
  const { alice, slack } = scene;
  const size = 300_000;
  slack.control.addFault({
    on: 'download',
    match: { name: 'torn.bin', count: 1 },
    fault: { type: 'break', after: 90_000 },
  });
  slack.control.addFault({
    on: 'download',
    match: { name: 'long.bin', count: 1 },
    fault: { type: 'wrong_length', by: 10 },
  });
  for (const name of ['torn.bin', 'long.bin']) {
    post([{ name, size }]);
    const { url } = await waitForFile(alice, linked.room, name, 30_000);
    assert.equal((await readMedia(alice, url)).hash, await hashOf(madeUp(size)));
  }
  assert.equal(filesIn(alice, linked.room).filter(({ name }) => name === 'torn.bin').length, 1);
});

test('text does not wait for a slow file: elsewhere not at all, in its own room some seconds', async () => {
  const { alice, slack } = scene;
  const other = await scene.linkedRoom('elsewhere');
  const fault = { type: 'slow', bytesPerSecond: 100_000 } as const;
  for (const name of ['slow.bin', 'unwanted.bin'])
    slack.control.addFault({ on: 'download', match: { name }, fault });
  const from = performance.now();
  const { ts: unwanted } = post([{ name: 'unwanted.bin', size: 1_300_000 }]);
  post([{ name: 'slow.bin', size: 1_400_000 }]);
  slack.say(linked.channel, 'right behind it');
  slack.say(other.channel, 'somewhere else');
  await alice.waitForText(other.room, 'somewhere else', 8_000);
  await alice.waitForText(linked.room, 'right behind it', 16_000);
  assert.ok(!filesIn(alice, linked.room).some(({ name }) => name === 'slow.bin'), 'the text passed the file');
  slack.control.delete({ channel: linked.channel.id, ts: unwanted });
  await waitForFile(alice, linked.room, 'slow.bin', 40_000);
  assert.ok(performance.now() - from > 12_000, 'the file was slow indeed');
  assert.doesNotMatch(
    JSON.stringify(alice.room(linked.room).messages()),
    /unwanted/,
    'it was deleted meanwhile',
  );
});

test('64 MiB arrive byte by byte, through little memory', async () => {
  const { alice, bridge } = scene;
  const size = 64 * 1024 * 1024;
  const memory = watchMemory(bridge.pid());
  post([{ name: 'large.bin', size }]);
  const { url } = await waitForFile(alice, linked.room, 'large.bin', 40_000);
  const grown = memory.stop();
  assert.deepEqual((await readMedia(alice, url)).hash, await hashOf(madeUp(size)));
  assert.ok(grown <= 64, `the bridge grew by ${grown.toFixed(1)} MiB`);
});

test('killed in the middle of a file, the bridge brings it once', async () => {
  const { alice, slack, bridge } = scene;
  const fault = { type: 'slow', bytesPerSecond: 400_000 } as const;
  slack.control.addFault({ on: 'download', match: { name: 'once.bin', count: 1 }, fault });
  const { ts } = post([{ name: 'once.bin', size: 2_000_000 }], { text: 'just once' });
  await sleep(2_000);
  await bridge.kill('SIGKILL');
  const broken = await eventually(
    () => slack.control.log({ kind: 'file' }).find(({ details }) => details['name'] === 'once.bin'),
    () => 'The bridge has not begun to fetch the file.',
  );
  assert.equal(broken.details['complete'], false, 'it was killed in the middle');
  await bridge.start();
  const { url, message } = await waitForFile(alice, linked.room, 'once.bin', 40_000);
  assert.equal((await readMedia(alice, url)).hash, await hashOf(madeUp(2_000_000)));
  slack.say(linked.channel, 'after the crash');
  await alice.waitForText(linked.room, 'after the crash', 30_000);
  assert.equal(filesIn(alice, linked.room).filter(({ name }) => name === 'once.bin').length, 1);
  slack.control.delete({ channel: linked.channel.id, ts });
  await waitUntilGone(alice, linked.room, message.eventId);
});
