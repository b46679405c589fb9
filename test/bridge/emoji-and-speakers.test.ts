import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { waitForMessage } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;
/** Another app of the workspace. */
let app: string;

before(async () => {
  scene = await startScene({ startBridge: false });
  scene.slack.control.addEmoji({ name: 'party-gopher' });
  scene.slack.control.addEmoji({ name: 'yay', aliasFor: 'tada' });
  scene.slack.control.addEmoji({ name: 'never-used' });
  await scene.bridge.start();
  linked = await scene.linkedRoom('town');
  app = scene.slack.control.createApp({ name: 'Deploys', transport: 'none' }).id;
});
after(() => scene?.close());

const profileKey = 'com.beeper.per_message_profile';

/** The picture of an emoji that stands alone in a message. */
async function pictureOf(body: string): Promise<{ readonly mxc: string; readonly html: string }> {
  const { html = '' } = await scene.alice.waitForText(linked.room, body);
  const mxc = /<img data-mx-emoticon src="(mxc:[^"]+)"/.exec(html)?.[1];
  assert.ok(mxc, html);
  return { mxc, html };
}

test('an app speaks under the name and picture of its post, also after a change of it', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  const iconUrl = `${slack.sandbox.url}/avatars/abc_72.png`;
  const post = { channel: channel.id, app, text: 'done', username: 'Build 7', iconUrl };
  const { ts } = slack.control.postAsApp(post);
  const { content, body, html } = await alice.waitForText(room, 'Build 7: done');
  assert.equal(html, '<strong data-mx-profile-fallback>Build 7: </strong>done');
  const profile = content[profileKey];
  assert.ok(typeof profile === 'object' && profile !== null && 'avatar_url' in profile, body);
  assert.deepEqual(
    { ...profile, id: '', avatar_url: '' },
    {
      id: '',
      displayname: 'Build 7',
      avatar_url: '',
      has_fallback: true,
    },
  );
  assert.match((await alice.download(String(profile.avatar_url))).type, /^image\//);
  slack.control.edit({ channel: channel.id, ts, text: 'done at last' });
  const changed = await alice.waitForText(room, 'Build 7: done at last');
  assert.deepEqual(changed.content[profileKey], profile);
});

test('an app’s icon that is an emoji of the workspace is its picture', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  const post = { channel: channel.id, app, text: 'squeak', username: 'Gopher', iconEmoji: ':party-gopher:' };
  slack.control.postAsApp(post);
  const { content } = await alice.waitForText(room, 'Gopher: squeak');
  assert.match(JSON.stringify(content[profileKey]), /"avatar_url":"mxc:/);
});

test('who sends a message with a profile of its own is named beside it in Slack', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  await alice.send(room, {
    msgtype: 'm.text',
    body: 'Zoe: hello from afar',
    format: 'org.matrix.custom.html',
    formatted_body: '<strong data-mx-profile-fallback>Zoe: </strong>hello <em>from</em> afar',
    [profileKey]: { id: 'zoe', displayname: 'Zoe', has_fallback: true },
  });
  const post = await slack.waitForText(channel, 'hello _from_ afar');
  assert.equal(post.username, 'Zoe (via Alice on Matrix)');
});

test('an emoji of the workspace is its picture, and comes back from Matrix as that emoji', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  slack.say(channel, 'look :party-gopher: :yay:');
  const { mxc, html } = await pictureOf('look :party-gopher: 🎉');
  assert.ok(html.includes('alt=":party-gopher:" title=":party-gopher:" height="32"'), html);
  assert.match((await alice.download(mxc)).type, /^image\//);

  slack.say(channel, 'again :party-gopher:');
  assert.equal((await pictureOf('again :party-gopher:')).mxc, mxc, 'it was uploaded once');

  const img = (name: string) => `<img data-mx-emoticon src="${mxc}" alt=":${name}:" height="32">`;
  await alice.say(room, { body: 'mine :gopher:', html: `mine ${img('gopher')}` });
  assert.equal(shown(await slack.waitForText(channel, /^mine/)), 'mine :party-gopher:');
});

