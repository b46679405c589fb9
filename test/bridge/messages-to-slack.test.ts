import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { ghostOf } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { pngImage } from '../support/bridge/png-image.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene({ transport: 'http' });
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

test('what Alice writes stands in Slack under her name, marked as Matrix, with her picture', async () => {
  const { alice, slack } = scene;
  await alice.setAvatar(await alice.upload(pngImage, 'image/png', 'alice.png'));
  await alice.waitFor(linked.room, (room) => room.members().get(alice.userId)?.avatar);
  await alice.say(linked.room, 'Hello from Alice');
  const post = await slack.waitForText(linked.channel, 'Hello from Alice');
  assert.equal(post.username, 'Alice (Matrix)');
  const picture = await fetch(Object.values(post.icons ?? {})[0] ?? '');
  assert.equal(picture.status, 200);
  assert.match(picture.headers.get('content-type') ?? '', /^image\//);
  assert.deepEqual([...new Uint8Array(await picture.arrayBuffer()).slice(1, 4)], [...Buffer.from('PNG')]);
});

test('two people of one name are told apart in Slack by their ids, as long as both are there', async () => {
  const { alice, slack, homeserver } = scene;
  const twin = await homeserver.person('Alice');
  await alice.invite(linked.room, twin.userId);
  await twin.join(linked.room);
  await twin.say(linked.room, 'which Alice is this?');
  const post = await slack.waitForText(linked.channel, 'which Alice is this?');
  assert.equal(post.username, `Alice (${twin.userId.slice(1)} on Matrix)`);
  await alice.kick(linked.room, twin.userId);
  await alice.say(linked.room, 'now it is clear');
  const clear = await slack.waitForText(linked.channel, 'now it is clear');
  assert.equal(clear.username, 'Alice (Matrix)');
});

const written: readonly (readonly [string, string, string])[] = [
  ['bold text', 'one <b>two</b> three', 'one *two* three'],
  ['italic text', 'one <em>two</em> three', 'one _two_ three'],
  ['struck text', 'one <del>two</del> three', 'one ~two~ three'],
  ['code', 'one <code>two &lt;3</code> three', 'one `two &lt;3` three'],
  ['a code block', 'first<pre><code>let a = 1;\nlet b;\n</code></pre>', 'first\n```let a = 1;\nlet b;```'],
  [
    'a link',
    'see <a href="https://example.org/a?b=c&amp;d">the page</a>',
    'see <https://example.org/a?b=c&amp;d|the page>',
  ],
  ['a list', 'todo<ul><li>first</li><li>second</li></ul>', 'todo\n• first\n• second'],
  ['a numbered list', 'steps<ol><li>one</li><li>two</li></ol>', 'steps\n1. one\n2. two'],
  ['a quote', 'listen<blockquote>said before</blockquote>', 'listen\n&gt; said before'],
];

for (const [index, [what, html, text]] of written.entries()) {
  test(`${what} in Matrix is ${what} in Slack`, async () => {
    await scene.alice.say(linked.room, { body: 'as plain text', html: `n${index} ${html}` });
    const post = await scene.slack.waitForText(linked.channel, new RegExp(`^n${index} `));
    assert.equal(shown(post), `n${index} ${text}`);
  });
}

test('what looks like Slack’s own notation stays what it is, and calls nobody', async () => {
  const { alice, slack } = scene;
  await alice.say(linked.room, `plain *stars* <!channel> <@${slack.ben}> @here`);
  const post = await slack.waitForText(linked.channel, /^plain/);
  assert.equal(shown(post), `plain *stars* &lt;!channel&gt; &lt;@${slack.ben}&gt; @here`);
  assert.doesNotMatch(post.text, /<[!@]/);
});

test('emoji are emoji, in the text and by their names', async () => {
  await scene.alice.say(linked.room, 'well done 🎉');
  const post = await scene.slack.waitForText(linked.channel, /^well done/);
  assert.match(shown(post), /^well done (🎉|:tada:)$/u);
});

test('a pill of a ghost is a mention of the person, and one of a linked room is its channel', async () => {
  const { alice, slack } = scene;
  const ann = ghostOf(scene, slack.ann);
  await alice.say(linked.room, {
    body: 'Ann, look',
    html: `<a href="https://matrix.to/#/${ann}">Ann</a>, look at <a href="https://matrix.to/#/${linked.room}">the room</a>`,
    mentions: [ann],
  });
  const post = await slack.waitForText(linked.channel, /look at/);
  assert.equal(shown(post), `<@${slack.ann}>, look at <#${linked.channel.id}|>`);
});

test('/me is written in italics, as Slack does it', async () => {
  await scene.alice.emote(linked.room, 'waves');
  const post = await scene.slack.waitForText(linked.channel, /waves/);
  assert.equal(shown(post), '_waves_');
  assert.equal(post.username, 'Alice (Matrix)');
});

test('an answer carries a short quote of what it answers', async () => {
  const { alice, bob, slack } = scene;
  slack.say(linked.channel, 'Shall we meet at noon?');
  const question = await alice.waitForText(linked.room, 'Shall we meet at noon?');
  await bob.reply(linked.room, question.eventId, 'Noon is fine');
  const post = await slack.waitForText(linked.channel, /Noon is fine$/);
  assert.match(shown(post), /^&gt; .*Ann.*Shall we meet at noon\?\nNoon is fine$/);
  assert.equal(post.username, 'Bob (Matrix)');
});

test('a file comes under its sender’s name with its caption, byte for byte, and goes with its message', async () => {
  const { alice, slack } = scene;
  const bytes = new Uint8Array(randomBytes(70_000));
  const url = await alice.upload(bytes, 'application/pdf', 'plan.pdf');
  const event = await alice.send(linked.room, {
    msgtype: 'm.file',
    body: 'what we **plan**',
    format: 'org.matrix.custom.html',
    formatted_body: 'what we <b>plan</b>',
    filename: 'plan.pdf',
    url,
    info: { size: bytes.length, mimetype: 'application/pdf' },
  });
  const post = await slack.waitForText(linked.channel, 'what we *plan*');
  assert.equal(post.username, 'Alice (Matrix)');
  const [file] = post.files ?? [];
  assert.equal(file?.name, 'plan.pdf');
  const authorization = `Bearer ${slack.app.botToken}`;
  const download = await fetch(file.url_private ?? '', { headers: { authorization } });
  assert.deepEqual(new Uint8Array(await download.arrayBuffer()), bytes);
  await alice.redact(linked.room, event);
  await slack.waitUntil(linked.channel, (posts) => posts.every(({ ts }) => ts !== post.ts));
  assert.equal((await fetch(file.url_private ?? '', { headers: { authorization } })).status, 404);
});

test('a text too long for one post is continued in the next, and nothing of it is missing', async () => {
  const { alice, slack } = scene;
  const words = Array.from({ length: 3_000 }, (_, index) => `word${index}`);
  await alice.say(linked.room, words.join(' '));
  await slack.waitForText(linked.channel, /word2999$/, 30_000);
  const texts = slack
    .posts(linked.channel)
    .map(shown)
    .filter((text) => /^word\d/.test(text));
  assert.ok(texts.length > 1);
  assert.deepEqual(texts.join(' ').split(/\s+/), words);
});
