import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, Uncertain } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { textDoc } from '../../src/format/doc.ts';
import { appId, eventId } from '../../src/ids.ts';
import { handleUntilDone } from './support/handle.ts';
import { wordedFile } from './support/slack-files.ts';
import { ourApp } from './support/recorded-slack.ts';
import type { World } from './support/world.ts';
import { ann, makeTurn, makeWorld, matrixMessage, room, slackMessage } from './support/world.ts';

const words = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ');
const long = matrixMessage('$long', words, { text: textDoc(words) });
const sender = '@ann:hs (Matrix)';

function longWorld(): World {
  const world = makeWorld();
  world.slack.pieceLength = 20;
  return world;
}

function edit(text: string, at = 1): Extract<MatrixEvent, { readonly type: 'edit' }> {
  const message = matrixMessage(`$edit${at}`, text, { at: long.at + at });
  const { event, sender: by } = message;
  return { type: 'edit', event, room, sender: by, at: message.at, target: eventId('$long'), message };
}

function calls({ slack }: World): readonly string[] {
  return slack.effects.map(({ call, name, ts }) => `${call} ${name ?? ts ?? ''}`);
}

test('a text too long for ten posts is posted as its beginning and a file that holds all of it', async () => {
  const world = longWorld();
  await handleUntilDone(world, long);
  const [staged, posted, shared] = world.slack.effects;
  assert.equal(staged?.text, words);
  assert.equal(posted?.text, `${words}\n\n… The whole text is in the file.`);
  assert.deepEqual(posted?.post?.as?.name, sender);
  assert.equal(shared?.share?.files[0]?.title, `Message from ${sender}`);
  assert.equal(world.slack.effects.length, 3);
  const links = await world.links.byEvent(eventId('$long'));
  assert.deepEqual(
    links.map(({ part, piece, ts }) => [part, piece, ts]),
    [
      ['text', 0, posted?.ts],
      ['file:F1', 1, shared?.ts],
    ],
  );
});

test('its beginning is no more than people read', async () => {
  const world = longWorld();
  const many = `${'a word '.repeat(2000)}end`;
  await handleUntilDone(world, matrixMessage('$long', many));
  assert.ok((world.slack.posted()[0]?.length ?? 0) < 1600);
  assert.equal(world.slack.of('stage')[0]?.text, many);
});

test('a share that was applied although its answer was lost is found in history, and not repeated', async () => {
  const world = longWorld();
  world.slack.share = async (_place, share) => {
    world.slack.recordShare(share);
    throw new Uncertain('time out');
  };
  await handleUntilDone(world, long);
  assert.deepEqual(calls(world), ['stage message-key:$long:1.md', 'post 2000.000001', 'share F1']);
  assert.equal((await world.links.byEvent(eventId('$long')))[1]?.part, 'file:F1');
});

test('a share that never came is made again with a new file, once the old one can’t come any more', async () => {
  const world = longWorld();
  const { share } = world.slack;
  world.slack.share = async () => {
    world.slack.share = share;
    throw new Uncertain('time out');
  };
  await handleUntilDone(world, long);
  assert.deepEqual(calls(world), [
    'stage message-key:$long:1.md',
    'post 2000.000001',
    'remove-file F1',
    'stage message-key:$long:1.md',
    'share F2',
  ]);
});

test('the echo of a shared file links it, before history is asked', async () => {
  const world = longWorld();
  const { share } = world.slack;
  world.slack.findByOpKey = async () => assert.fail('the echo was there');
  world.slack.share = async (place, sharing) => {
    await share(place, sharing);
    const at = world.slack.of('share')[0]?.ts ?? '';
    const files = [wordedFile('F1', 'message.md')];
    await world.fromSlack(slackMessage(at, '', { app: appId(ourApp), files }));
  };
  await handleUntilDone(world, long);
  assert.deepEqual(calls(world), ['stage message-key:$long:1.md', 'post 2000.000001', 'share F1']);
  assert.deepEqual(world.matrix.effects, []);
});

test('where Slack takes no files it comes in as many posts as it needs', async () => {
  const world = longWorld();
  world.slack.noFiles = new CannotBridge('missing_scope', 'no');
  await handleUntilDone(world, long);
  assert.ok(world.slack.posted().length > 10);
  assert.equal(world.slack.posted().join(''), words);
});

/** A message of which Slack has the first post, and is too busy for what follows. */
async function begunWorld(noFiles?: CannotBridge): Promise<World> {
  const world = longWorld();
  world.slack.noFiles = noFiles;
  const { post, share } = world.slack;
  const busy = async () => Promise.reject(new TryLater('busy', { after: 1000, target: 'slack:T1:C1' }));
  world.slack.post = async (to, text) => (world.slack.of('post').length > 0 ? busy() : post(to, text));
  world.slack.share = busy;
  await assert.rejects(world.fromMatrix(long), TryLater);
  assert.equal(calls(world).at(-1), 'post 2000.000001');
  assert.equal(world.links.settled.at(-1)?.applied, false);
  Object.assign(world.slack, { post, share });
  return world;
}

