import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelId, matrixUserId, slackUserId } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { bot } from './support/recorded-matrix.ts';
import { ann, makeWorld, place, portal, team } from './support/world.ts';
import type { World } from './support/world.ts';

const [annInSlack, bob] = [slackUserId('UANN'), slackUserId('UBOB')];
const bobAtHome = matrixUserId('@bob:hs');
const chat: Portal = { ...portal, kind: 'direct', through: 'people' };

/** A chat of Ann, who has logged in, and Bob. */
function scene(change: Partial<Portal> = {}): World {
  const world = makeWorld({ ...chat, ...change });
  world.puppets.link(ann, annInSlack);
  world.readers.known.set(place.channel, [annInSlack]);
  world.slack.chats.set(place.channel, { kind: 'direct', members: [annInSlack, bob] });
  world.slack.channels = [{ ...place, name: 'D1', private: true, archived: false, member: true }];
  world.matrix.members = [bot, ann, matrixUserId('@slack_ubob:hs')];
  return world;
}

test('who logs in gets the chats that are there already', async () => {
  const world = scene();
  world.puppets.link(bobAtHome, bob);
  await world.portals.loginChanged({ team, user: bob }, 'login:1');
  assert.deepEqual(world.readers.of(place), [bob, annInSlack]);
  const invited = world.matrix.of('invite').map(({ text }) => text);
  assert.ok(invited.includes(bobAtHome));
});

test('nothing is asked of Slack about chats of others', async () => {
  const world = scene();
  world.slack.chat = () => assert.fail('Slack was asked');
  world.puppets.link(matrixUserId('@zoe:hs'), slackUserId('UZOE'));
  await world.portals.loginChanged({ team, user: slackUserId('UZOE') }, 'login:1');
  assert.deepEqual(world.matrix.of('invite'), []);
});

test('when the last one logs out a chat pauses, and goes on when somebody logs in', async () => {
  const world = scene();
  world.puppets.unlink(annInSlack);
  world.slack.channels = [];
  await world.portals.loginChanged({ team, user: annInSlack }, 'login:1');
  assert.match(world.store.byId(chat.id)?.pausedBecause ?? '', /Nobody of this chat is logged in/);
  world.puppets.link(ann, annInSlack);
  world.slack.channels = [{ ...place, name: 'D1', private: true, archived: false, member: true }];
  await world.portals.loginChanged({ team, user: annInSlack }, 'login:2');
  assert.equal(world.store.byId(chat.id)?.status, 'live');
});

test('it doesn’t pause while another one reads it', async () => {
  const world = scene();
  world.puppets.link(bobAtHome, bob);
  world.readers.known.set(place.channel, [bob, annInSlack]);
  world.puppets.unlink(annInSlack);
  await world.portals.loginChanged({ team, user: annInSlack }, 'login:1');
  assert.equal(world.store.byId(chat.id)?.status, 'live');
});

test('a private channel to which the bot is invited is read by the bot', async () => {
  const world = scene({ kind: 'channel', channels: [{ team, channel: channelId('C1'), name: 'plans' }] });
  await world.fromSlack({ type: 'channel', change: 'bot-joined', ...place });
  assert.equal(world.store.byId(chat.id)?.through, 'bot');
});
