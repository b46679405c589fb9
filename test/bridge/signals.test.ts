import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { complete } from '../support/bridge/arrival.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { startTraffic } from '../support/bridge/traffic.ts';

let scene: Scene;
let rooms: readonly LinkedRoom[];

before(async () => {
  scene = await startScene();
  scene.slack.control.settings({ retryDelaysMs: [0, 2_000, 4_000, 15_000] }); // a restart takes less than Slack's own
  rooms = [await scene.linkedRoom('one'), await scene.linkedRoom('two')];
});
after(() => scene?.close());

const messages = 80;

test('stopped under load, the bridge ends within ten seconds, and loses, doubles and swaps nothing', async () => {
  const traffic = startTraffic(scene, rooms, messages);
  await eventually(
    () => traffic.inSlack() >= 10 && traffic.inMatrix() >= 10,
    () => `${traffic.inSlack()} arrived in Slack, ${traffic.inMatrix()} in Matrix.`,
  );
  const asked = performance.now();
  assert.equal(await scene.bridge.stop(), 0);
  assert.ok(performance.now() - asked < 10_000);
  assert.ok(
    traffic.inSlack() < messages || traffic.inMatrix() < messages,
    'the signal came amidst the traffic',
  );
  assert.match(await scene.log(), /stopping.*SIGTERM/);
  await scene.bridge.start();
  await traffic.written;
  const { toSlack, toMatrix } = await traffic.settled(60_000);
  assert.deepEqual(toSlack, [complete, complete]);
  assert.deepEqual(toMatrix, [complete, complete]);
});

test('a second signal ends it at once, and what was under way is there just once after the restart', async () => {
  const { alice, slack, bridge } = scene;
  const { room, channel } = await scene.linkedRoom('slow');
  slack.control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', count: 1 },
    fault: { type: 'slow', ms: 15_000 },
  });
  await alice.say(room, 'On its way at the signal');
  await slack.waitForText(channel, 'On its way at the signal');
  process.kill(bridge.pid(), 'SIGTERM');
  await sleep(500);
  const asked = performance.now();
  assert.equal(await bridge.stop(), 1);
  assert.ok(performance.now() - asked < 2_000);
  assert.match(await scene.log(), /ending at once/);

  slack.control.clearFaults({});
  await bridge.start();
  await alice.say(room, 'After the restart');
  await slack.waitForText(channel, 'After the restart', 40_000);
  const posted = slack
    .posts(channel)
    .map(shown)
    .filter((text) => text.endsWith('signal'));
  assert.deepEqual(posted, ['On its way at the signal']);
});
