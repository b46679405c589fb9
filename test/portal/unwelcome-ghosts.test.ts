import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { eventId, matrixUserId, ts } from '../../src/ids.ts';
import { bot } from './support/recorded-matrix.ts';
import { ann, bob, makeWorld, place, room, slackMessage } from './support/world.ts';
import type { World } from './support/world.ts';

const ghost = matrixUserId('@slack_ubob:hs');

/** People of the room removed Bob's ghost. */
function unwelcome(world: World, reason: 'kicked' | 'banned'): void {
  const { send, edit, react } = world.matrix;
  const refuse = () => Promise.reject(new CannotBridge(reason, `${ghost} is not wanted`));
  world.matrix.send = (as, ...rest) => (as === ghost ? refuse() : send(as, ...rest));
  world.matrix.edit = (as, ...rest) => (as === ghost ? refuse() : edit(as, ...rest));
  world.matrix.react = (as, ...rest) => (as === ghost ? refuse() : react(as, ...rest));
}

function removed(membership: 'leave' | 'ban'): MatrixEvent {
  const common = { event: eventId('$removed'), room, sender: ann, at: 1 };
  return { type: 'member', user: ghost, membership, direct: false, ...common };
}

function edit(at: string, text: string, editTs: string) {
  const message = slackMessage(at, text, { editTs: ts(editTs) });
  return { ...place, type: 'edit', ts: ts(at), message } as const;
}

test('what a person writes whose ghost was removed is shown by the bot, under their name, and can be changed', async () => {
  const world = makeWorld();
  unwelcome(world, 'kicked');
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  await world.fromSlack(edit('1500.000000', 'hello there', '1501.000000'));
  const [said] = world.matrix.of('send');
  const [changed] = world.matrix.of('edit');
  assert.deepEqual([said?.as, said?.text], [bot, 'name of UBOB: hello']);
  assert.deepEqual([changed?.as, changed?.text], [bot, 'name of UBOB: hello there']);
  await world.fromSlack({ ...place, type: 'delete', ts: ts('1500.000000') });
  assert.ok(world.matrix.of('redact').every((each) => each.as === bot));
});

test('an edit of what the ghost itself wrote is told by the bot', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  unwelcome(world, 'kicked');
  await world.fromSlack(edit('1500.000000', 'hello there', '1501.000000'));
  const told = world.matrix.of('send').at(-1);
  assert.deepEqual([told?.as, told?.text], [bot, 'name of UBOB (edited): hello there']);
  assert.equal(told?.message?.replyTo, world.matrix.of('send')[0]?.event);
});

test('of a person whose ghost was banned nothing is shown, and none of it is a failure', async () => {
  const world = makeWorld();
  unwelcome(world, 'banned');
  const message = slackMessage('1500.000000', 'hello');
  await world.fromSlack(message);
  await world.fromSlack(edit('1500.000000', 'hello there', '1501.000000'));
  assert.deepEqual(world.matrix.sent(), []);
  assert.deepEqual(world.counted, ['ignored slack banned', 'ignored slack left-out']);
});

test('a reaction of a removed ghost is left out', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  unwelcome(world, 'kicked');
  const reaction = { ...place, ts: ts('1500.000000'), user: bob, name: 'wave', change: 'added' } as const;
  await world.fromSlack({ type: 'reaction', ...reaction });
  assert.equal(world.counted.at(-1), 'ignored slack unwelcome-reaction');
});

test('the room is told what becomes of the messages when somebody removes a ghost', async () => {
  for (const [membership, words] of [
    [
      'leave',
      /@slack_ubob:hs stays out .* until somebody invites it\. What name of UBOB writes .* shown here by me/,
    ],
    ['ban', /@slack_ubob:hs was banned: what name of UBOB writes in Slack isn't shown here/],
  ] as const) {
    const world = makeWorld();
    await world.fromMatrix(removed(membership));
    await world.fromMatrix(removed(membership));
    assert.equal(world.matrix.sent().length, 1);
    assert.match(world.matrix.sent()[0] ?? '', words);
    assert.equal(world.store.rows[0]?.status, 'live');
  }
});
