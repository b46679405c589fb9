import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { eventId } from '../../src/ids.ts';
import { makeWorld, matrixMessage, slackMessage } from './support/world.ts';

const reason = { code: 'msg_too_long', message: 'it is too long for Slack.' };

test('a sender in Matrix is told why, beside the message, and only once', async () => {
  const world = makeWorld();
  const event = matrixMessage('$m', 'hello', { relation: { thread: eventId('$root') } });
  await world.portals.giveUp({ from: 'matrix', seq: 3, event }, reason);
  await world.portals.giveUp({ from: 'matrix', seq: 3, event }, reason);
  const [notice, ...more] = world.matrix.of('send');
  assert.deepEqual(more, []);
  assert.equal(notice?.as, '@slackbot:hs');
  assert.equal(notice?.text, '⚠️ This message was not bridged to Slack: it is too long for Slack.');
  assert.equal(notice?.message?.kind, 'notice');
  assert.equal(notice?.message?.replyTo, '$m');
  assert.deepEqual(notice?.message?.thread, { root: '$root', latest: '$m' });
});

test('what comes from Slack and can’t be bridged is in the audit log, without its text', async () => {
  const world = makeWorld();
  await world.portals.giveUp({ from: 'slack', seq: 3, event: slackMessage('1500.000000', 'secret') }, reason);
  assert.deepEqual(world.matrix.effects, []);
  assert.equal(world.audited[0]?.action, 'give-up');
  assert.ok(!JSON.stringify(world.audited).includes('secret'));
  assert.deepEqual(world.counted, ['failed slack msg_too_long']);
});

test('an item that can’t even be read is counted and recorded', async () => {
  const world = makeWorld();
  await world.portals.giveUp({ from: 'matrix', seq: 3 }, reason);
  assert.equal(world.audited.length, 1);
});

test('a sender who can’t be told now is told later, and it counts once', async () => {
  const world = makeWorld();
  const { send } = world.matrix;
  world.matrix.send = () => Promise.reject(new TryLater('down', { target: 'matrix' }));
  const failed = { from: 'matrix', seq: 3, event: matrixMessage('$m', 'hello') } as const;
  await assert.rejects(world.portals.giveUp(failed, reason), TryLater);
  world.matrix.send = send;
  await world.portals.giveUp(failed, reason);
  assert.equal(world.matrix.of('send').length, 1);
  assert.deepEqual(world.counted, ['failed matrix msg_too_long']);
  assert.equal(world.audited.length, 1);
});

test('a room that takes no notice makes no trouble beyond the log', async () => {
  const world = makeWorld();
  world.matrix.send = () => Promise.reject(new CannotBridge('matrix-forbidden', 'no'));
  await world.portals.giveUp({ from: 'matrix', seq: 3, event: matrixMessage('$m', 'hello') }, reason);
  assert.deepEqual(world.counted, ['failed matrix msg_too_long']);
  assert.equal(world.audited.length, 1);
});
