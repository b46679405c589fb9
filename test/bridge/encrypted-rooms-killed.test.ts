import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { reads } from '../support/crypto/encrypted-scene.ts';
import { startKillableScene, writeThroughKills } from './support/killed-at-commits.ts';
import type { KillableScene } from './support/killed-at-commits.ts';

let killable: KillableScene;

before(async () => {
  killable = await startKillableScene();
});
after(() => killable?.close());

test('killed again and again at its crypto stores’ commits, the bridge keeps all messages readable', async () => {
  const { scene } = killable;
  const linked = await scene.encryptedRoom('mill');
  const kills = await writeThroughKills(killable, linked, { messages: 30, kills: 6, patience: 90_000 });
  assert.ok(kills > 0, 'it was killed');
  scene.slack.say(linked.channel, 'after all that');
  for (const person of [scene.alice, scene.bob, scene.stella])
    await reads(person, linked.room, 'after all that');
});
