import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { channelId, eventId, matrixUserId, roomId, slackUserId } from '../../src/ids.ts';
import type { MatrixUserId } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { bot } from './support/recorded-matrix.ts';
import { ann, makeWorld, matrixMessage, portal, team } from './support/world.ts';
import type { World } from './support/world.ts';

const [annInSlack, bob, cy] = [slackUserId('UANN'), slackUserId('UBOB'), slackUserId('UCY')];
const [bobsGhost, cysGhost] = [matrixUserId('@slack_ubob:hs'), matrixUserId('@slack_ucy:hs')];
const own = roomId('!own:hs');
const two = channelId('DUBOB');
const three = channelId('DUBOBUCY');

/** Ann has logged in; she and the ghosts in `members` are in her room. */
function scene(members: readonly MatrixUserId[] = [ann, bobsGhost], linked = true): World {
  const world = makeWorld();
  if (linked) world.puppets.link(ann, annInSlack);
  world.slack.chats.set(two, { kind: 'direct', members: [annInSlack, bob] });
  world.slack.chats.set(three, { kind: 'group', members: [annInSlack, bob, cy] });
  world.slack.channels.push(
    { team, channel: two, name: two, private: true, archived: false, member: true },
    { team, channel: three, name: three, private: true, archived: false, member: true },
  );
  world.matrix.stateOfType = async () =>
    members.map((user) => ({ stateKey: user, sender: ann, content: { membership: 'join' } }));
  return world;
}

function invite(user: MatrixUserId, direct = true, room = own): MatrixEvent {
  const where = { event: eventId(`$invite${user}`), room, sender: ann, at: 1 };
  return { type: 'member', user, membership: 'invite', direct, ...where };
}

function chatIn(world: World, channel = two) {
  const found = world.store.byChannel(team, channel);
  return found && [found.room, found.kind, found.status];
}

test('a room in which a linked person invites a ghost becomes their chat in Slack', async () => {
  const world = scene();
  await world.fromMatrix(invite(bobsGhost));
  assert.deepEqual(chatIn(world), [own, 'direct', 'live']);
  assert.deepEqual(
    world.slack.of('open').map(({ name, by }) => [name, by]),
    [['UBOB', annInSlack]],
  );
  const joined = world.matrix.of('join').map(({ as }) => as);
  assert.deepEqual(joined.slice(0, 2), [bobsGhost, bot]);
  assert.equal(world.matrix.of('create').length, 0);
  await world.fromMatrix(invite(bobsGhost)); // told again
  assert.equal(world.store.all().filter(({ kind }) => kind === 'direct').length, 1);
});

test('a room of a person and a ghost is a chat, too, if nobody said so; one with more people isn’t', async () => {
  const world = scene();
  await world.fromMatrix(invite(bobsGhost, false));
  assert.deepEqual(chatIn(world), [own, 'direct', 'live']);
  const crowd = scene([ann, matrixUserId('@zoe:hs'), bobsGhost]);
  await crowd.fromMatrix(invite(bobsGhost, false));
  assert.equal(chatIn(crowd), undefined);
  assert.deepEqual(
    crowd.matrix.of('leave').map(({ as }) => as),
    [bot, bobsGhost],
  );
});

test('whoever hasn’t logged in is told how, and the ghost goes', async () => {
  const world = scene([ann, bobsGhost], false);
  await world.fromMatrix(invite(bobsGhost));
  assert.equal(chatIn(world), undefined);
  assert.match(world.matrix.sent()[0] ?? '', /logged in to Slack.*say “login”/i);
  assert.deepEqual(world.slack.of('open'), []);
  assert.deepEqual(
    world.matrix.of('leave').map(({ as }) => as),
    [bot, bobsGhost],
  );
});

test('who is not open to the bridge gets no ghost', async () => {
  const world = scene();
  world.permissions.set(ann, 'none');
  await world.fromMatrix(invite(bobsGhost));
  assert.deepEqual(
    world.matrix.effects.map(({ call }) => call),
    ['leave'],
  );
});

