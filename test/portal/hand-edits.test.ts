import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackEvent, SlackMessage } from '../../src/events.ts';
import { plainText } from '../../src/format/doc.ts';
import { eventId, matrixUserId, ts } from '../../src/ids.ts';
import { bot } from './support/recorded-matrix.ts';
import { bob, makeWorld, matrixMessage, place, room, slackMessage } from './support/world.ts';
import type { World } from './support/world.ts';

const bobs = matrixUserId('@bob:hs');

/** Bob of Slack is @bob:hs; what he writes in Matrix stands in Slack as his. */
function linked(isDouble = true): World {
  const world = makeWorld();
  world.puppets.link(bobs, bob);
  if (isDouble) world.matrix.doubles.set(bob, bobs);
  return world;
}

/** What was done in the room. */
const inRoom = (world: World) =>
  world.matrix.effects
    .filter(({ call }) => call === 'send' || call === 'edit')
    .map(({ call, as, text }) => [call, as, text]);

async function postOf(world: World): Promise<string> {
  await world.fromMatrix(matrixMessage('$m', 'hello', { sender: bobs }));
  const [link] = await world.links.byEvent(eventId('$m'));
  return link?.ts ?? assert.fail('no post');
}

const inMatrix = (text: string, event = '$e', at = 1_700_000_001_000) =>
  ({
    type: 'edit',
    event: eventId(event),
    room,
    sender: bobs,
    at,
    target: eventId('$m'),
    message: { ...matrixMessage(event, text, { sender: bobs }), at },
  }) as const;

/** What Slack tells when the message says this from then on. */
function told(at: string, text: string, editTs: string, more: { readonly isOwn?: true } = {}): SlackEvent {
  const message: SlackMessage = slackMessage(at, text, { editTs: ts(editTs) });
  return { ...place, type: 'edit', ts: ts(at), message, ...more };
}

/** And shows it, when it is asked. */
function showing(world: World, event: SlackEvent): SlackEvent {
  assert.ok(event.type === 'edit');
  world.slack.messages.set(event.ts, event.message);
  return event;
}

test('what a linked person changes in Slack by hand of what they wrote in Matrix is changed in the room, once', async () => {
  const world = linked();
  const at = await postOf(world);
  const event = showing(world, told(at, 'hello by hand', '1700000005.000100'));
  await world.fromSlack(event);
  await world.fromSlack(event);
  await world.fromSlack(told(at, 'hello by hand', '1700000005.000000'));
  assert.deepEqual(inRoom(world), [['edit', bobs, 'hello by hand']]);
  assert.equal(world.matrix.of('edit')[0]?.key?.author, bob);
  await world.fromMatrix(inMatrix('and again here', '$e2', 1_700_000_009_000));
  assert.equal(world.slack.of('update').at(-1)?.text, 'and again here');
  await world.fromMatrix(inMatrix('older', '$e0', 1_700_000_002_000));
  assert.equal(world.slack.of('update').length, 1, 'what is older than the change by hand comes too late');
});

test('the echo of what they change in Matrix is no change by hand, whenever it comes', async () => {
  const world = linked();
  const at = await postOf(world);
  await world.fromMatrix(inMatrix('one'));
  await world.fromMatrix(inMatrix('two', '$e2', 1_700_000_002_000));
  showing(world, told(at, 'two', '1700000002.000200'));
  await world.fromSlack(told(at, 'two', '1700000002.000200'));
  await world.fromSlack(told(at, 'one', '1700000001.000100'));
  await world.fromSlack(told(at, 'two, as Slack formats it', '1700000002.000200', { isOwn: true }));
  assert.deepEqual(inRoom(world), []);
  // and back to what it was before
  await world.fromSlack(showing(world, told(at, 'one', '1700000009.000100')));
  await world.fromSlack(showing(world, told(at, 'two', '1700000010.000100')));
  assert.deepEqual(
    inRoom(world).map(([, , text]) => text),
    ['one', 'two'],
  );
});

test('a change by hand that was written over from Matrix meanwhile comes too late', async () => {
  const world = linked();
  const at = await postOf(world);
  await world.fromMatrix(inMatrix('from Matrix'));
  showing(world, told(at, 'from Matrix', '1700000003.000100'));
  await world.fromSlack(told(at, 'by hand', '1700000002.000100'));
  assert.deepEqual(inRoom(world), []);
});

test('what the bridge can’t change in the room the bot says', async () => {
  const world = linked(false);
  const at = await postOf(world);
  await world.fromSlack(showing(world, told(at, 'hello by hand', '1700000005.000100')));
  assert.deepEqual(inRoom(world), [['send', bot, 'name of UBOB (edited): hello by hand']]);
});

test('a part of a long message is said by the bot', async () => {
  const world = linked();
  world.slack.pieceLength = 5;
  await world.fromMatrix(matrixMessage('$m', 'abcdefgh', { sender: bobs }));
  const [, second] = await world.links.byEvent(eventId('$m'));
  assert.ok(second);
  await world.fromSlack(showing(world, told(second.ts, 'FGH', '1700000005.000100')));
  assert.deepEqual(inRoom(world), [['send', bot, 'name of UBOB (edited): FGH']]);
});

test('of what stands in the room as theirs, an edit there isn’t shown a second time when Slack tells of it', async () => {
  const world = linked();
  const at = '1500.000000';
  await world.fromSlack(slackMessage(at, 'helo'));
  const target = world.matrix.of('send')[0]?.event;
  assert.ok(target);
  await world.fromMatrix({ ...inMatrix('hello'), target });
  assert.equal(plainText(world.slack.effects[0]?.post?.text ?? { blocks: [] }), 'hello');
  const echo = showing(world, told(at, 'hello', '1700000001.000100'));
  await world.fromSlack(echo);
  assert.deepEqual(world.matrix.of('edit'), []);
  await world.fromSlack(showing(world, told(at, 'hello by hand', '1700000004.000100')));
  await world.fromSlack(showing(world, told(at, 'hello', '1700000005.000100')));
  assert.deepEqual(
    world.matrix.of('edit').map(({ text }) => text),
    ['hello by hand', 'hello'],
  );
});

test('while a change is on its way to Slack, others wait', async () => {
  const world = linked();
  const at = await postOf(world);
  const [link] = await world.links.byEvent(eventId('$m'));
  assert.ok(link);
  const now = world.context.clock.now();
  const seconds = `${Math.floor(now / 1000)}.000100`;
  const update = world.slack.update;
  let during: Promise<void> | undefined;
  world.slack.update = async (...args) => {
    during = world.fromSlack(told(at, 'by hand', seconds));
    await assert.rejects(during, { name: 'TryLater' });
    return update(...args);
  };
  await world.fromMatrix(inMatrix('from Matrix'));
  assert.ok(during);
  showing(world, told(at, 'from Matrix', seconds));
  await world.fromSlack(told(at, 'by hand', seconds));
  assert.deepEqual(inRoom(world), []);
});
