import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, Uncertain } from '../../src/errors.ts';
import { appId, eventId, matrixUserId, mxcUri, slackUserId, ts } from '../../src/ids.ts';
import { handleUntilDone } from './support/handle.ts';
import { ourApp } from './support/recorded-slack.ts';
import type { World } from './support/world.ts';
import { wordedFile } from './support/slack-files.ts';
import { ann, makeWorld, matrixMessage, place, portal, room, slackMessage } from './support/world.ts';

const annInSlack = slackUserId('UANN');
const carl = matrixUserId('@carl:hs');

function linkedWorld(): World {
  const world = makeWorld();
  world.puppets.link(ann, annInSlack);
  return world;
}

/** What was done in Slack, and by whom. */
function deeds({ slack }: World): readonly string[] {
  return slack.effects.map(({ call, by, post, share }) => {
    const name = post?.as?.name ?? share?.as?.name;
    return `${call} ${by ?? name ?? 'bot'}`;
  });
}

function notices({ matrix }: World): readonly string[] {
  return matrix.of('send').flatMap(({ text }) => (text === undefined ? [] : [text]));
}

const edit = (text: string) =>
  ({
    type: 'edit',
    event: eventId('$e'),
    room,
    sender: ann,
    at: 1,
    target: eventId('$m'),
    message: { ...matrixMessage('$e', text), at: 1_700_000_001_000 },
  }) as const;

const redaction = (target: string) =>
  ({ type: 'redaction', event: eventId('$r'), room, sender: ann, at: 1, target: eventId(target) }) as const;

const reaction = (event: string, sender = ann) =>
  ({
    type: 'reaction',
    event: eventId(event),
    room,
    sender,
    at: 1,
    target: eventId('$m'),
    key: '👍',
  }) as const;

test('what a linked person writes, changes and removes is done by their own account; others are relayed', async () => {
  const world = linkedWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(matrixMessage('$c', 'hello', { sender: carl }));
  await world.fromMatrix(edit('hello you'));
  const [link] = await world.links.byEvent(eventId('$m'));
  assert.equal(link?.postedAs, annInSlack);
  await world.fromMatrix(redaction('$m'));
  assert.deepEqual(deeds(world), ['post UANN', 'post @carl:hs (Matrix)', 'update UANN', 'remove UANN']);
  assert.equal(world.slack.effects[0]?.post?.as, undefined);
});

test('a long text goes out by their account in all its posts, and an edit makes more of them', async () => {
  const world = linkedWorld();
  world.slack.pieceLength = 3;
  await world.fromMatrix(matrixMessage('$m', 'abcdef'));
  await world.fromMatrix(edit('abcdefgh'));
  assert.deepEqual(deeds(world), ['post UANN', 'post UANN', 'update UANN', 'update UANN', 'post UANN']);
});

test('who names somebody else as the one who speaks is relayed, so that the name is seen', async () => {
  const world = linkedWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello', { speaker: { name: 'Zoe' } }));
  assert.deepEqual(deeds(world), ['post Zoe (via @ann:hs on Matrix)']);
});

test('a message whose token is found to be revoked goes out relayed, once', async () => {
  const world = linkedWorld();
  const { post } = world.slack;
  world.slack.post = (at, outgoing) => {
    if (outgoing.by === undefined) return post(at, outgoing);
    world.puppets.unlink(outgoing.by);
    return Promise.reject(new TryLater('revoked', { after: 100 }));
  };
  await handleUntilDone(world, matrixMessage('$m', 'hello'));
  assert.deepEqual(deeds(world), ['post @ann:hs (Matrix)']);
  assert.equal((await world.links.byEvent(eventId('$m')))[0]?.postedAs, 'T1');
});

test('a post of which nobody knows whether it is there stays that of the account which made it', async () => {
  const world = linkedWorld();
  const { post } = world.slack;
  let isFirst = true;
  world.slack.post = (at, outgoing) => {
    if (!isFirst) return post(at, outgoing);
    isFirst = false;
    world.slack.recordPost(outgoing);
    world.slack.byKey.clear(); // history doesn't show it yet
    world.puppets.unlink(annInSlack);
    return Promise.reject(new Uncertain('time out'));
  };
  const { findByOpKey } = world.slack;
  let looks = 0;
  world.slack.findByOpKey = async (...args) => {
    looks += 1;
    return looks < 2 ? findByOpKey(...args) : [ts('2000.000001')];
  };
  await handleUntilDone(world, matrixMessage('$m', 'hello'));
  assert.deepEqual(deeds(world), ['post UANN']);
  assert.equal((await world.links.byEvent(eventId('$m')))[0]?.postedAs, annInSlack);
});

test('after a logout nothing of theirs can be changed, and the sender learns why', async () => {
  const world = linkedWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(reaction('$x'));
  world.puppets.unlink(annInSlack);
  for (const event of [edit('hello you'), redaction('$x'), redaction('$m')])
    await assert.rejects(
      world.fromMatrix(event),
      (error) => error instanceof CannotBridge && error.reason === 'logged-out',
    );
  assert.deepEqual(deeds(world), ['post UANN', 'react UANN']);
});

test('a linked person reacts as themselves, beside the bot and not in its notes', async () => {
  const world = linkedWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(reaction('$x'));
  await world.fromMatrix(reaction('$y', carl));
  await world.fromMatrix(redaction('$x'));
  await world.fromMatrix({ ...redaction('$y'), sender: carl });
  assert.deepEqual(deeds(world).slice(1), ['react UANN', 'react bot', 'unreact UANN', 'unreact bot']);
});

