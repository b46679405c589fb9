import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { ghostOf } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

test('what Ann writes is read under her name, with her picture, and with a link to it in Slack', async () => {
  const { slack, alice } = scene;
  const ts = slack.say(linked.channel, 'Hello from Ann');
  const seen = await alice.waitForText(linked.room, 'Hello from Ann');
  assert.equal(seen.senderName, 'Ann');
  const picture = await alice.download(seen.senderAvatar ?? '');
  assert.match(picture.type, /^image\//);
  const address = `https://acme.slack.com/archives/${linked.channel.id}/p${ts.replace('.', '')}`;
  assert.equal(seen.content['external_url'], address);
  assert.equal(seen.sentAt, Math.round(Number(ts) * 1000));
});

const typed: readonly (readonly [string, string, string])[] = [
  ['bold text', 'one *two* three', 'one <strong>two</strong> three'],
  ['italic text', 'one _two_ three', 'one <em>two</em> three'],
  ['struck text', 'one ~two~ three', 'one <del>two</del> three'],
  ['code', 'one `two <3` three', 'one <code>two &lt;3</code> three'],
  ['a code block', 'first\n```\nlet a = 1;\nlet b;\n```', 'first<pre><code>let a = 1;\nlet b;</code></pre>'],
  [
    'a link',
    'see <https://example.org/a?b=c&d|the page>',
    'see <a href="https://example.org/a?b=c&amp;d">the page</a>',
  ],
  ['a list', 'todo\n- first\n- second', 'todo<ul><li>first</li><li>second</li></ul>'],
  ['a numbered list', 'steps\n1. one\n2. two', 'steps<ol><li>one</li><li>two</li></ol>'],
  ['a quote', 'listen\n> said before', 'listen<blockquote>said before</blockquote>'],
];

for (const [index, [what, text, html]] of typed.entries()) {
  test(`${what} in Slack is ${what} in Matrix`, async () => {
    scene.slack.say(linked.channel, `n${index} ${text}`);
    const seen = await scene.alice.waitForText(linked.room, new RegExp(`^n${index} `));
    assert.equal(seen.html, `n${index} ${html}`);
  });
}

test('standard emoji and bare addresses are plain text in Matrix', async () => {
  scene.slack.say(linked.channel, 'well done :tada: https://example.org/bare');
  const seen = await scene.alice.waitForText(linked.room, 'well done 🎉 https://example.org/bare');
  assert.equal(seen.html, undefined);
});

test('a mention of a person is a mention of their ghost, and calls nobody else', async () => {
  const { slack, alice } = scene;
  slack.say(linked.channel, 'ask @ben, @here');
  const seen = await alice.waitForText(linked.room, 'ask @Ben, @here');
  const ben = ghostOf(scene, slack.ben);
  assert.equal(seen.html, `ask <a href="https://matrix.to/#/${ben}">Ben</a>, @here`);
  assert.deepEqual(seen.content['m.mentions'], { user_ids: [ben] });
});

test('a mention of a linked channel is a link to its room', async () => {
  scene.slack.say(linked.channel, 'come to #town');
  const seen = await scene.alice.waitForText(linked.room, 'come to #town');
  assert.equal(seen.html, `come to <a href="https://matrix.to/#/${linked.room}">#town</a>`);
});

test('a reply also sent to the channel is in both places, and changes and goes in both', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  const root = slack.say(channel, 'who brings cake?');
  const { eventId } = await alice.waitForText(room, 'who brings cake?');
  const post = {
    channel: channel.id,
    user: slack.ben,
    text: 'I do, all of you',
    thread: root,
    broadcast: true,
  };
  const { ts } = slack.control.post(post);
  const inThread = (text: string) =>
    alice
      .room(room)
      .thread(eventId)
      .filter(({ body }) => body === text);
  const answers = (text: string) =>
    alice
      .room(room)
      .messages()
      .filter(({ body, replyTo, thread }) => body === text && replyTo === eventId && thread === undefined);
  const inBoth = (text: string) => inThread(text).length === 1 && answers(text).length === 1;
  await alice.waitFor(room, () => inBoth('I do, all of you') || undefined);
  const reply = await alice.reply(room, answers('I do, all of you')[0]?.eventId ?? '', 'thank you');
  assert.ok(reply);
  await slack.waitForText(channel, 'thank you');
  assert.equal(slack.posts(channel).find(({ text }) => text === 'thank you')?.thread_ts, root);
  slack.control.edit({ channel: channel.id, ts, text: 'I do, next week' });
  await alice.waitFor(room, () => inBoth('I do, next week') || undefined);
  slack.control.delete({ channel: channel.id, ts });
  const gone = () => inThread('I do, next week').length + answers('I do, next week').length === 0;
  await alice.waitFor(room, () => gone() || undefined);
});

