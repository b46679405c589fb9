import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { matrixUser } from '../../sandbox/matrix-user.ts';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { linkPerson } from '../bridge/support/link-person.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { ghostOf, waitForMessage } from '../support/bridge/matrix-side.ts';
import { startFederatedPair } from '../support/federation.ts';
import type { FederatedPair } from '../support/federation.ts';
import { homeserverVariable } from '../support/synapse.ts';

/** Zoe's account is on another homeserver than the bridge's; in Slack she is Ben. */
let pair: FederatedPair;
let scene: Scene;
let linked: LinkedRoom;
let zoe: MatrixUser;
const named = process.env[homeserverVariable];

before(async () => {
  pair = await startFederatedPair(1, (line) => console.error(line));
  process.env[homeserverVariable] = pair.here.file;
  scene = await startScene();
  linked = await scene.linkedRoom('town');
  const session = await pair.elsewhere.registerUser('zoe', { displayName: 'Zoe' });
  zoe = matrixUser({ url: pair.elsewhere.url, ...session });
  await scene.alice.invite(linked.room, zoe.userId);
  await zoe.waitForInvitation();
  await zoe.join(linked.room);
  await linkPerson(scene, { matrix: zoe.userId, slack: scene.slack.ben });
});

after(async () => {
  await zoe?.stop();
  await scene?.close();
  await pair?.stop();
  if (named === undefined) delete process.env[homeserverVariable];
  else process.env[homeserverVariable] = named;
});

test('a linked person of another homeserver writes in Slack as themselves', async () => {
  await zoe.say(linked.room, 'from afar');
  const post = await scene.slack.waitForText(linked.channel, 'from afar');
  assert.equal(post.user, scene.slack.ben);
});

test('what they write in Slack is said by their ghost: nobody here can act as them', async () => {
  const { alice, slack } = scene;
  slack.say(linked.channel, 'from Slack', { user: slack.ben });
  const seen = await alice.waitForText(linked.room, 'from Slack');
  assert.equal(seen.sender, ghostOf(scene, slack.ben));
  await zoe.waitForText(linked.room, 'from Slack');
});

test('who mentions them in Slack mentions their own account', async () => {
  const { alice, slack } = scene;
  slack.say(linked.channel, `<@${slack.ben}> please`);
  const seen = await waitForMessage(alice, linked.room, ({ body }) => body.endsWith('please'));
  assert.ok(seen.html?.includes(zoe.userId), seen.html);
});
