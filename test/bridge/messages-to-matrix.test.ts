import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

test('what Ann writes in Slack is read in Matrix under her name and with her picture', async () => {
  const { slack, alice } = scene;
  slack.say(linked.channel, 'Hello *world*');
  const seen = await alice.waitForText(linked.room, /Hello/);
  assert.equal(seen.senderName, 'Ann');
  assert.ok(seen.senderAvatar);
  console.log(seen);
  await alice.say(linked.room, 'Hello back');
  console.log(await slack.waitForText(linked.channel, 'Hello back'));
});