test('a reaction with an emoji of the workspace is one on both sides', async () => {
  const { slack, alice, bob } = scene;
  const { room, channel } = linked;
  const ts = slack.say(channel, 'Shall we?');
  const { eventId } = await alice.waitForText(room, 'Shall we?');
  const fromSlack = { channel: channel.id, ts, user: slack.ben, name: 'party-gopher' };
  slack.control.react(fromSlack);
  const isIt = (key: string) => key.startsWith('mxc://');
  const seen = await waitForMessage(
    alice,
    room,
    (each) => each.eventId === eventId && [...each.reactions.keys()].some(isIt),
  );
  const [key = ''] = seen.reactions.keys();
  const theirs = await bob.react(room, eventId, key);
  const hasBoth = (count: number) =>
    slack.waitFor(channel, (post) => post.ts === ts && post.reactions?.[0]?.users.length === count);
  assert.equal((await hasBoth(2)).reactions?.[0]?.name, 'party-gopher');
  await bob.redact(room, theirs);
  await hasBoth(1);
  slack.control.unreact(fromSlack);
  await waitForMessage(alice, room, (each) => each.eventId === eventId && each.reactions.size === 0);
});

test('who reacts with a picture that Slack doesn’t have is told', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  slack.say(channel, 'What do you think?');
  const { eventId } = await alice.waitForText(room, 'What do you think?');
  await alice.react(room, eventId, 'mxc://elsewhere.example/nothing');
  await alice.waitForText(room, /Slack has no emoji for this reaction/);
});

test('skin tones are kept on both sides, in texts and reactions', async () => {
  const { slack, alice } = scene;
  const { room, channel } = linked;
  const ts = slack.say(channel, 'bye :wave::skin-tone-4:');
  const { eventId } = await alice.waitForText(room, 'bye 👋🏽');
  await alice.say(room, 'see you 👋🏿');
  await slack.waitForText(channel, /^see you 👋🏿$|^see you :wave::skin-tone-6:$/);
  await alice.react(room, eventId, '👍🏾');
  await slack.waitFor(
    channel,
    (post) => post.ts === ts && post.reactions?.some(({ name }) => name === '+1::skin-tone-5'),
  );
});

/** Says it until the picture is there: the event that tells of the emoji comes beside the messages. */
async function pictureOnceKnown(name: string): Promise<string> {
  for (let tries = 1; tries <= 20; tries += 1) {
    const body = `${tries} :${name}:`;
    scene.slack.say(linked.channel, body);
    const { html } = await scene.alice.waitForText(linked.room, body);
    if (html !== undefined) return (await pictureOf(body)).mxc;
  }
  throw new Error(`The emoji ${name} is not known.`);
}

test('an emoji that is added, renamed or removed while the bridge runs is known from then on', async () => {
  const { slack, alice } = scene;
  slack.control.addEmoji({ name: 'shipped' });
  const mxc = await pictureOnceKnown('shipped');
  slack.control.renameEmoji({ from: 'shipped', to: 'delivered' });
  assert.equal(await pictureOnceKnown('delivered'), mxc, 'the same picture');
  slack.control.removeEmoji({ name: 'delivered' });
  slack.control.addEmoji({ name: 'later' });
  await pictureOnceKnown('later'); // events of a workspace are handled in order
  const elements = [{ type: 'rich_text_section', elements: [{ type: 'emoji', name: 'delivered' }] }];
  slack.control.postAsApp({
    channel: linked.channel.id,
    app,
    text: ':delivered:',
    blocks: [{ type: 'rich_text', elements }],
  });
  assert.equal((await alice.waitForText(linked.room, ':delivered:')).html, undefined);
});

test('the workspace’s emoji can be chosen in the room, by what they are called now', async () => {
  const { slack, alice } = scene;
  const type = 'im.ponies.room_emotes';
  const pack = await alice.waitFor(
    linked.room,
    (room) => {
      const content = room.state(type, `slack.${slack.team.id}`);
      return content && JSON.stringify(content).includes('"later"') ? content : undefined;
    },
    60_000,
  );
  const images = pack['images'];
  assert.ok(typeof images === 'object' && images !== null);
  assert.deepEqual(Object.keys(images).toSorted(), ['later', 'never-used', 'party-gopher']);
});
