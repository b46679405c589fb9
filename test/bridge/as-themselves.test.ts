import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sceneryPicture } from '../../sandbox/slack/media/scenery.ts';
import { z } from 'zod';
import { CannotBridge } from '../../src/errors.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { directChat, waitForMessage } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';
import type { SlackPost } from '../support/bridge/slack-side.ts';
import { linkPerson } from './support/link-person.ts';

const pinned = z.object({ items: z.array(z.object({ created_by: z.string() })) });

let scene: Scene;
let linked: LinkedRoom;
let chat: string;

/** Alice is Ann. */
before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
  const { alice, bot, slack } = scene;
  chat = await directChat(alice, bot);
  await linkPerson(scene, { matrix: alice.userId, slack: slack.ann });
});
after(() => scene?.close());

const isAnn = ({ user, username }: SlackPost) => user === scene.slack.ann && username === undefined;

function isAt(post: SlackPost): (other: SlackPost) => boolean {
  return ({ ts }) => ts === post.ts;
}

test('what Alice writes, changes and removes in Matrix is Ann’s own in Slack', async () => {
  const { alice, bob, slack } = scene;
  const event = await alice.say(linked.room, 'as mysefl');
  const post = await slack.waitForText(linked.channel, 'as mysefl');
  assert.ok(isAnn(post), JSON.stringify(post));
  await alice.edit(linked.room, event, 'as myself');
  const edited = await slack.waitForText(linked.channel, 'as myself');
  assert.equal(edited.ts, post.ts);
  assert.ok(isAnn(edited));
  await bob.say(linked.room, 'as the bridge');
  const relayed = await slack.waitForText(linked.channel, 'as the bridge');
  assert.equal(relayed.username, 'Bob (Matrix)');
  await alice.redact(linked.room, event);
  await slack.waitUntil(linked.channel, (posts) => !posts.some(isAt(post)));
});

test('she answers in a thread, and shares a picture there, as herself', async () => {
  const { alice, slack } = scene;
  const ts = slack.say(linked.channel, 'Who has a picture?', { user: slack.ben });
  const { eventId } = await alice.waitForText(linked.room, 'Who has a picture?');
  await alice.sayInThread(linked.room, eventId, 'I have');
  const answer = await slack.waitForText(linked.channel, 'I have');
  assert.equal(answer.thread_ts, ts);
  assert.ok(isAnn(answer));
  const bytes = new Uint8Array(sceneryPicture('a lake', 64, 48));
  const url = await alice.upload(bytes, 'image/png', 'lake.png');
  const info = { mimetype: 'image/png', size: bytes.length, w: 64, h: 48 };
  const thread = { rel_type: 'm.thread', event_id: eventId };
  const content = { msgtype: 'm.image', body: 'lake.png', url, info, 'm.relates_to': thread };
  await alice.send(linked.room, content);
  const picture = await slack.waitFor(linked.channel, (post) => post.files?.[0]?.name === 'lake.png');
  assert.equal(picture.thread_ts, ts);
  assert.ok(isAnn(picture));
});

test('she reacts, pins and sets the topic as herself', async () => {
  const { alice, bob, slack } = scene;
  const ts = slack.say(linked.channel, 'Tomorrow at noon', { user: slack.ben });
  const { eventId } = await alice.waitForText(linked.room, 'Tomorrow at noon');
  const reactors = () =>
    slack.posts(linked.channel).find((post) => post.ts === ts)?.reactions?.[0]?.users ?? [];
  const own = await alice.react(linked.room, eventId, '👍');
  await bob.react(linked.room, eventId, '👍');
  await slack.waitUntil(linked.channel, () => reactors().length === 2);
  assert.ok(reactors().includes(slack.ann));
  await alice.redact(linked.room, own);
  await slack.waitUntil(linked.channel, () => !reactors().includes(slack.ann));
  assert.equal(reactors().length, 1);
  await alice.setState(linked.room, 'm.room.pinned_events', { pinned: [eventId] });
  await eventually(
    async () => (await pinners()).includes(slack.ann),
    () => 'She pinned nothing.',
  );
  await alice.setState(linked.room, 'm.room.topic', { topic: 'lunch' });
  const topic = await slack.waitFor(linked.channel, ({ subtype }) => subtype === 'channel_topic');
  assert.equal(topic.user, slack.ann);
});

