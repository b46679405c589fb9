import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;

/** Messages from before the restart, by what is done to them after it. */
let fromSlack: Readonly<
  Record<'edited' | 'deleted' | 'reacted', { readonly ts: string; readonly event: string }>
>;
let fromMatrix: typeof fromSlack;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
  fromSlack = {
    edited: await writtenInSlack('Ann will edit this'),
    deleted: await writtenInSlack('Ann will delete this'),
    reacted: await writtenInSlack('Alice will react to this'),
  };
  fromMatrix = {
    edited: await writtenInMatrix('Alice will edit this'),
    deleted: await writtenInMatrix('Alice will redact this'),
    reacted: await writtenInMatrix('Ann will react to this'),
  };
  await scene.alice.react(linked.room, fromSlack.reacted.event, '👍');
  await scene.slack.waitFor(linked.channel, ({ reactions }) => reactions?.some(({ name }) => name === '+1'));
  await scene.bridge.restart();
});
after(() => scene?.close());

async function writtenInSlack(text: string) {
  const ts = scene.slack.say(linked.channel, text);
  const { eventId } = await scene.alice.waitForText(linked.room, text);
  return { ts, event: eventId };
}

async function writtenInMatrix(text: string) {
  const event = await scene.alice.say(linked.room, text);
  const { ts } = await scene.slack.waitForText(linked.channel, text);
  return { ts, event };
}

test('after a restart, an edit and a deletion in Slack still find their messages', async () => {
  const { slack, alice } = scene;
  const channel = linked.channel.id;
  slack.control.edit({ channel, ts: fromSlack.edited.ts, text: 'Ann has edited this' });
  slack.control.delete({ channel, ts: fromSlack.deleted.ts });
  const seen = await waitForMessage(
    alice,
    linked.room,
    ({ eventId, edited }) => eventId === fromSlack.edited.event && edited,
  );
  assert.equal(seen.body, 'Ann has edited this');
  await waitUntilGone(alice, linked.room, fromSlack.deleted.event);
});

test('after a restart, an edit and a redaction in Matrix still find their posts', async () => {
  const { slack, alice } = scene;
  await alice.edit(linked.room, fromMatrix.edited.event, 'Alice has edited this');
  await alice.redact(linked.room, fromMatrix.deleted.event);
  assert.equal((await slack.waitForText(linked.channel, 'Alice has edited this')).ts, fromMatrix.edited.ts);
  await slack.waitUntil(linked.channel, (posts) => !posts.some(({ ts }) => ts === fromMatrix.deleted.ts));
});

test('after a restart, reactions find their messages on both sides, and old ones are taken back', async () => {
  const { slack, alice } = scene;
  const channel = linked.channel.id;
  slack.control.react({ channel, ts: fromMatrix.reacted.ts, user: slack.ann, name: 'eyes' });
  await waitForMessage(
    alice,
    linked.room,
    ({ eventId, reactions }) => eventId === fromMatrix.reacted.event && reactions.has('👀'),
  );
  const reaction = alice
    .room(linked.room)
    .events()
    .find(({ type, sender }) => type === 'm.reaction' && sender === alice.userId);
  await alice.redact(linked.room, reaction?.event_id ?? '');
  await slack.waitUntil(linked.channel, (posts) =>
    posts.every(({ reactions = [] }) => !reactions.some(({ name }) => name === '+1')),
  );
});

test('what is written while the bridge is away arrives when it is back', async () => {
  const { slack, alice, bridge } = scene;
  await bridge.stop();
  slack.say(linked.channel, 'Is the bridge away?');
  await alice.say(linked.room, 'It seems so');
  await bridge.start();
  await alice.waitForText(linked.room, 'Is the bridge away?', 30_000);
  await slack.waitForText(linked.channel, 'It seems so', 30_000);
});

test('a link is still there after a restart, and so is what was chosen for it', async () => {
  const { alice, bridge } = scene;
  await command(alice, linked.room, '!slack set notices on');
  await bridge.restart();
  const { body } = await command(alice, linked.room, '!slack status');
  assert.match(body, /#town in Acme.*: live/s);
  assert.match(body, /notices: on/);
});
