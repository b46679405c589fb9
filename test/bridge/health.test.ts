import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command } from '../support/bridge/matrix-side.ts';
import { pngImage } from '../support/bridge/png-image.ts';
import { readMetrics, readReadiness, waitForMetric, waitForReadiness } from '../support/bridge/web-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

test('/healthz answers while the process lives', async () => {
  const response = await fetch(`${scene.webUrl}/healthz`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { ok: true });
});

test('/readyz names each part when all are well', async () => {
  const { status, ok, parts } = await readReadiness(scene.webUrl);
  assert.equal(status, 200);
  assert.equal(ok, true);
  const workspace = `slack ${scene.slack.team.id} (Acme)`;
  assert.deepEqual(Object.keys(parts).toSorted(), ['database', 'homeserver', workspace]);
  assert.ok(Object.values(parts).every((part) => part.ok));
});

test('/metrics counts what went each way', async () => {
  const before = await readMetrics(scene.webUrl);
  scene.slack.say(linked.channel, 'One for the counter');
  await scene.alice.waitForText(linked.room, 'One for the counter');
  await scene.alice.say(linked.room, 'And one back');
  await scene.slack.waitForText(linked.channel, 'And one back');
  for (const direction of ['to_matrix', 'to_slack']) {
    const labels = { direction, kind: 'message' };
    const counted = before.value('bridged_total', labels) + 1;
    await waitForMetric(scene.webUrl, 'bridged_total', labels, counted);
  }
  const now = await readMetrics(scene.webUrl);
  assert.equal(now.value('portals', { status: 'live' }), 1);
  assert.equal(now.value('homeserver_up'), 1);
  assert.equal(now.value('database_up'), 1);
  assert.equal(now.value('team_up', { team: scene.slack.team.id }), 1);
});

test('Slack gets the picture of a person in Matrix, and none that the bridge did not show it', async () => {
  const { alice, slack } = scene;
  const avatar = await alice.upload(pngImage, 'image/png', 'alice.png');
  await alice.setAvatar(avatar);
  await alice.waitFor(linked.room, (room) => room.members().get(alice.userId)?.avatar);
  await alice.say(linked.room, 'This is my face');
  const { icons = {} } = await slack.waitForText(linked.channel, 'This is my face');
  const address = new URL(Object.values(icons)[0] ?? '');
  assert.equal(address.origin, scene.webUrl);

  const picture = await fetch(address);
  assert.equal(picture.status, 200);
  assert.equal(picture.headers.get('content-type'), 'image/png');
  const etag = picture.headers.get('etag') ?? '';
  assert.equal((await fetch(address, { headers: { 'if-none-match': etag } })).status, 304);

  const other = await alice.upload(pngImage, 'image/png', 'private.png');
  const guessed = new URL(
    address.pathname.replace(avatar.slice('mxc://'.length), other.slice('mxc://'.length)),
    address,
  );
  assert.notEqual(guessed.href, address.href);
  assert.equal((await fetch(guessed)).status, 404);
});

test('a revoked token is named by /readyz and in the room, and all goes on once it is valid again', async () => {
  const { slack, alice, webUrl } = scene;
  const workspace = `slack ${slack.team.id} (Acme)`;
  slack.control.revokeTokens({});
  const { status, parts } = await waitForReadiness(webUrl, ({ ok }) => !ok);
  assert.equal(status, 503);
  assert.equal(parts[workspace]?.ok, false);
  assert.match(parts[workspace]?.reason ?? '', /token .*was revoked/);
  assert.equal(parts['database']?.ok, true);
  assert.equal(parts['homeserver']?.ok, true);
  await alice.waitForText(linked.room, /token .* was revoked/);
  assert.equal((await readMetrics(webUrl)).value('team_up', { team: slack.team.id }), 0);
  assert.equal((await fetch(`${webUrl}/healthz`)).status, 200);
  await alice.say(linked.room, 'Can you hear me?');

  slack.control.restoreTokens({});
  await waitForReadiness(webUrl, ({ ok }) => ok);
  await slack.waitForText(linked.channel, 'Can you hear me?');
  assert.match((await command(alice, linked.room, '!slack status')).body, /: live/);
});
