import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { eventId, slackUserId } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { ann, makeWorld, matrixMessage, place, portal } from './support/world.ts';
import type { World } from './support/world.ts';

const annInSlack = slackUserId('UANN');
const chat: Portal = { ...portal, kind: 'direct', through: 'people' };

function refused(reason: string) {
  return (error: unknown) => error instanceof CannotBridge && error.reason === reason;
}

function posted(world: World) {
  return world.slack.of('post').map(({ text, post }) => [text, post?.by, post?.as]);
}

test('in a chat a linked person writes as themselves', async () => {
  const world = makeWorld(chat);
  world.puppets.link(ann, annInSlack);
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  assert.deepEqual(posted(world), [['hello', annInSlack, undefined]]);
});

for (const kind of ['direct', 'channel'] as const)
  test(`whoever hasn’t logged in reaches nobody where only people read (${kind}), and is told what to do`, async () => {
    const world = makeWorld({ ...chat, kind });
    const message = matrixMessage('$m', 'hello');
    await assert.rejects(world.fromMatrix(message), refused('not-linked'));
    assert.deepEqual(world.slack.effects, []);
  });

test('whoever left a chat in Slack isn’t spoken for by the bot', async () => {
  const world = makeWorld(chat);
  world.puppets.link(ann, annInSlack);
  world.slack.post = () => Promise.reject(new CannotBridge('channel_not_found', 'gone'));
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), /isn’t in this conversation any more/);
});

test('reactions in a chat are people’s own', async () => {
  const world = makeWorld(chat);
  world.puppets.link(ann, annInSlack);
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  const reaction = { type: 'reaction', event: eventId('$r'), target: eventId('$m'), key: '👍' } as const;
  await world.fromMatrix({ ...reaction, room: chat.room, sender: ann, at: 1 });
  assert.deepEqual(
    world.slack.of('react').map(({ name, by }) => [name, by]),
    [['+1', annInSlack]],
  );
});

test('where nobody is left who reads it, a portal pauses and says how it goes on', async () => {
  const world = makeWorld({ ...chat, status: 'paused', pausedBecause: 'the workspace' });
  world.slack.channels = [];
  await assert.rejects(world.fromMatrix(matrixMessage('$m', 'hello')), TryLater);
  assert.match(world.store.byId(chat.id)?.pausedBecause ?? '', /Nobody of this chat is logged in/);
  world.puppets.link(ann, annInSlack);
  world.slack.channels = [{ ...place, name: 'D1', private: true, archived: false, member: true }];
  world.clock.at += 60_000;
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  assert.equal(world.store.byId(chat.id)?.status, 'live');
  assert.deepEqual(posted(world), [['hello', annInSlack, undefined]]);
});