test('where Slack takes no files, it goes on after its first post when Slack was too busy for the second', async () => {
  const world = await begunWorld(new CannotBridge('missing_scope', 'no'));
  await handleUntilDone(world, long);
  assert.ok(world.slack.posted().length > 10);
  assert.equal(world.slack.posted().join(''), words);
  assert.deepEqual(
    world.slack.of('update').map(({ ts, text }) => [ts, text]),
    [['2000.000001', world.slack.posted()[0]]],
  );
});

test('where Slack takes no files, it goes on after its first post when the process ended there', async () => {
  const world = longWorld();
  world.slack.noFiles = new CannotBridge('missing_scope', 'no');
  const { post } = world.slack;
  world.slack.post = async (to, text) => {
    await post(to, text);
    throw new Error('the process ends');
  };
  const { turn, begun } = makeTurn(world.links);
  await assert.rejects(world.portals.fromMatrix(long, turn), /the process ends/);
  world.slack.post = post;
  const opKey = begun[0]?.opKey ?? '';
  await world.fromSlack(slackMessage('2000.000001', 'the echo', { app: appId(ourApp), opKey }));
  await world.fromMatrix(long, { openAttempts: begun });
  assert.equal(world.slack.posted().join(''), words);
});

test('a message of one post so far gets its file when Slack takes files now, and its post says so', async () => {
  const world = await begunWorld(new CannotBridge('missing_scope', 'no'));
  world.slack.noFiles = undefined;
  await handleUntilDone(world, long);
  assert.deepEqual(calls(world).slice(1), ['stage message-key:$long:1.md', 'update 2000.000001', 'share F1']);
  assert.match(world.slack.of('update')[0]?.text ?? '', /The whole text is in the file/);
});

test('a message of one post so far comes in posts when Slack takes no files any more', async () => {
  const world = await begunWorld();
  world.slack.noFiles = new CannotBridge('missing_scope', 'no');
  await handleUntilDone(world, long);
  const [, ...more] = world.slack.posted();
  assert.equal([world.slack.of('update')[0]?.text, ...more].join(''), words);
  assert.deepEqual(world.slack.of('share'), []);
});

test('the file comes even where Slack doesn’t let the post before it be changed', async () => {
  const world = await begunWorld();
  world.slack.update = async () => Promise.reject(new CannotBridge('edit_window_closed', 'no'));
  await handleUntilDone(world, long);
  assert.equal(world.slack.of('share').length, 1);
});

test('a message that was begun, and edited since, isn’t gone on with', async () => {
  for (const noFiles of [undefined, new CannotBridge('missing_scope', 'no')]) {
    const world = await begunWorld(noFiles);
    await handleUntilDone(world, edit('a short text of two posts'));
    const before = world.slack.effects.length;
    await handleUntilDone(world, long); // tried again by a person
    assert.deepEqual(calls(world).slice(before), []);
  }
});

test('a begun message that was edited to one post isn’t gone on with', async () => {
  const world = await begunWorld(new CannotBridge('missing_scope', 'no'));
  await handleUntilDone(world, edit('short'));
  const before = world.slack.effects.length;
  await handleUntilDone(world, long);
  assert.deepEqual(calls(world).slice(before), []);
});

test('redacted, its beginning and its file go', async () => {
  const world = longWorld();
  await handleUntilDone(world, long);
  const before = world.slack.effects.length;
  const target = eventId('$long');
  await world.fromMatrix({ type: 'redaction', event: eventId('$r'), room, sender: ann, at: 1, target });
  assert.deepEqual(calls(world).slice(before), [
    'remove 2000.000001',
    'remove-file F1',
    'remove 2000.000002',
  ]);
  assert.ok(await world.links.isDeletedEvent(target));
});

test('edited, the beginning is changed and the file makes way for a new one', async () => {
  const world = longWorld();
  await handleUntilDone(world, long);
  const before = world.slack.effects.length;
  const changed = edit(`changed ${words}`);
  await handleUntilDone(world, changed);
  assert.deepEqual(calls(world).slice(before), [
    'stage message-key:$edit1:1.md',
    'update 2000.000001',
    'remove-file F1',
    'remove 2000.000002',
    'share F2',
  ]);
  assert.equal(world.slack.of('stage')[1]?.text, `changed ${words}`);
  await handleUntilDone(world, changed); // repeated, as after a crash before its end was committed
  assert.deepEqual(calls(world).slice(before + 5), ['update 2000.000001']);
});

test('edited to a text that fits, it is posts again; edited to a long one, posts become a file', async () => {
  const world = longWorld();
  await handleUntilDone(world, long);
  await handleUntilDone(world, edit('a short text of two posts'));
  const links = await world.links.byEvent(eventId('$long'));
  assert.deepEqual(
    links.map(({ part, piece }) => `${piece} ${part}`),
    ['0 text', '1 text'],
  );
  await handleUntilDone(world, edit(words, 2));
  const again = await world.links.byEvent(eventId('$long'));
  assert.deepEqual(
    again.map(({ part, piece }) => `${piece} ${part}`),
    ['0 text', '1 file:F2'],
  );
});
