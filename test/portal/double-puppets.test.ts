import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackEvent } from '../../src/events.ts';
import { mention, paragraph, textDoc } from '../../src/format/doc.ts';
import { eventId, matrixUserId, slackUserId, ts } from '../../src/ids.ts';
import type { SlackChannel } from '../../src/portal/ports.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { bot } from './support/recorded-matrix.ts';
import { ann, bob, makeWorld, matrixMessage, place, portal, room, slackMessage } from './support/world.ts';
import type { World } from './support/world.ts';

const ghost = matrixUserId('@slack_ubob:hs');
const bobs = matrixUserId('@bob:hs');

/** Bob of Slack is @bob:hs, and in the room. */
function linked(
  more: { readonly since?: number; readonly trouble?: string } = {},
  world: World = makeWorld(),
): World {
  world.puppets.link(bobs, bob, more);
  world.matrix.doubles.set(bob, bobs);
  return world;
}

/** He doesn't let the bridge write as him any more. */
function loggedOut(world: World): void {
  world.puppets.unlink(bob);
  world.matrix.doubles.clear();
}

const edit = (at: string, text: string, editTs: string): SlackEvent => ({
  ...place,
  type: 'edit',
  ts: ts(at),
  message: slackMessage(at, text, { editTs: ts(editTs) }),
});
const reaction = (at: string, change: 'added' | 'removed'): SlackEvent => ({
  ...place,
  type: 'reaction',
  ts: ts(at),
  user: bob,
  name: 'wave',
  change,
});
const gone = (at: string): SlackEvent => ({ ...place, type: 'delete', ts: ts(at) });

const told = (world: World) =>
  world.matrix.effects
    .filter(({ call }) => call !== 'ghost' && call !== 'leave')
    .map(({ call, as, text }) => [call, as, text]);

test('what a linked person writes, changes, reacts with and deletes in Slack is done by their own account', async () => {
  const world = linked();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  await world.fromSlack(edit('1500.000000', 'hello there', '1501.000000'));
  await world.fromSlack(reaction('1500.000000', 'added'), { srcTs: '1502.000000' });
  await world.fromSlack(reaction('1500.000000', 'removed'), { srcTs: '1503.000000' });
  await world.fromSlack(gone('1500.000000'));
  assert.deepEqual(
    world.matrix.effects.map(({ call, as, key }) => [call, as, key?.author]),
    [
      ['send', bobs, bob],
      ['edit', bobs, bob],
      ['react', bobs, bob],
      ['redact', bobs, bob],
      ['redact', bobs, bob],
      ['redact', bobs, bob],
    ],
  );
});

test('a person who isn’t in the room with their own account is shown by their ghost, and so are repeats', async () => {
  const world = linked();
  world.matrix.away.add(bobs);
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  assert.deepEqual(told(world), [['send', ghost, 'hello']]);
  world.matrix.away.clear(); // they came in before the answer was remembered
  world.links.links = [];
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  await world.fromSlack(slackMessage('1510.000000', 'now as myself'));
  assert.deepEqual(told(world), [
    ['send', ghost, 'hello'],
    ['send', bobs, 'now as myself'],
  ]);
});

test('what was begun as the own account is not done again as the ghost, though the person left or logged out', async () => {
  for (const change of [(world: World) => world.matrix.away.add(bobs), loggedOut]) {
    const world = linked();
    await world.fromSlack(slackMessage('1500.000000', 'hello'));
    await world.fromSlack(reaction('1500.000000', 'added'), { srcTs: '1502.000000' });
    const before = told(world);
    change(world);
    world.links.links = [];
    world.links.reacted = [];
    await world.fromSlack(slackMessage('1500.000000', 'hello'));
    await world.fromSlack(reaction('1500.000000', 'added'), { srcTs: '1502.000000' });
    assert.deepEqual(told(world), before);
  }
});

test('what came before the person logged in is their ghost’s, whenever it is handled', async () => {
  const world = linked({ since: 2_000_000 });
  await world.fromSlack(slackMessage('1500.000000', 'before'), { receivedAt: new Date(1_500_000) });
  await world.fromSlack(slackMessage('2500.000000', 'after'), { receivedAt: new Date(2_500_000) });
  assert.deepEqual(told(world).slice(0, 2), [
    ['send', ghost, 'before'],
    ['send', bobs, 'after'],
  ]);
});

test('what somebody wrote as themselves before they logged out is changed and deleted by the bot', async () => {
  const world = linked();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  loggedOut(world);
  await world.fromSlack(edit('1500.000000', 'hello there', '1501.000000'));
  await world.fromSlack(gone('1500.000000'));
  assert.deepEqual(told(world).slice(1), [
    ['send', bot, 'name of UBOB (edited): hello there'],
    ['redact', bot, undefined],
    ['redact', bot, undefined],
  ]);
});

test('the ghost of somebody who writes as themselves leaves the room, once', async () => {
  const world = linked();
  loggedOut(world);
  await world.fromSlack(slackMessage('1500.000000', 'as a ghost'));
  world.matrix.doubles.set(bob, bobs);
  await world.fromSlack(slackMessage('1510.000000', 'as myself'));
  await world.fromSlack(slackMessage('1520.000000', 'again'));
  await new Promise(setImmediate);
  assert.deepEqual(
    world.matrix.of('leave').map(({ as }) => as),
    [ghost],
  );
});

