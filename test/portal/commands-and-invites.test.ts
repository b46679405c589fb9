import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { eventId, matrixUserId, roomId } from '../../src/ids.ts';
import { bot } from './support/recorded-matrix.ts';
import { ann, makeWorld, matrixMessage } from './support/world.ts';

const chat = roomId('!chat:hs');

function invite(direct: boolean): MatrixEvent {
  const place = { event: eventId('$invite'), room: chat, sender: ann, at: 1 };
  return { type: 'member', user: bot, membership: 'invite', direct, ...place };
}

test('a command in a linked room goes to the bot and not to Slack', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', '!slack status'));
  assert.deepEqual(world.commands.ran, ['room: !slack status']);
  assert.deepEqual(world.slack.effects, []);
});

test('an edited command is neither run again nor posted', async () => {
  const world = makeWorld();
  const message = matrixMessage('$e', '!slack unlink');
  await world.fromMatrix({ ...message, type: 'edit', target: eventId('$m'), message });
  assert.deepEqual(world.commands.ran, []);
  assert.deepEqual(world.slack.effects, []);
});

test('in a chat with the bot alone any text is a command', async () => {
  const world = makeWorld();
  world.matrix.members = [bot, ann];
  await world.fromMatrix(matrixMessage('$m', 'list', { room: chat }));
  await world.fromMatrix(matrixMessage('$n', '!slack list', { room: chat }));
  assert.deepEqual(world.commands.ran, ['direct: list', 'direct: !slack list']);
});

test('a room with a name, or with others in it, is no chat with the bot', async () => {
  const world = makeWorld();
  world.matrix.members = [bot, ann];
  world.matrix.states.set('m.room.name', { name: 'Plans' });
  await world.fromMatrix(matrixMessage('$m', 'note to myself', { room: chat }));
  await world.fromMatrix(matrixMessage('$n', '!slack link #general', { room: chat }));
  world.matrix.states.clear();
  world.matrix.members = [bot, ann, matrixUserId('@carol:hs')];
  await world.fromMatrix(matrixMessage('$o', 'hello', { room: chat }));
  assert.deepEqual(world.commands.ran, ['room: !slack link #general']);
});

test('what ghosts hear in a room that the bot has left concerns nobody', async () => {
  const world = makeWorld();
  world.matrix.joinedMembers = () => Promise.reject(new CannotBridge('matrix-forbidden', 'not in the room'));
  await world.fromMatrix(matrixMessage('$m', 'among us', { room: chat }));
  assert.deepEqual(world.commands.ran, []);
  assert.deepEqual(world.counted, ['ignored matrix no-portal']);
});

test('whoever may use the bridge can invite the bot, and is greeted', async () => {
  const world = makeWorld();
  await world.fromMatrix(invite(true));
  assert.deepEqual(
    world.matrix.of('join').map((each) => each.room),
    [chat],
  );
  assert.deepEqual(world.commands.ran, [`greet ${ann} (direct)`]);
});

test('an invitation by somebody else is declined', async () => {
  const world = makeWorld();
  world.permissions.set(ann, 'relay');
  await world.fromMatrix(invite(false));
  assert.deepEqual(world.matrix.of('join'), []);
  assert.deepEqual(
    world.matrix.of('leave').map((each) => [each.room, each.as]),
    [[chat, bot]],
  );
});
