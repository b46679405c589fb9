import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene({ config: { permissions: { localhost: 'relay' } } });
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

test('who may only write is bridged', async () => {
  await scene.bob.say(linked.room, 'hello from Bob');
  const post = await scene.slack.waitForText(linked.channel, 'hello from Bob');
  assert.equal(post.username, 'Bob (Matrix)');
});

test('who may only write is told so when giving commands, and whom to ask', async () => {
  const answer = await command(scene.bob, linked.room, '!slack unlink');
  assert.match(
    answer.body,
    /You need the bridge's permission “user” for this, and have “relay”\. Ask the administrator/,
  );
});

test('the bot declines the invitation of who may only write', async () => {
  const { bob, bot } = scene;
  const room = await bob.createRoom({ invite: [bot] });
  await bob.waitFor(room, (seen) => seen.members().get(bot)?.membership === 'leave' || undefined);
});

test('whom the administrator shuts out is told with each message that it did not go across', async () => {
  const { alice, bob, bridge, slack } = scene;
  await permit(bob.userId, 'none');
  await bridge.restart();
  const event = await bob.say(linked.room, 'is this still on?');
  const notice = await bob.waitFor(linked.room, (room) =>
    room.messages().find(({ replyTo }) => replyTo === event),
  );
  assert.match(notice.body, /the bridge is not open to your account\. Ask its administrator/);
  await alice.say(linked.room, 'it is for me');
  await slack.waitForText(linked.channel, 'it is for me');
  assert.ok(!slack.posts(linked.channel).some(({ text }) => text.includes('is this still on?')));
});

/** As an administrator does in config.yaml. */
async function permit(user: string, permission: string): Promise<void> {
  const config: unknown = parse(await readFile(scene.configFile, 'utf8'));
  assert.ok(typeof config === 'object' && config !== null && 'permissions' in config);
  const { permissions } = config;
  assert.ok(typeof permissions === 'object');
  await writeFile(
    scene.configFile,
    stringify({ ...config, permissions: { ...permissions, [user]: permission } }),
  );
}