test('a linked person is mentioned as themselves on both sides, whether or not their token can be used', async () => {
  const world = linked({ trouble: 'Slack does not take it any more' });
  const inSlack = { blocks: [paragraph(mention({ type: 'slack-user', user: bob }))] };
  await world.fromSlack(
    slackMessage('1500.000000', '', { author: { type: 'user', id: bob }, text: inSlack }),
  );
  const inMatrix = {
    blocks: [
      paragraph(
        mention({ type: 'matrix-user', user: bobs, label: 'Bob' }),
        mention({ type: 'matrix-user', user: ann, label: 'Ann' }),
      ),
    ],
  };
  await world.fromMatrix(matrixMessage('$1', '', { text: inMatrix }));
  const expected = mention({ type: 'matrix-user', user: bobs, label: 'name of UBOB' });
  assert.deepEqual(world.matrix.of('send')[0]?.doc, { blocks: [paragraph(expected)] });
  const post = JSON.stringify(world.slack.effects);
  assert.ok(post.includes('"slack-user"') && post.includes('@Ann'), post);
});

/** What is done in Slack, by whom. */
const inSlack = (world: World) => world.slack.effects.map(({ call, by, text }) => [call, by, text]);

test('what stands in the room under their own account people change and remove there, and in Slack', async () => {
  const world = linked();
  await world.fromSlack(slackMessage('1500.000000', 'helo'));
  await world.fromSlack(reaction('1500.000000', 'added'), { srcTs: '1502.000000' });
  const [message, given] = [world.matrix.of('send')[0]?.event, world.matrix.of('react')[0]?.event];
  assert.ok(message && given);
  const mine = { event: eventId('$mine'), room, sender: bobs, at: 1 };
  const { type: _, ...written } = matrixMessage('$mine', 'hello', { sender: bobs });
  const change = { type: 'edit', ...mine, target: message, message: written } as const;
  await world.fromMatrix(change);
  await world.fromMatrix({ ...change, sender: ann, message: { ...written, sender: ann } });
  await world.fromMatrix({ type: 'redaction', ...mine, target: given });
  await world.fromMatrix({ type: 'redaction', ...mine, target: message });
  assert.deepEqual(inSlack(world), [
    ['update', bob, 'hello'],
    ['unreact', bob, undefined],
    ['remove', bob, undefined],
  ]);
  await world.fromSlack(gone('1500.000000'));
  await world.fromSlack(reaction('1500.000000', 'removed'), { srcTs: '1503.000000' });
  assert.deepEqual(world.matrix.of('redact'), []);
});

test('who removes what their own ghost shows removes it in Slack, but nobody changes it there', async () => {
  const world = linked();
  world.matrix.away.add(bobs);
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  const target = world.matrix.of('send')[0]?.event;
  assert.ok(target);
  const mine = { event: eventId('$mine'), room, sender: bobs, at: 1, target };
  const { type: _, ...message } = matrixMessage('$mine', 'not mine', { sender: bobs });
  await world.fromMatrix({ type: 'edit', ...mine, message });
  await world.fromMatrix({ type: 'redaction', ...mine });
  assert.deepEqual(inSlack(world), [['remove', bob, undefined]]);
});

test('somebody else’s removal of it stays in the room, and they are told', async () => {
  const world = linked();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  const target = world.matrix.of('send')[0]?.event;
  assert.ok(target);
  const removal = { type: 'redaction', event: eventId('$1'), room, sender: ann, at: 1, target } as const;
  await assert.rejects(world.fromMatrix(removal), /only its author or an admin/);
  assert.deepEqual(world.slack.effects, []);
});

test('what a linked person changes of what the channel shows is changed in the room by them, where they may; else by the bot', async () => {
  const world = linked({}, makeWorld({ ...portal, policy: { ...defaultPolicy, name: true } }));
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  const asked = (topic: string, more: Partial<SlackChannel>) => {
    world.slack.channels = world.slack.channels.map((each) =>
      Object.assign({}, each, { topic: textDoc(topic), ...more }),
    );
  };
  asked('by Bob', { name: 'plans', topicBy: [bob] });
  const shown = { type: 'shown', ...place } as const;
  await world.fromSlack({ ...shown, what: 'topic', by: bob });
  await world.fromSlack({ ...shown, what: 'name', by: bob, name: 'plans' });
  await world.fromSlack({ type: 'pin', change: 'added', ...place, ts: ts('1500.000000'), by: bob });
  asked('by somebody else', { topicBy: [slackUserId('UEVE')], name: 'goals' });
  await world.fromSlack({ ...shown, what: 'topic', by: bob });
  await world.fromSlack({ ...shown, what: 'name', by: bob, name: 'older' });
  world.matrix.away.add(bobs);
  await world.fromSlack({ type: 'pin', change: 'removed', ...place, ts: ts('1500.000000'), by: bob });
  const changes = world.matrix.of('state').map(({ as, text: what = '' }) => [as, what.split(' ')[0]]);
  assert.deepEqual(changes, [
    [bobs, 'm.room.topic'],
    [bobs, 'm.room.name'],
    [bobs, 'm.room.pinned_events'],
    [undefined, 'm.room.topic'],
    [undefined, 'm.room.name'],
    [undefined, 'm.room.pinned_events'],
  ]);
});
