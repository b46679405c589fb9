import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { ghostOf, waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { linkPerson } from './support/link-person.ts';
import { linkedTraffic } from './support/linked-traffic.ts';

/** Alice and Ann are one person, and so are Bob and Ben. */
let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
  const { alice, bob, slack } = scene;
  await linkPerson(scene, { matrix: alice.userId, slack: slack.ann });
  await linkPerson(scene, { matrix: bob.userId, slack: slack.ben });
});
after(() => scene?.close());

const textsIn = (): readonly string[] =>
  scene.bob
    .room(linked.room)
    .messages()
    .map(({ body }) => body);
const postsIn = (): readonly string[] => scene.slack.posts(linked.channel).map(shown);

test('what a linked person does in Slack appears under their own Matrix account, and not in Slack again', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = linked;
  const at = (ts: string) => ({ channel: channel.id, ts });
  const ts = slack.say(channel, 'frist');
  const { eventId, sender } = await bob.waitForText(room, 'frist');
  assert.equal(sender, alice.userId);
  slack.control.edit({ ...at(ts), text: 'first' });
  await waitForMessage(bob, room, (each) => each.eventId === eventId && each.body === 'first');
  slack.control.react({ ...at(ts), user: slack.ben, name: 'tada' });
  const hailed = await waitForMessage(bob, room, (each) => each.reactions.has('🎉'));
  assert.deepEqual([hailed.eventId, hailed.reactions.get('🎉')], [eventId, [bob.userId]]);
  slack.control.unreact({ ...at(ts), user: slack.ben, name: 'tada' });
  await waitForMessage(bob, room, (each) => each.eventId === eventId && each.reactions.size === 0);
  const files = [{ name: 'lake.png', picture: { width: 20, height: 10 } }];
  slack.control.post({ channel: channel.id, user: slack.ann, text: '', files });
  const file = await waitForMessage(bob, room, ({ body }) => body === 'lake.png');
  assert.equal(file.sender, alice.userId);
  slack.control.delete(at(ts));
  await waitUntilGone(bob, room, eventId);
  slack.say(channel, 'the end of it');
  await bob.waitForText(room, 'the end of it');
  assert.deepEqual(postsIn().slice(-2), ['', 'the end of it']);
  const name = bob.room(room).members().get(alice.userId)?.name;
  assert.equal(name, 'Alice', 'nobody touches their profile');
});

test('what they do in Matrix is theirs in Slack, be it with what they wrote there', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = linked;
  await alice.say(room, 'from my desk');
  const post = await slack.waitForText(channel, 'from my desk');
  assert.equal(post.user, slack.ann);
  const ts = slack.say(channel, 'from my phnoe');
  const { eventId } = await bob.waitForText(room, 'from my phnoe');
  await alice.edit(room, eventId, 'from my phone');
  await slack.waitFor(channel, (each) => each.ts === ts && shown(each) === 'from my phone');
  await alice.redact(room, eventId);
  await slack.waitUntil(channel, (posts) => posts.every((each) => each.ts !== ts));
  const told = { html: `<a href="https://matrix.to/#/${alice.userId}">Alice</a>, look` };
  await bob.say(room, { body: 'Alice, look', ...told });
  const calling = await slack.waitFor(channel, (each) => each.text.includes('look'));
  assert.ok(calling.text.includes(`<@${slack.ann}>`), calling.text);
  slack.say(channel, `<@${slack.ann}> see`, { user: slack.ben });
  const called = await waitForMessage(bob, room, ({ body }) => body.endsWith('see'));
  assert.ok(called.html?.includes(alice.userId), called.html);
});

test('what they change by hand on either side of what they wrote on the other is changed there, and nothing twice', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = linked;
  const replaced = () =>
    bob
      .room(room)
      .events()
      .filter(({ content }) => JSON.stringify(content).includes('"m.replace"')).length;
  const event = await alice.say(room, 'said *here*');
  const { ts } = await slack.waitForText(channel, 'said *here*');
  const before = replaced();
  await alice.edit(room, event, { body: 'said here :) 🎉', html: 'said <b>here</b> :) 🎉' });
  await slack.waitFor(channel, (each) => each.ts === ts && shown(each).includes('🎉'));
  slack.control.edit({ channel: channel.id, ts, text: 'changed _there_' });
  const seen = await waitForMessage(bob, room, (each) => each.eventId === event && /there/.test(each.body));
  assert.equal(seen.sender, alice.userId);
  const own = slack.say(channel, 'said in Slack');
  const { eventId } = await bob.waitForText(room, 'said in Slack');
  await alice.edit(room, eventId, 'changed in Matrix');
  await slack.waitFor(channel, (each) => each.ts === own && shown(each) === 'changed in Matrix');
  slack.say(channel, 'all was told');
  await bob.waitForText(room, 'all was told');
  assert.equal(replaced() - before, 3);
});

test('the topic that they set in Slack, and what they pin, is theirs in the room, where they have the power', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = linked;
  const senderOf = async (type: string, holds: string): Promise<string | undefined> => {
    const seen = () =>
      bob
        .room(room)
        .events()
        .findLast((event) => event.type === type && JSON.stringify(event.content).includes(holds));
    await bob.waitFor(room, () => seen());
    return seen()?.sender;
  };
  slack.control.setTopic({ channel: channel.id, user: slack.ann, topic: 'of Ann' });
  assert.equal(await senderOf('m.room.topic', 'of Ann'), alice.userId);
  slack.control.setTopic({ channel: channel.id, user: slack.ben, topic: 'of Ben' });
  assert.equal(await senderOf('m.room.topic', 'of Ben'), scene.bot);
  const ts = slack.say(channel, 'pin me');
  const { eventId } = await bob.waitForText(room, 'pin me');
  slack.control.pin({ channel: channel.id, ts, user: slack.ann });
  assert.equal(await senderOf('m.room.pinned_events', eventId), alice.userId);
});

test('what they read in Matrix is marked in Slack', async () => {
  const { bob, slack } = scene;
  const { room, channel } = linked;
  const ts = slack.say(channel, 'read me');
  const { eventId } = await bob.waitForText(room, 'read me');
  const path = `/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(eventId)}`;
  await bob.api.call('POST', path, { body: { thread_id: 'main' } });
  const marks = () => slack.control.log({ kind: 'api', name: 'conversations.mark' });
  await eventually(
    () => marks().some((call) => JSON.stringify(call).includes(ts)),
    () => JSON.stringify(marks()),
    15_000,
  );
});

test('a hundred messages of linked people stand once on both sides, while Slack tells of all out of order and twice', async () => {
  assert.deepEqual(await linkedTraffic(scene, linked, 50), { lost: [], doubled: [] });
});

test('who left the room is shown by their ghost, and by themselves when they are back', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = linked;
  await bob.leave(room);
  slack.say(channel, 'as a ghost', { user: slack.ben });
  const away = await alice.waitForText(room, 'as a ghost');
  assert.equal(away.sender, ghostOf(scene, slack.ben));
  await alice.invite(room, bob.userId);
  await bob.join(room);
  slack.say(channel, 'as myself', { user: slack.ben });
  const back = await alice.waitForText(room, 'as myself');
  assert.equal(back.sender, bob.userId);
  await alice.waitFor(room, (seen) => seen.members().get(away.sender)?.membership === 'leave' || undefined);
  assert.equal(new Set(textsIn()).size, textsIn().length);
});
