import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { backUp } from '../faults/restore/backup.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { filesIn, waitForFile } from '../support/bridge/files.ts';
import type { SeenFile } from '../support/bridge/files.ts';
import { editOf } from '../../sandbox/matrix-user/compose.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { pngImage } from '../support/bridge/png-image.ts';
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

/** Where both sides show the same files as before: nothing is brought a second time. */
async function captionsAreEdited(
  { room, channel }: LinkedRoom,
  { ts, file }: { readonly ts: string; readonly file: SeenFile },
  picture: string,
): Promise<void> {
  const { alice, slack } = scene;
  slack.control.edit({ channel: channel.id, ts, text: 'a lake at night' });
  const shows = ({ message: { body } }: SeenFile): boolean => body === 'a lake at night';
  const changed = await alice.waitFor(room, () => filesIn(alice, room).find(shows), patience);
  assert.equal(changed.url, file.url);
  const before = slack.posts(channel).find(({ files }) => files?.[0]?.name === 'kept.png');
  const { content } =
    alice
      .room(room)
      .messages()
      .find(({ eventId }) => eventId === picture) ?? {};
  const caption = { ...content, body: 'kept for ever', filename: 'kept.png' };
  await alice.send(room, editOf(picture, caption));
  const after = await slack.waitFor(channel, (post) => shown(post) === 'kept for ever', patience);
  assert.deepEqual([after.ts, after.files?.[0]?.id], [before?.ts, before?.files?.[0]?.id]);
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
  const pictures = await Promise.all(
    ['kept.png', 'removed.png'].map(async (body) => {
      const url = await alice.upload(pngImage, 'image/png', body);
      const info = { mimetype: 'image/png', size: pngImage.length };
      return alice.send(room, { msgtype: 'm.image', body, url, info });
    }),
  );
  const { ts: shared } = slack.control.post({
    channel: channel.id,
    user: slack.ann,
    text: 'a lake',
    files: [{ name: 'lake.png', picture: { width: 40, height: 30 } }],
  });
  const lake = await waitForFile(alice, room, 'lake.png', patience);
  const filesIn = (): readonly string[] =>
    slack
      .posts(channel)
      .filter(({ ts }) => ts !== shared)
      .flatMap(({ files = [] }) => files.map(({ name }) => name ?? ''));
  await slack.waitForText(channel, 'to be removed in Matrix', patience);
  await slack.waitUntil(channel, () => filesIn().length === 2, patience);
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
  await alice.redact(room, pictures[1] ?? '');
  await slack.waitUntil(channel, () => filesIn().join() === 'kept.png', patience);
  await captionsAreEdited(linked, { ts: shared, file: lake }, pictures[0] ?? '');
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

test('a reaction that the backup knows, taken back since, is as it is in Slack: given again, or not known any more', async () => {
  const { slack, alice, bridge, databaseUrl } = scene;
  const { room, channel } = await scene.linkedRoom('moor');
  const [again, unheard] = ['given again', 'given again unheard'].map((text) => {
    const ts = slack.say(channel, text);
    return { text, reaction: { channel: channel.id, ts, user: slack.ben, name: 'tada' } };
  });
  assert.ok(again && unheard);
  const waitFor = (wanted: string, size: number) =>
    waitForMessage(
      alice,
      room,
      ({ body, reactions }) => body === wanted && reactions.size === size,
      patience,
    );
  const both = async (size: number): Promise<void> => {
    for (const { text, reaction } of [again, unheard]) {
      if (size === 0) slack.control.unreact(reaction);
      else slack.control.react(reaction);
      await waitFor(text, size);
    }
  };
  await both(1);
  await bridge.stop();
  const backup = await backUp(databaseUrl);
  await bridge.start();
  await both(0);
  slack.control.react(again.reaction);
  await waitFor(again.text, 1);
  await bridge.kill();
  await backup.restore();
  slack.control.react(unheard.reaction);
  slack.control.giveUpEvents({});
  await bridge.start();

  await waitFor(unheard.text, 1);
  slack.control.unreact(again.reaction);
  await waitFor(again.text, 0);
  await backup.drop();
});

/** Whether a line says all of this. */
function isAbout(text: unknown, ...words: readonly string[]): boolean {
  return String(text)
    .split('\n')
    .some((line) => words.every((word) => line.includes(word)));
}

test('what Slack tells again after a restored backup, but not that it was taken back since, goes again', async () => {
  const { slack, alice, bridge, databaseUrl } = scene;
  const linked = await scene.linkedRoom('country');
  const { room, channel } = linked;
  const root = slack.say(channel, 'a root');
  const { eventId } = await alice.waitForText(room, 'a root');
  await bridge.stop();
  const backup = await backUp(databaseUrl);
  await bridge.start();

  const fault = { type: 'reorder', events: 3, ms: 600_000 } as const;
  slack.control.addFault({ on: 'event', match: { eventType: 'reaction_added', count: 1 }, fault });
  slack.control.addFault({ on: 'event', match: { eventType: 'message', count: 1 }, fault });
  const reaction = { channel: channel.id, ts: root, user: slack.ben, name: 'tada' };
  slack.control.react(reaction);
  const gone = slack.say(channel, 'gone by then');
  slack.control.unreact(reaction);
  slack.control.delete({ channel: channel.id, ts: gone });
  const isHeard = (words: string): boolean =>
    slack.control
      .log({ kind: 'event', limit: 2_000 })
      .some(({ outcome, details }) => outcome === 'ok' && isAbout(details['body'], channel.id, words));
  await eventually(
    () => isHeard('reaction_removed') && isHeard('message_deleted'),
    () => 'The bridge did not hear of it.',
    patience,
  );
  await bridge.kill();
  await backup.restore();
  await bridge.start();
  await eventually(
    async () => isAbout(await scene.log(), 'was compared with its backup', room),
    () => 'The portal was not compared.',
    patience,
  );
  for (const text of ['one', 'two', 'three']) slack.say(channel, text); // what was held back comes behind these

  const copy = await alice.waitForText(room, 'gone by then', patience);
  await waitUntilGone(alice, room, copy.eventId, patience);
  await waitForMessage(
    alice,
    room,
    (each) => each.eventId === eventId && each.reactions.size === 0,
    patience,
  );
  await backup.drop();
});
