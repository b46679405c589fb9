import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { linkPerson } from '../bridge/support/link-person.ts';
import { linkedTraffic } from '../bridge/support/linked-traffic.ts';
import { startScene } from '../support/bridge.ts';
import type { Scene } from '../support/bridge.ts';

let scene: Scene;

before(async () => {
  scene = await startScene();
});
after(() => scene?.close());

test('a thousand messages of linked people stand once on both sides', async () => {
  const { alice, bob, slack } = scene;
  const linked = await scene.linkedRoom('town');
  await linkPerson(scene, { matrix: alice.userId, slack: slack.ann });
  await linkPerson(scene, { matrix: bob.userId, slack: slack.ben });
  assert.deepEqual(await linkedTraffic(scene, linked, 500), { lost: [], doubled: [] });
});