/** Who pinned something in the channel. */
async function pinners(): Promise<readonly string[]> {
  const { sandbox, app } = scene.slack;
  const response = await fetch(new URL(`pins.list?channel=${linked.channel.id}`, sandbox.apiUrl), {
    headers: { authorization: `Bearer ${app.botToken}` },
  });
  return pinned.parse(await response.json()).items.map((item) => item.created_by);
}

test('a post whose answer is lost is there once, and stays hers to change', async () => {
  const { alice, slack } = scene;
  const fault = { type: 'reset', applied: true } as const;
  slack.control.addFault({ on: 'api', match: { method: 'chat.postMessage', count: 1 }, fault });
  const event = await alice.say(linked.room, 'unsure');
  const post = await slack.waitForText(linked.channel, 'unsure');
  await alice.say(linked.room, 'behind it');
  await slack.waitForText(linked.channel, 'behind it');
  await alice.edit(linked.room, event, 'sure');
  const edited = await slack.waitForText(linked.channel, 'sure');
  assert.equal(edited.ts, post.ts);
  assert.ok(isAnn(edited));
  const texts = slack.posts(linked.channel).map(shown);
  assert.deepEqual(
    texts.filter((text) => text.endsWith('sure')),
    ['sure'],
  );
});

test('what Ann writes in Slack by hand comes to Matrix; what came from there doesn’t', async () => {
  const { alice, slack } = scene;
  slack.say(linked.channel, 'by hand');
  await alice.waitForText(linked.room, 'by hand');
  await slack.control.idle({});
  const bodies = alice
    .room(linked.room)
    .messages()
    .map(({ body }) => body);
  for (const body of ['I have', 'by hand', 'lake.png'])
    assert.equal(bodies.filter((each) => each === body).length, 1, body);
});

test('nobody else in Matrix gets her account', async () => {
  const { bob, slack } = scene;
  await assert.rejects(
    linkPerson(scene, { matrix: bob.userId, slack: slack.ann }),
    (error) => error instanceof CannotBridge && error.reason === 'slack-account-linked',
  );
});

test('where Ann is no member she is relayed, and told once', async () => {
  const { alice, slack } = scene;
  const other = await scene.linkedRoom('elsewhere');
  slack.control.leave({ channel: other.channel.id, user: slack.ann });
  for (const text of ['from outside', 'still outside']) {
    await alice.say(other.room, text);
    assert.equal((await slack.waitForText(other.channel, text)).username, 'Alice (Matrix)');
  }
  const told = alice
    .room(other.room)
    .messages()
    .filter(({ body }) => body.includes('isn’t a member of'));
  assert.equal(told.length, 1);
});

test('what waits when her token is revoked goes out relayed, in order, once; she is told once', async () => {
  const { alice, slack } = scene;
  const own = await alice.say(linked.room, 'before');
  await slack.waitForText(linked.channel, 'before');
  const limit = { type: 'rate_limited', retryAfterSeconds: 3 } as const;
  slack.control.addFault({ on: 'api', match: { method: 'chat.postMessage', count: 1 }, fault: limit });
  const texts = ['one', 'two', 'three'];
  for (const text of texts) await alice.say(linked.room, text);
  slack.control.revokeUserToken({ user: slack.ann });
  await slack.waitForText(linked.channel, 'three');
  const posts = slack.posts(linked.channel).filter((post) => texts.includes(shown(post)));
  assert.deepEqual(posts.map(shown), texts);
  for (const post of posts) assert.equal(post.username, 'Alice (Matrix)');
  const { body } = await alice.waitForText(chat, /doesn’t take your login/);
  assert.match(body, /Acme/);
  await alice.edit(linked.room, own, 'after');
  await waitForMessage(alice, linked.room, (each) => each.replyTo === own && /own account/.test(each.body));
  const told = alice
    .room(chat)
    .messages()
    .filter((each) => each.body.includes('your login'));
  assert.equal(told.length, 1);
});
