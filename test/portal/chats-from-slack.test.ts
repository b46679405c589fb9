import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelId, matrixUserId, slackUserId } from '../../src/ids.ts';
import type { SlackChat } from '../../src/portal/ports.ts';
import { ann, bob, makeTurn, makeWorld, slackMessage, team } from './support/world.ts';
import type { World } from './support/world.ts';
import { ourBot } from './support/recorded-slack.ts';

const annInSlack = slackUserId('UANN');
const place = { team, channel: channelId('D1') };
const lane = 'chat:T1:D1';
const two: SlackChat = { kind: 'direct', members: [annInSlack, bob] };

/** Ann has logged in; Bob hasn't. */
function scene(chat: SlackChat = two): World {
  const world = makeWorld();
  world.puppets.link(ann, annInSlack);
  world.slack.chats.set(place.channel, chat);
  return world;
}

/** The item `seq` of the chat's lane; resolves with how often it was stored again. */
async function told(world: World, seq: number): Promise<number> {
  let again = 0;
  const event = slackMessage(`1500.00000${seq}`, 'hello', place);
  const { turn } = makeTurn(world.links, { lane, seq });
  await world.portals.chatFromSlack(
    { event, readers: [annInSlack], again: async () => void (again += 1) },
    turn,
  );
  return again;
}

test('the first message of a chat makes its room, with ghosts and linked people in it', async () => {
  const world = scene();
  assert.equal(await told(world, 1), 1);
  const portal = world.store.byChannel(team, place.channel);
  assert.deepEqual([portal?.kind, portal?.through, portal?.status], ['direct', 'people', 'live']);
  assert.equal(portal?.channels[0].name, 'name of UBOB, somebody');
  assert.deepEqual(
    world.matrix.of('create').map(({ text }) => text),
    ['no name for @ann:hs, @slack_ubob:hs'],
  );
  assert.deepEqual(
    world.matrix.of('join').map(({ as }) => as),
    ['@slack_ubob:hs', ann], // Ann by her own account
  );
  assert.deepEqual(world.readers.of(place), [annInSlack]);
  assert.equal(world.chats.begun.size, 0);
});

test('nothing goes through a chat before all that was said earlier is stored for it', async () => {
  const world = scene();
  world.chats.waiting.set(lane, [1, 2]);
  await told(world, 1);
  assert.equal(world.store.byChannel(team, place.channel)?.status, 'filling');
  world.chats.waiting.set(lane, [2]);
  assert.equal(await told(world, 2), 1);
  assert.equal(world.store.byChannel(team, place.channel)?.status, 'live');
  assert.equal(world.matrix.of('create').length, 1);
});

for (const [where, last] of [
  ['once the homeserver made the room', 'made'],
  ['once the portal is there', 'joined'],
  ['once its people are in', 'described'],
] as const)
  test(`a process that ends ${where} leaves nothing that the next doesn’t bring to the same end`, async () => {
    const world = scene();
    world.matrix.afterStep = (step) => {
      if (step === last) throw new Error('the process ends');
    };
    await assert.rejects(told(world, 1), /the process ends/);
    world.matrix.afterStep = () => undefined;
    assert.equal(await told(world, 1), 1);
    const portals = world.store.all().filter(({ kind }) => kind === 'direct');
    assert.deepEqual(
      portals.map(({ room, status }) => [room, status]),
      [['!chat1:hs', 'live']],
    );
    assert.equal(world.matrix.of('create').length, 1);
  });

test('a group’s room is called by its people', async () => {
  const world = scene({ kind: 'group', members: [annInSlack, bob, slackUserId('UCY')] });
  await told(world, 1);
  assert.deepEqual(
    world.matrix.of('create').map(({ text }) => text),
    ['name of UBOB, name of UCY, somebody for @ann:hs, @slack_ubob:hs, @slack_ucy:hs'],
  );
  assert.equal(world.store.byChannel(team, place.channel)?.kind, 'group');
});

test('people who may not use the bridge get no room', async () => {
  const world = scene({ kind: 'group', members: [annInSlack, bob, slackUserId('UDAN')] });
  world.puppets.link(matrixUserId('@dan:hs'), slackUserId('UDAN'));
  world.permissions.set('@dan:hs', 'none');
  await told(world, 1);
  assert.deepEqual(
    world.matrix.of('create').map(({ text }) => text),
    ['name of UBOB, name of UDAN, somebody for @ann:hs, @slack_ubob:hs, @slack_udan:hs'],
  );
});

for (const [what, chat] of [
  ['what people say to the bridge’s own bot', { kind: 'direct', members: [annInSlack, ourBot] }],
  ['notes to oneself', { kind: 'direct', members: [annInSlack] }],
  ['a private channel', { kind: 'channel', members: [annInSlack, bob] }],
] as const)
  test(`${what} makes no room`, async () => {
    const world = scene(chat);
    assert.equal(await told(world, 1), 0);
    assert.equal(world.matrix.effects.length, 0);
    assert.deepEqual(world.counted, ['ignored slack no-chat']);
  });

test('a chat of somebody who has logged out makes no room', async () => {
  const world = scene();
  world.puppets.unlink(annInSlack);
  assert.equal(await told(world, 1), 0);
  assert.equal(world.matrix.of('create').length, 0);
});