test('their reaction comes back from Slack as nothing new; taken back there it goes from the room', async () => {
  const world = linkedWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(reaction('$x'));
  const at = world.slack.effects[0]?.ts;
  assert.ok(at);
  const inSlack = { type: 'reaction', ...place, ts: at, user: annInSlack, name: '+1' } as const;
  await world.fromSlack({ ...inSlack, change: 'added' });
  assert.deepEqual(world.matrix.of('react'), []);
  await world.fromSlack({ ...inSlack, change: 'removed' });
  assert.deepEqual(
    world.matrix.of('redact').map(({ target }) => target),
    ['$x'],
  );
});

test('a reaction that they take back in Matrix is not redacted again when Slack tells of it', async () => {
  const world = linkedWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(reaction('$x'));
  const at = world.slack.effects[0]?.ts;
  assert.ok(at);
  world.slack.unreact = () =>
    world.fromSlack({ type: 'reaction', ...place, ts: at, user: annInSlack, name: '+1', change: 'removed' });
  await world.fromMatrix(redaction('$x'));
  assert.deepEqual(world.matrix.of('redact'), []);
});

test('who is no member of the channel is relayed there and told so once; later it is tried again', async () => {
  const world = linkedWorld();
  const { post } = world.slack;
  let asked = 0;
  world.slack.post = (at, outgoing) => {
    if (outgoing.by === undefined) return post(at, outgoing);
    asked += 1;
    return Promise.reject(new CannotBridge('not_in_channel', 'no'));
  };
  await handleUntilDone(world, matrixMessage('$1', 'one'));
  await handleUntilDone(world, matrixMessage('$2', 'two'));
  assert.equal(asked, 1);
  assert.deepEqual(world.slack.posted(), ['one', 'two']);
  assert.equal(notices(world).length, 1);
  assert.match(notices(world)[0] ?? '', /isn’t a member of #general/);
  world.clock.at += 61_000;
  world.slack.post = post;
  await handleUntilDone(world, matrixMessage('$3', 'three'));
  assert.deepEqual(deeds(world), ['post @ann:hs (Matrix)', 'post @ann:hs (Matrix)', 'post UANN']);
});

test('what somebody did not permit is done by the bot', async () => {
  const world = makeWorld();
  world.puppets.link(ann, annInSlack, { scopes: ['chat:write'] });
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(reaction('$x'));
  assert.deepEqual(deeds(world), ['post UANN', 'react bot']);
});

test('their files are brought and shared by their account, and by the bot once their token is gone', async () => {
  const world = linkedWorld();
  const file = { kind: 'image', name: 'cat.png', url: mxcUri('mxc://hs/cat'), size: 5 } as const;
  await world.fromMatrix(matrixMessage('$m', '', { kind: 'file', files: [file] }));
  const { share } = world.slack;
  world.slack.share = (at, outgoing) => {
    if (outgoing.by === undefined) return share(at, outgoing);
    world.puppets.unlink(outgoing.by);
    return Promise.reject(new TryLater('revoked', { after: 100 }));
  };
  const other = { ...file, name: 'dog.png' };
  await handleUntilDone(world, matrixMessage('$n', '', { kind: 'file', files: [other] }));
  assert.deepEqual(deeds(world), ['share UANN', 'share @ann:hs (Matrix)']);
  const [first, second, third] = [...world.files.sources];
  assert.match(first ?? '', /^\$m:.*:UANN$/);
  assert.match(second ?? '', /^\$n:.*:UANN$/);
  assert.match(third ?? '', /^\$n:[^:]*$/);
});

test('a file of theirs comes back as nothing new, whether or not Slack names the app', async () => {
  const world = linkedWorld();
  const file = { kind: 'image', name: 'cat.png', url: mxcUri('mxc://hs/cat'), size: 5 } as const;
  const author = { type: 'user', id: annInSlack } as const;
  world.slack.share = async (_place, share) => {
    const at = world.slack.recordShare(share);
    const files = share.files.map(({ id }) => wordedFile(id, 'cat.png'));
    await world.fromSlack(slackMessage(at, '', { author, files }));
  };
  await world.fromMatrix(matrixMessage('$m', '', { kind: 'file', files: [file] }));
  assert.deepEqual(world.matrix.of('send'), []);
  const files = [wordedFile('FBYHAND', 'by-hand.png')];
  await world.fromSlack(slackMessage('2500.000000', '', { author, files }));
  assert.equal(world.matrix.of('send').length, 1);
});

test('what they write in Slack by hand is bridged, what came from Matrix is not', async () => {
  const world = linkedWorld();
  const author = { type: 'user', id: annInSlack } as const;
  await world.fromSlack(slackMessage('1500.000000', 'by hand', { author }));
  await world.fromSlack(slackMessage('1501.000000', 'by app', { author, app: appId(ourApp), opKey: 'key' }));
  assert.deepEqual(
    world.matrix.of('send').map(({ text }) => text),
    ['by hand'],
  );
});

test('topic, name and pins are changed by the account of who changed them in the room', async () => {
  const world = makeWorld({ ...portal, policy: { ...portal.policy, name: true } });
  world.puppets.link(ann, annInSlack);
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  const state = { type: 'state', event: eventId('$s'), room, sender: ann, at: 1, stateKey: '' } as const;
  const changes = {
    'm.room.topic': { topic: 'new' },
    'm.room.name': { name: 'new' },
    'm.room.pinned_events': { pinned: ['$m'] },
  };
  for (const [kind, content] of Object.entries(changes)) {
    await world.matrix.setState(room, kind, '', content);
    await world.fromMatrix({ ...state, kind, content });
  }
  assert.deepEqual(deeds(world), ['post UANN', 'topic UANN', 'rename UANN', 'pin UANN']);
});
