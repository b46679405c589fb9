import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, WaitForParent } from '../../src/errors.ts';
import { collectMentions, mention, paragraph, text } from '../../src/format/doc.ts';
import {
  channelId,
  eventId,
  matrixUserId,
  mxcUri,
  portalId,
  roomId,
  slackUserId,
  ts,
} from '../../src/ids.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import {
  ann,
  general,
  makeTurn,
  makeWorld,
  matrixMessage,
  place,
  portal,
  room,
  slackMessage,
} from './support/world.ts';

test('a Matrix message is posted under its sender’s name, marked, with their picture', async () => {
  const world = makeWorld();
  const picture = mxcUri('mxc://hs/face');
  world.matrix.member = async (_room, user) => ({ user, name: 'Ann\u202E', picture });
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  const [posted] = world.slack.of('post');
  assert.equal(posted?.text, 'hello');
  assert.deepEqual(posted?.post?.as, { name: 'Ann (Matrix)', picture: 'https://bridge.example/hs/face' });
  assert.equal(posted?.post?.opKey, 'key:$m:0');
  const [link] = await world.links.byEvent(eventId('$m'));
  assert.equal(link?.ts, posted?.ts);
  assert.equal(link?.sender, ann);
  assert.equal(link?.postedAs, 'T1');
});

test('the mark stays however long the name is, and tells people of one name apart', async () => {
  const world = makeWorld();
  world.matrix.names.set(ann, { name: '🧑‍🚀'.repeat(60) });
  await world.fromMatrix(matrixMessage('$1', 'hello'));
  world.matrix.names.set(ann, { name: 'Ann', ambiguous: true });
  await world.fromMatrix(matrixMessage('$2', 'hello'));
  const [long, same] = world.slack.of('post').map((each) => each.post?.as?.name ?? '');
  assert.ok(long && long.length <= 80 && long.endsWith(' (Matrix)'), long);
  assert.equal(same, 'Ann (ann:hs on Matrix)');
});

test('a long text becomes several posts, one attempt each, linked in order', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 3;
  const { turn, begun } = makeTurn(world.links);
  await world.portals.fromMatrix(matrixMessage('$m', 'abcdefgh'), turn);
  assert.deepEqual(world.slack.posted(), ['abc', 'def', 'gh']);
  assert.deepEqual(
    begun.map((each) => each.opKey),
    ['key:$m:0', 'key:$m:1', 'key:$m:2'],
  );
  const links = await world.links.byEvent(eventId('$m'));
  assert.deepEqual(
    links.map((link) => [link.piece, link.ts]),
    world.slack.of('post').map((post, piece) => [piece, post.ts]),
  );
});

test('pieces that were posted before a crash are not posted again', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 3;
  const post = world.slack.post;
  world.slack.post = (at, message) =>
    message.opKey === 'key:$m:1' ? Promise.reject(new TryLater('limited')) : post(at, message);
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'abcdef')), TryLater);
  world.slack.post = post;
  await world.fromMatrix(matrixMessage('$m', 'abcdef'));
  assert.deepEqual(world.slack.posted(), ['abc', 'def']);
});

test('the attempt is committed before the post', async () => {
  const world = makeWorld();
  const order: string[] = [];
  const { turn } = makeTurn(world.links, { onBegin: () => order.push('begin') });
  const post = world.slack.post;
  world.slack.post = (at, message) => {
    order.push('post');
    return post(at, message);
  };
  await world.portals.fromMatrix(matrixMessage('$m', 'hello'), turn);
  assert.deepEqual(order, ['begin', 'post']);
});