test('where the chat has a room, people are led there', async () => {
  const world = scene();
  const elsewhere = roomId('!elsewhere:hs');
  const channel = { team, channel: two, name: 'Bob' };
  await world.store.create({ room: elsewhere, channel, since: portal.since, kind: 'direct' });
  await world.fromMatrix(invite(bobsGhost));
  assert.match(world.matrix.sent()[0] ?? '', /has a room already/);
  assert.deepEqual(
    world.matrix.of('invite').map(({ room, text }) => [room, text]),
    [[elsewhere, ann]],
  );
  assert.equal(chatIn(world)?.[0], elsewhere);
});

test('a room that lacks what a portal needs is told so', async () => {
  const world = scene();
  world.matrix.states.set('m.room.encryption', {});
  await world.fromMatrix(invite(bobsGhost));
  assert.deepEqual(chatIn(world), [own, 'direct', 'paused']);
  assert.match(world.matrix.sent()[0] ?? '', /encrypted/);
});

/** Ann's chat with Bob, as the portal 8. */
async function chatOfTwo(world: World): Promise<Portal> {
  await world.fromMatrix(invite(bobsGhost));
  const made = world.store.byChannel(team, two);
  assert.ok(made);
  return made;
}

test('a chat to which somebody is invited goes on as the larger one, in its room', async () => {
  const world = scene();
  const before = await chatOfTwo(world);
  await world.fromMatrix(invite(cysGhost));
  assert.equal(chatIn(world, two), undefined);
  assert.deepEqual(chatIn(world, three), [own, 'group', 'live']);
  assert.match(world.matrix.sent().at(-1) ?? '', /new conversation from here on/);
  assert.match(JSON.stringify(world.matrix.states.get('m.room.name')), /name of UCY/);
  await world.fromMatrix(invite(cysGhost)); // told again
  assert.deepEqual(chatIn(world, three), [own, 'group', 'live']);
  const message = matrixMessage('$late', 'hello all', { room: own });
  await world.fromMatrix(message, { lane: `portal:${before.id}:matrix` });
  assert.deepEqual(
    world.slack.of('post').map(({ text }) => text),
    ['hello all'],
  );
});

test('what was said before somebody is invited goes to those who were there', async () => {
  const world = scene();
  const { id } = await chatOfTwo(world);
  world.chats.waiting.set(`portal:${id}:matrix`, [4]);
  await assert.rejects(world.fromMatrix(invite(cysGhost), { seq: 5 }), TryLater);
  assert.deepEqual(chatIn(world), [own, 'direct', 'live']);
  world.chats.waiting.set(`portal:${id}:matrix`, [6]);
  await world.fromMatrix(invite(cysGhost), { seq: 5 });
  assert.deepEqual(chatIn(world, three), [own, 'group', 'live']);
});

test('a larger chat that has a room isn’t made twice', async () => {
  const world = scene();
  await chatOfTwo(world);
  const elsewhere = roomId('!elsewhere:hs');
  const channel = { team, channel: three, name: 'Bob, Cy' };
  await world.store.create({ room: elsewhere, channel, since: portal.since, kind: 'group' });
  await world.fromMatrix(invite(cysGhost));
  assert.deepEqual(chatIn(world), [own, 'direct', 'live']);
  assert.match(world.matrix.sent().at(-1) ?? '', /has a room already/);
});

test('ghosts that people invite to a channel’s room are no chat', async () => {
  const world = scene();
  const event = invite(bobsGhost, true, portal.room);
  await world.fromMatrix(event);
  assert.deepEqual(world.slack.of('open'), []);
});

test('a chat that nobody with a login is in any more ends, and begins anew when somebody writes', async () => {
  const world = scene();
  await chatOfTwo(world);
  world.matrix.members = [bot, bobsGhost];
  const left = { event: eventId('$left'), room: own, sender: ann, at: 1, direct: false } as const;
  await world.fromMatrix({ type: 'member', user: ann, membership: 'leave', ...left });
  assert.equal(chatIn(world), undefined);
  assert.deepEqual(
    world.matrix.of('leave').map(({ as }) => as),
    [bobsGhost, bot],
  );
});
