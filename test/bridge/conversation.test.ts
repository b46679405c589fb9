import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { ghostOf, waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';

for (const transport of ['socket', 'http'] as const) {
  describe(`with Slack's events over ${transport}`, () => {
    let scene: Scene;
    let linked: LinkedRoom;

    before(async () => {
      scene = await startScene({ transport });
      linked = await scene.linkedRoom('town');
    });
    after(() => scene?.close());
    const stage = () => ({ ...scene, ...linked });

    describe('what Ann does in Slack is seen in Matrix', () => fromSlack(stage));
    describe('what Alice does in Matrix is seen in Slack', () => fromMatrix(stage));
  });
}

type Stage = () => Scene & LinkedRoom;

function fromSlack(stage: Stage): void {
  test('an edit changes the message', async () => {
    const { slack, alice, room, channel } = stage();
    const ts = slack.say(channel, 'frist');
    const { eventId } = await alice.waitForText(room, 'frist');
    slack.control.edit({ channel: channel.id, ts, text: '*first*' });
    const seen = await waitForMessage(alice, room, (each) => each.eventId === eventId && each.edited);
    assert.equal(seen.html, '<strong>first</strong>');
  });

  test('a deletion takes the message away', async () => {
    const { slack, alice, room, channel } = stage();
    const ts = slack.say(channel, 'not for you');
    const { eventId } = await alice.waitForText(room, 'not for you');
    slack.control.delete({ channel: channel.id, ts });
    await waitUntilGone(alice, room, eventId);
  });

  test('a reply stands in the thread', async () => {
    const { slack, alice, room, channel } = stage();
    const thread = slack.say(channel, 'Who comes along?');
    slack.say(channel, 'I do', { user: slack.ben, thread });
    const root = await alice.waitForText(room, 'Who comes along?');
    const reply = await alice.waitForText(room, 'I do');
    assert.equal(reply.thread, root.eventId);
    assert.equal(reply.senderName, 'Ben');
  });

  test('a reaction is there, and goes when it is taken back', async () => {
    const { slack, alice, room, channel } = stage();
    const ts = slack.say(channel, 'It works!');
    const { eventId } = await alice.waitForText(room, 'It works!');
    const reaction = { channel: channel.id, ts, user: slack.ben, name: 'tada' };
    slack.control.react(reaction);
    const seen = await waitForMessage(
      alice,
      room,
      (each) => each.eventId === eventId && each.reactions.has('🎉'),
    );
    assert.deepEqual(seen.reactions.get('🎉'), [ghostOf(stage(), slack.ben)]);
    slack.control.unreact(reaction);
    await waitForMessage(alice, room, (each) => each.eventId === eventId && each.reactions.size === 0);
  });

  test('/me is an emote', async () => {
    const { slack, alice, room, channel } = stage();
    slack.control.postMe({ channel: channel.id, user: slack.ann, text: 'makes coffee' });
    const seen = await alice.waitForText(room, 'makes coffee');
    assert.equal(seen.kind, 'm.emote');
  });
}

function fromMatrix(stage: Stage): void {
  test('an edit changes the post, under the same name', async () => {
    const { slack, alice, room, channel } = stage();
    const event = await alice.say(room, 'secnod');
    const { ts } = await slack.waitForText(channel, 'secnod');
    await alice.edit(room, event, { body: 'second', html: '<b>second</b>' });
    const post = await slack.waitForText(channel, '*second*');
    assert.equal(post.ts, ts);
    assert.equal(post.username, 'Alice (Matrix)');
  });

  test('a redaction takes the post away', async () => {
    const { slack, alice, room, channel } = stage();
    const event = await alice.say(room, 'a slip');
    const { ts } = await slack.waitForText(channel, 'a slip');
    await alice.redact(room, event);
    await slack.waitUntil(channel, (posts) => !posts.some((post) => post.ts === ts));
  });

  test('a reply in a thread stands in the thread, on either side’s messages', async () => {
    const { slack, alice, bob, room, channel } = stage();
    const root = await alice.say(room, 'Lunch?');
    const { ts } = await slack.waitForText(channel, 'Lunch?');
    slack.say(channel, 'Yes', { thread: ts });
    assert.equal((await alice.waitForText(room, 'Yes')).thread, root);
    await bob.sayInThread(room, root, 'Me too');
    const post = await slack.waitForText(channel, 'Me too');
    assert.equal(post.thread_ts, ts);
    assert.equal(shown(post), 'Me too');
  });

  test('a reaction is there, once for all, and goes with the last who takes it back', async () => {
    const { slack, alice, bob, room, channel } = stage();
    const ts = slack.say(channel, 'New bikes');
    const { eventId } = await alice.waitForText(room, 'New bikes');
    const [ofAlice, ofBob] = [await alice.react(room, eventId, '👍'), await bob.react(room, eventId, '👍')];
    const names = () =>
      slack
        .posts(channel)
        .find((post) => post.ts === ts)
        ?.reactions?.map(({ name }) => name);
    await slack.waitUntil(channel, () => names()?.includes('+1'));
    await alice.redact(room, ofAlice);
    // Another message behind it: when that is there, the redaction before it was handled.
    await alice.say(room, 'taken back by Alice');
    await slack.waitForText(channel, 'taken back by Alice');
    assert.deepEqual(names(), ['+1']);
    await bob.redact(room, ofBob);
    await slack.waitUntil(channel, () => names() === undefined);
  });

  test('nothing comes back: each message is in each place once', async () => {
    const { slack, alice, room, channel } = stage();
    await alice.say(room, 'the last word of Alice');
    await slack.waitForText(channel, 'the last word of Alice');
    slack.say(channel, 'the last word of Ann');
    await alice.waitForText(room, 'the last word of Ann');
    await slack.control.idle({});
    const inMatrix = alice
      .room(room)
      .messages()
      .map(({ body }) => body);
    const inSlack = slack.posts(channel).map(shown);
    for (const text of ['the last word of Alice', 'the last word of Ann']) {
      assert.equal(inMatrix.filter((body) => body === text).length, 1);
      assert.equal(inSlack.filter((each) => each === text).length, 1);
    }
  });
}
