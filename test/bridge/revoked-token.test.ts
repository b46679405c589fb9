import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { waitForReadiness } from '../support/bridge/web-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

test('a bridge that is started while a workspace’s token is revoked says so, and goes on when it works again', async () => {
  const { alice, bridge, slack, webUrl } = scene;
  const { room, channel } = linked;
  await bridge.stop();
  slack.control.revokeTokens({});
  await alice.say(room, 'written meanwhile');
  const ready = bridge.start(); // only when the workspace can be used
  const notice = await alice.waitForText(room, /^The bridge to Slack is paused/, 60_000);
  assert.match(notice.body, /workspace Acme can't be used now: .*revoked.* Install the app again/);
  const { parts } = await waitForReadiness(webUrl, (each) => !each.ok);
  assert.match(parts[`slack ${slack.team.id} (Acme)`]?.reason ?? '', /revoked/);

  slack.control.restoreTokens({});
  await ready;
  await alice.waitForText(room, /^The bridge to Slack goes on/, 30_000);
  await slack.waitForText(channel, 'written meanwhile', 30_000);
});
