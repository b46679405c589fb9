import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { startScene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import type { Scene } from '../support/bridge.ts';
import { command, directChat, ghostOf, waitForMessage } from '../support/bridge/matrix-side.ts';
import type { SlackChannel } from '../support/bridge/slack-side.ts';
import { directWith, newChat } from './support/direct-rooms.ts';
import { linkPerson } from './support/link-person.ts';

/** Alice and Ann are one person; Ben has no account here, and neither has Cy. */
let scene: Scene;
let cy: string;

before(async () => {
  scene = await startScene();
  const { alice, slack } = scene;
  cy = slack.control.createUser({ team: slack.team.id, name: 'cy', displayName: 'Cy' }).id ?? '';
  await linkPerson(scene, { matrix: alice.userId, slack: slack.ann });
});
after(() => scene?.close());

function textsIn(person: MatrixUser, room: string): readonly string[] {
  return person
    .room(room)
    .messages()
    .flatMap(({ body, kind }) => (kind === 'm.text' ? [body] : []));
}

function chatOf(...users: readonly string[]): SlackChannel {
  const { id } = scene.slack.control.openDirect({ users: [...users] });
  return { id, name: id };
}

test('who writes to a linked person first is in a direct room with them, with all that they said, in order and once', async () => {
  const { alice, bob, slack } = scene;
  const chat = chatOf(slack.ann, slack.ben);
  const said = Array.from({ length: 20 }, (_, index) => `psst ${index}`);
  for (const text of said) slack.say(chat, text, { user: slack.ben });
  const room = await newChat(alice, ghostOf(scene, slack.ben));
  await alice.waitForText(room, 'psst 19');
  assert.deepEqual(textsIn(alice, room), said);
  assert.deepEqual(await directWith(bob, ghostOf(scene, slack.ben)), []);
  await alice.say(room, 'what is it?');
  const post = await slack.waitForText(chat, 'what is it?');
  assert.equal(post.user, slack.ann);
  slack.say(chat, 'by hand', { user: slack.ann });
  const own = await alice.waitForText(room, 'by hand');
  assert.equal(own.sender, alice.userId);
  await alice.react(room, own.eventId, '👍');
  await slack.waitFor(chat, (each) => JSON.stringify(each).includes('+1'));
  const files = [{ name: 'lake.png', picture: { width: 20, height: 10 } }];
  slack.control.post({ channel: chat.id, user: slack.ben, text: '', files });
  const picture = await waitForMessage(alice, room, ({ body }) => body === 'lake.png');
  assert.equal(picture.kind, 'm.image');
  assert.equal(slack.posts(chat).length, 23, 'nothing came back');
});

test('“dm” opens a chat by somebody’s name', async () => {
  const { alice, slack } = scene;
  const control = await directChat(alice, scene.bot);
  const answer = await command(alice, control, 'dm Cy');
  assert.match(answer.body, /Here is your chat/);
  const room = await newChat(alice, ghostOf(scene, cy));
  await alice.say(room, 'hello Cy');
  const chat = chatOf(slack.ann, cy);
  await slack.waitForText(chat, 'hello Cy');
  slack.say(chat, 'hello Ann', { user: cy });
  await alice.waitForText(room, 'hello Ann');
});

test('a room with a ghost becomes a chat, and grows by whoever else is invited', async () => {
  const { alice, slack } = scene;
  const dan = slack.control.createUser({ team: slack.team.id, name: 'dan', displayName: 'Dan' }).id ?? '';
  const body = { preset: 'trusted_private_chat', is_direct: true, invite: [ghostOf(scene, dan)] };
  const room = z
    .object({ room_id: z.string() })
    .parse(await alice.api.call('POST', '/createRoom', { body })).room_id;
  await alice.waitFor(room, (seen) => seen.members().get(scene.bot)?.membership === 'join' || undefined);
  await alice.say(room, 'hello Dan');
  const two = chatOf(slack.ann, dan);
  await slack.waitForText(two, 'hello Dan');
  await alice.invite(room, ghostOf(scene, slack.ben));
  await alice.say(room, 'hello both');
  await alice.waitForText(room, /new conversation from here on/);
  const three = chatOf(slack.ann, slack.ben, dan);
  await slack.waitForText(three, 'hello both');
  assert.equal(slack.posts(two).length, 1);
  slack.say(three, 'hello from Ben', { user: slack.ben });
  await alice.waitForText(room, 'hello from Ben');
  slack.say(two, 'only to you', { user: dan });
  const anew = await newChat(alice, ghostOf(scene, dan), 2);
  await alice.waitForText(anew, 'only to you');
});

test('who hasn’t logged in has no chats, and learns how to get them', async () => {
  const { bob, slack } = scene;
  const body = { preset: 'trusted_private_chat', is_direct: true, invite: [ghostOf(scene, slack.ben)] };
  const room = z
    .object({ room_id: z.string() })
    .parse(await bob.api.call('POST', '/createRoom', { body })).room_id;
  await bob.waitForText(room, /logged in to Slack/);
  const control = await directChat(bob, scene.bot);
  assert.match((await command(bob, control, 'dm Cy')).body, /say “login” to me/);
  assert.match((await command(bob, control, 'status')).body, /No channel is linked/);
});

test('who writes first while the bridge is away is in a room with them when it is back', async () => {
  const { alice, bridge, slack } = scene;
  const dee = slack.control.createUser({ team: slack.team.id, name: 'dee', displayName: 'Dee' }).id ?? '';
  await bridge.stop();
  const chat = chatOf(slack.ann, dee);
  slack.control.post({ channel: chat.id, user: dee, text: 'anybody there?' });
  slack.control.post({ channel: chat.id, user: dee, text: 'hello?' });
  slack.control.giveUpEvents({});
  await bridge.start();
  const room = await eventually(
    async () =>
      (await directWith(alice, ghostOf(scene, dee))).find((each) => textsIn(alice, each).length === 2),
    () => 'Alice sees no chat with Dee.',
    30_000,
  );
  assert.deepEqual(textsIn(alice, room), ['anybody there?', 'hello?']);
});

test('a private channel is read through who is in it, and goes on through others', async () => {
  const { alice, bob, slack } = scene;
  const secret = slack.newChannel('secret', { private: true });
  const control = await directChat(alice, scene.bot);
  assert.match((await command(alice, control, 'link #secret')).body, /I read it by your account/);
  const { roomId } = await alice.waitForInvitation();
  await alice.join(roomId);
  slack.say(secret, 'among us', { user: slack.ben });
  await alice.waitForText(roomId, 'among us');
  await alice.say(roomId, 'indeed');
  await slack.waitForText(secret, 'indeed');
  await alice.invite(roomId, bob.userId);
  await bob.join(roomId);
  await bob.say(roomId, 'may I?');
  await bob.waitForText(roomId, /only people who have logged in to Slack reach it/);
  await linkPerson(scene, { matrix: bob.userId, slack: slack.ben });
  await bob.say(roomId, 'now I may');
  await slack.waitForText(secret, 'now I may');
  slack.say(secret, 'seen by both', { user: slack.ben });
  await bob.waitForText(roomId, 'seen by both');
  slack.control.leave({ channel: secret.id, user: slack.ann });
  slack.say(secret, 'without Ann', { user: slack.ben });
  await bob.waitForText(roomId, 'without Ann');
  slack.control.leave({ channel: secret.id, user: slack.ben });
  await bob.say(roomId, 'and without Ben');
  await waitForMessage(bob, roomId, ({ body }) => body.includes('is paused'));
});
