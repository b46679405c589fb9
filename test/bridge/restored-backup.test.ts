import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { backUp } from '../faults/restore/backup.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { waitForMessage } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';

let scene: Scene;

before(async () => {
  scene = await startScene();
});
after(async () => {
  await scene?.close();
});

/** Twice the usual: the bridge has a start and a comparison before it. */
const patience = 60_000;

function textsInRoom({ room }: LinkedRoom): readonly string[] {
  return scene.alice
    .room(room)
    .messages()
    .filter(({ kind }) => kind === 'm.text')
    .map(({ body }) => body);
}

test('after a restored backup what was done since is known again: changes find it, and nothing comes twice', async () => {
  const { slack, alice, bob, bridge, databaseUrl } = scene;
  const linked = await scene.linkedRoom('town');
  const { room, channel } = linked;
  await bridge.stop();
  const backup = await backUp(databaseUrl);
  await bridge.start();

  slack.say(channel, 'kept in Slack');
  const changed = slack.say(channel, 'to be changed in Slack');
  slack.say(channel, 'an answer in Slack', { thread: changed });
  const removed = slack.say(channel, 'to be removed in Slack');
  slack.control.react({ channel: channel.id, ts: changed, user: slack.ann, name: 'tada' });
  await alice.say(room, 'kept in Matrix');
  const mine = await alice.say(room, 'to be changed in Matrix');
  const gone = await alice.say(room, 'to be removed in Matrix');
  await bob.react(room, mine, '👍');
  const kept = await alice.say(room, 'liked for a while in Matrix');
  const forAWhile = await bob.react(room, kept, '🎉');
  const liked = waitForMessage(alice, room, ({ reactions }) => reactions.has('🎉'), patience);
  await slack.waitForText(channel, 'to be removed in Matrix', patience);
  await slack.waitFor(channel, ({ reactions }) => reactions?.some(({ name }) => name === '+1'), patience);
  await slack.waitFor(
    channel,
    (post) => shown(post) === 'liked for a while in Matrix' && (post.reactions ?? []).length === 1,
    patience,
  );
  await alice.waitForText(room, 'to be removed in Slack', patience);
  await alice.waitForText(room, 'an answer in Slack', patience);
  await liked;
  await bridge.kill();
  await backup.restore();

  slack.control.edit({ channel: channel.id, ts: changed, text: 'changed in Slack' });
  slack.control.delete({ channel: channel.id, ts: removed });
  slack.control.unreact({ channel: channel.id, ts: changed, user: slack.ann, name: 'tada' });
  slack.say(channel, 'said meanwhile in Slack');
  slack.control.giveUpEvents({}); // only the history tells of these
  await alice.edit(room, mine, 'changed in Matrix');
  await alice.redact(room, gone);
  await bob.redact(room, forAWhile);
  await alice.say(room, 'said meanwhile in Matrix');
  await bridge.start();

  await slack.waitForText(channel, 'said meanwhile in Matrix', patience);
  await alice.waitForText(room, 'said meanwhile in Slack', patience);
  const inSlack = [
    'kept in Matrix',
    'changed in Matrix',
    'liked for a while in Matrix',
    'said meanwhile in Matrix',
  ];
  const inRoom = ['kept in Slack', 'changed in Slack', 'an answer in Slack', 'said meanwhile in Slack'];
  const theirs = (texts: readonly string[], side: string): readonly string[] =>
    texts.filter((text) => text.endsWith(side)).toSorted();
  const postsOf = (): readonly string[] => theirs(slack.posts(channel).map(shown), 'in Matrix');
  const copiesOf = (): readonly string[] => theirs(textsInRoom(linked), 'in Slack');
  await eventually(
    () => !postsOf().includes('to be removed in Matrix') && postsOf().includes('changed in Matrix'),
    () => postsOf().join(', '),
    patience,
  );
  await eventually(
    () => !copiesOf().includes('to be removed in Slack') && copiesOf().includes('changed in Slack'),
    () => copiesOf().join(', '),
    patience,
  );
  assert.deepEqual(postsOf(), inSlack.toSorted());
  assert.deepEqual(copiesOf(), inRoom.toSorted());
  await slack.waitFor(
    channel,
    (post) => shown(post) === 'liked for a while in Matrix' && (post.reactions ?? []).length === 0,
    patience,
  );
  await waitForMessage(
    alice,
    room,
    ({ body, reactions }) => body === 'changed in Slack' && reactions.size === 0,
    patience,
  );
  const post = slack.posts(channel).find((each) => shown(each) === 'changed in Matrix');
  assert.deepEqual(
    post?.reactions?.map(({ name }) => name),
    ['+1'],
  );
  await backup.drop();
});
