import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { shown } from '../support/bridge/slack-side.ts';

let scene: Scene;
let town: LinkedRoom;

before(async () => {
  scene = await startScene({
    config: { files: { largest_mb: 0.09, person_mb_per_day: 0.1, portal_mb_per_day: 10 } },
  });
  town = await scene.linkedRoom('town');
});
after(() => scene?.close());

function sendFromSlack(user: string, name: string, size: number): void {
  scene.slack.control.post({ channel: town.channel.id, user, text: '', files: [{ name, size }] });
}

async function arrived(name: string): Promise<void> {
  await scene.alice.waitFor(town.room, (room) =>
    room.messages().find(({ content }) => content['filename'] === name && content['url'] !== undefined),
  );
}

test('who has sent as much as they may in a day is shown with the limit and when there is room again; others go on', async () => {
  const { slack, alice } = scene;
  sendFromSlack(slack.ann, 'one.bin', 60_000);
  await arrived('one.bin');
  sendFromSlack(slack.ann, 'two.bin', 60_000);
  const { body } = await alice.waitForText(town.room, /two\.bin/);
  assert.match(
    body,
    /two\.bin \(60 KB\).*more than one person may send in 24 hours \(100 KB\); there is room for it from \d{4}-\d\d-\d\d \d\d:\d\d UTC on/,
  );
  sendFromSlack(slack.ben, 'three.bin', 60_000);
  await arrived('three.bin');
});

test('a file of Matrix that is too large is a name and a link in Slack, and its sender reads why', async () => {
  const { slack, alice } = scene;
  const bytes = new Uint8Array(95_000);
  const url = await alice.upload(bytes, 'application/octet-stream', 'large.bin');
  const info = { mimetype: 'application/octet-stream', size: bytes.length };
  await alice.send(town.room, { msgtype: 'm.file', body: 'large.bin', url, info });
  const post = await slack.waitForText(town.channel, /large\.bin/);
  assert.match(shown(post), /large\.bin \(95 KB\)/);
  assert.equal(post.files, undefined);
  await alice.waitForText(town.room, /large\.bin \(95 KB\): too large for this bridge: at most 90 KB/);
});
