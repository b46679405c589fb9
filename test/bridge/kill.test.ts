import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { Scene } from '../support/bridge.ts';
import { complete } from '../support/bridge/arrival.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { startTraffic } from '../support/bridge/traffic.ts';
import type { Traffic } from '../support/bridge/traffic.ts';

let scene: Scene;

before(async () => {
  scene = await startScene();
});
after(() => scene?.close());

/** A post under way at the kill is left alone until its call is over for sure, 20 s later. */
const patience = 60_000;

async function killAmidst(name: string, moment: (traffic: Traffic) => boolean): Promise<void> {
  const rooms = [
    await scene.linkedRoom(`${name}-one`),
    await scene.linkedRoom(`${name}-two`),
    await scene.linkedRoom(`${name}-three`),
  ];
  const traffic = startTraffic(scene, rooms, 200);
  await eventually(
    () => moment(traffic),
    () => 'The moment to kill the bridge did not come.',
    patience,
    100,
  );
  await scene.bridge.kill('SIGKILL');
  assert.ok(traffic.inSlack() < 200 || traffic.inMatrix() < 200, 'the kill came amidst the traffic');
  await scene.bridge.start();
  await traffic.written;
  const { toSlack, toMatrix } = await traffic.settled(patience);
  assert.deepEqual(toSlack, [complete, complete, complete]);
  assert.deepEqual(toMatrix, [complete, complete, complete]);
}

test('killed early amidst 200 messages each way, the bridge loses, doubles and swaps none', async () => {
  await killAmidst('early', (traffic) => traffic.inSlack() >= 20 && traffic.inMatrix() >= 20);
});

test('killed late amidst 200 messages each way, the bridge loses, doubles and swaps none', async () => {
  await killAmidst('late', (traffic) => traffic.inSlack() >= 120);
});