test('ghosts are mentioned as the people they stand for, rooms as channels, others by name', async () => {
  const other = {
    ...portal,
    id: portalId(8),
    room: roomId('!other:hs'),
    channels: [{ ...place, channel: channelId('C2'), name: 'dev' }],
  } as const;
  const world = makeWorld(portal, other);
  world.slack.channels.push({ ...general, ...other.channels[0] });
  const doc = {
    blocks: [
      paragraph(
        mention({ type: 'matrix-user', user: matrixUserId('@slack_ubob:hs'), label: 'Bob' }),
        text(' '),
        mention({ type: 'matrix-user', user: matrixUserId('@eve:hs'), label: 'Eve' }),
        text(' '),
        mention({ type: 'matrix-room', room: roomId('!other:hs') }),
        text(' '),
        mention({ type: 'matrix-alias', alias: '#far:hs', label: '#far' }),
      ),
    ],
  };
  await world.fromMatrix(matrixMessage('$m', '', { text: doc }));
  const [posted] = world.slack.of('post');
  assert.equal(posted?.text, '@Bob @Eve #dev [#far](https://matrix.to/#/%23far%3Ahs)');
  assert.deepEqual(posted?.post && collectMentions(posted.post.text), [
    { type: 'slack-user', user: slackUserId('UBOB'), label: 'Bob' },
    { type: 'slack-channel', channel: channelId('C2'), label: 'dev' },
  ]);
});

test('a message with many names of rooms asks the homeserver about a few, and links to the others', async () => {
  const world = makeWorld(portal);
  let asked = 0;
  world.matrix.resolveAlias = () => {
    asked += 1;
    return Promise.resolve(portal.room);
  };
  const names = Array.from({ length: 50 }, (_, number) =>
    mention({ type: 'matrix-alias', alias: `#n${number}:hs` }),
  );
  await world.fromMatrix(matrixMessage('$m', '', { text: { blocks: [paragraph(...names)] } }));
  assert.equal(asked, 10);
  const [posted] = world.slack.of('post');
  assert.ok((posted?.text ?? '').includes('[#n10:hs](https://matrix.to/#/%23n10%3Ahs)'));
});

for (const [name, { asked, power, policy, calls }] of Object.entries({
  'is asked for by somebody who may, and wanted': { asked: true, power: 50, policy: true, calls: 1 },
  'is only a word in the text': { asked: false, power: 50, policy: true, calls: 0 },
  'is asked for by somebody without the power': { asked: true, power: 0, policy: true, calls: 0 },
  'is not wanted by the portal': { asked: true, power: 100, policy: false, calls: 0 },
})) {
  test(`@room calls everybody in Slack when it ${name}: ${calls}`, async () => {
    const world = makeWorld({ ...portal, policy: { ...defaultPolicy, everyone: policy } });
    world.matrix.powers.set(ann, power);
    await world.fromMatrix(matrixMessage('$m', 'hey @room', { mentionsRoom: asked }));
    const [posted] = world.slack.of('post');
    assert.equal(posted?.post && collectMentions(posted.post.text).length, calls);
    assert.equal(posted?.text, calls === 1 ? 'hey @channel' : 'hey @room');
  });
}

for (const asked of [false, true]) {
  test(`Slack’s own kinds of mention in a Matrix text are only words, beside an @room that is ${asked ? 'live' : 'none'}`, async () => {
    const world = makeWorld({ ...portal, policy: { ...defaultPolicy, everyone: true } });
    world.matrix.powers.set(ann, 50);
    const doc = {
      blocks: [
        paragraph(
          mention({ type: 'everyone', range: 'channel' }),
          text(' '),
          mention({ type: 'slack-user', user: slackUserId('UBOB') }),
        ),
      ],
    };
    await world.fromMatrix(matrixMessage('$m', '', { text: doc, mentionsRoom: asked }));
    const [posted] = world.slack.of('post');
    assert.deepEqual(posted?.post && collectMentions(posted.post.text), []);
    assert.equal(posted?.text, '@channel @UBOB');
  });
}

test('an emote stays one; a notice goes across only where it is wanted', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$1', 'waves', { kind: 'emote' }));
  await world.fromMatrix(matrixMessage('$2', 'beep', { kind: 'notice' }));
  assert.deepEqual(
    world.slack.of('post').map((each) => [each.text, each.post?.emote]),
    [['waves', true]],
  );
  const open = makeWorld({ ...portal, policy: { ...defaultPolicy, notices: true } });
  await open.fromMatrix(matrixMessage('$2', 'beep', { kind: 'notice' }));
  assert.deepEqual(open.slack.posted(), ['beep']);
});

