import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
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

/** What Alice's client shows of a member of the room. */
function memberOf(user: string) {
  return scene.alice.room(linked.room).members().get(user);
}

test('a ghost takes a new name without a new message', async () => {
  const { slack, alice } = scene;
  slack.say(linked.channel, 'I am Ann');
  await alice.waitForText(linked.room, 'I am Ann');
  const ghost = ghostOf(scene, slack.ann);
  assert.equal(memberOf(ghost)?.name, 'Ann');
  slack.control.updateUser({ user: slack.ann, displayName: 'Ann Archer' });
  await alice.waitFor(linked.room, (room) => room.members().get(ghost)?.name === 'Ann Archer' || undefined);
});