test('files stand below their text, in their order', async () => {
  const { slack, alice } = scene;
  const files = [
    { name: 'plan.pdf', size: 123_456 },
    { name: 'notes.txt', size: 7 },
  ];
  slack.control.post({
    channel: linked.channel.id,
    user: slack.ann,
    text: 'the papers',
    files,
  });
  await alice.waitForText(linked.room, /notes\.txt/);
  const [text, plan, notes] = alice.room(linked.room).messages().slice(-3);
  assert.equal(text?.body, 'the papers');
  assert.deepEqual([plan?.body, notes?.body], ['plan.pdf', 'notes.txt']);
});

test('a photo has its words as its caption, which can be edited, and goes when it is deleted; the words stay', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  const picture = { width: 1600, height: 900 };
  const photo = { name: 'harbour.png', picture, altText: 'boats' };
  const { ts, message } = slack.control.post({
    channel: channel.id,
    user: slack.ann,
    text: 'the harbour',
    files: [photo],
  });
  const shows = '\n\n_🖼️ boats_';
  const seen = await alice.waitForText(room, `the harbour${shows}`);
  const { filename, info, msgtype, url } = z
    .object({
      filename: z.string(),
      info: z.record(z.string(), z.unknown()),
      msgtype: z.string(),
      url: z.string(),
    })
    .parse(seen.content);
  assert.deepEqual([msgtype, filename, info['w'], info['h']], ['m.image', 'harbour.png', 1600, 900]);
  const whole = await alice.download(url);
  assert.equal(whole.bytes.length, info['size']);
  const smaller = await alice.download(String(info['thumbnail_url']));
  assert.equal(smaller.type, 'image/png');
  slack.control.edit({ channel: channel.id, ts, text: 'the old harbour' });
  const edited = await alice.waitForText(room, `the old harbour${shows}`);
  assert.deepEqual([edited.eventId, edited.content['url']], [seen.eventId, url]);
  slack.control.deleteFile({ file: message.files?.[0]?.id ?? '' });
  const left = await alice.waitFor(room, (shown) =>
    shown.messages().find(({ eventId, body }) => eventId !== seen.eventId && body === 'the old harbour'),
  );
  assert.equal(left.content['msgtype'], 'm.text');
  assert.ok(
    !alice
      .room(room)
      .messages()
      .some(({ eventId }) => eventId === seen.eventId),
  );
});

test('what another app posts comes under its name, and blocks that nobody knows become text', async () => {
  const { slack, alice } = scene;
  const app = slack.control.createApp({ name: 'Deploys' });
  slack.control.inviteApp({ channel: linked.channel.id, app: app.id });
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: 'Release 7' } },
    { type: 'hologram', text: { type: 'plain_text', text: 'Beam me up' } },
  ];
  slack.control.postAsApp({ channel: linked.channel.id, app: app.id, text: 'fallback', blocks });
  const seen = await alice.waitForText(linked.room, /Beam me up/);
  assert.match(seen.body, /Release 7/);
  assert.equal(seen.senderName, 'Deploys');
});

test('an app that speaks under another name is shown with that name', async () => {
  const { slack, alice } = scene;
  const app = slack.control.createApp({ name: 'Alerts' });
  const where = { channel: linked.channel.id, app: app.id };
  slack.control.inviteApp(where);
  slack.control.postAsApp({ ...where, text: 'disk full', username: 'Disk watch' });
  const seen = await alice.waitForText(linked.room, /disk full/);
  assert.match(`${seen.senderName} ${seen.body}`, /Disk watch/);
});