test('who may not use the bridge is told so', async () => {
  const world = makeWorld();
  world.permissions.set(ann, 'none');
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), (error) => {
    assert.ok(error instanceof CannotBridge);
    assert.match(error.message, /permission "relay"/);
    return true;
  });
  assert.deepEqual(world.slack.effects, []);
});

test('a thread in Matrix is the thread in Slack; an answer within it quotes what it answers', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'root'));
  await world.fromSlack(slackMessage('1501.000000', 'reply', { threadTs: ts('1500.000000') }));
  world.slack.messages.set(
    ts('1501.000000'),
    slackMessage('1501.000000', 'reply', { threadTs: ts('1500.000000') }),
  );
  const [root, reply] = world.matrix.of('send').map((each) => each.event);
  assert.ok(root && reply);
  await world.fromMatrix(matrixMessage('$1', 'plain', { relation: { thread: root } }));
  await world.fromMatrix(matrixMessage('$2', 'pointed', { relation: { thread: root, replyTo: reply } }));
  const [plain, pointed] = world.slack.of('post');
  assert.equal(plain?.post?.threadTs, '1500.000000');
  assert.equal(plain?.text, 'plain');
  assert.equal(pointed?.post?.threadTs, '1500.000000');
  assert.match(pointed?.text ?? '', /^> \[name of UBOB\]\(.*p1501\.000000\): reply\npointed$/);
});

test('a thread whose root isn’t in Slack yet waits for it, then goes to the channel', async () => {
  const world = makeWorld();
  const message = matrixMessage('$1', 'hello', { relation: { thread: eventId('$unknown') } });
  await assert.rejects(world.fromMatrix(message), WaitForParent);
  await world.fromMatrix(message, { waited: true });
  assert.equal(world.slack.of('post')[0]?.post?.threadTs, undefined);
});

test('an answer goes into the thread that its target is in or began', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'root'));
  await world.fromSlack(slackMessage('1501.000000', 'reply', { threadTs: ts('1500.000000') }));
  const [root, reply] = world.matrix.of('send').map((each) => each.event);
  assert.ok(root && reply);
  await world.fromMatrix(matrixMessage('$1', 'to the root', { relation: { replyTo: root } }));
  await world.fromMatrix(matrixMessage('$2', 'to the reply', { relation: { replyTo: reply } }));
  assert.deepEqual(
    world.slack.of('post').map((each) => [each.text, each.post?.threadTs]),
    [
      ['to the root', '1500.000000'],
      ['to the reply', '1500.000000'],
    ],
  );
});

test('any other answer carries a short quote and a link', async () => {
  const world = makeWorld();
  const long = slackMessage('1500.000000', 'word '.repeat(60));
  await world.fromSlack(long);
  world.slack.messages.set(long.ts, long);
  const target = world.matrix.of('send')[0]?.event;
  assert.ok(target);
  await world.fromMatrix(matrixMessage('$1', 'indeed', { relation: { replyTo: target } }));
  const [posted] = world.slack.of('post');
  assert.equal(posted?.post?.threadTs, undefined);
  assert.match(posted?.text ?? '', /^> \[name of UBOB\]\(https:\/\/acme.*\): (word ){19}word…\nindeed$/);
});

test('a message of another portal is never quoted', async () => {
  const world = makeWorld();
  const link = {
    portal: portalId(99),
    ts: ts('1400.000000'),
    part: 'text',
    event: eventId('$secret'),
    piece: 0,
    room: roomId('!elsewhere:hs'),
    origin: 'slack',
    source: 'live',
    sender: 'UBOB',
    postedAs: '@slack_ubob:hs',
    sentAt: 1,
  } as const;
  world.links.apply({ type: 'link', link });
  world.slack.messages.set(link.ts, slackMessage('1400.000000', 'secret'));
  await world.fromMatrix(matrixMessage('$1', 'indeed', { relation: { replyTo: eventId('$secret') } }));
  assert.deepEqual(world.slack.posted(), ['indeed']);
});

test('what ghosts and the bot send doesn’t go back', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$1', 'echo', { sender: matrixUserId('@slack_ubob:hs') }));
  assert.deepEqual(world.slack.effects, []);
  assert.equal(world.store.byRoom(room)?.status, 'live');
});
