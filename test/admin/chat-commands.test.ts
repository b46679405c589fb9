import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelId, matrixUserId, portalId, roomId, slackUserId } from '../../src/ids.ts';
import { mention } from '../../src/format/doc.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { bot } from '../portal/support/recorded-matrix.ts';
import { ann, matrixMessage, portal, team } from '../portal/support/world.ts';
import { makeOffice, secret } from './support.ts';

const [annInSlack, bob, cy] = [slackUserId('UANN'), slackUserId('UBOB1'), slackUserId('UCY01')];

/** Ann has logged in; Slack knows Bob Byte and Cy. */
function scene(...portals: readonly Portal[]) {
  const office = makeOffice(...portals);
  office.puppets.link(ann, annInSlack);
  office.people.puppets = office.puppets.all();
  const person = { team, bot: false, deactivated: false };
  office.slack.profiles.set(bob, { ...person, id: bob, name: 'Bob Byte' });
  office.slack.profiles.set(cy, { ...person, id: cy, name: 'Cy' });
  office.slack.chats.set('DUBOB1', { kind: 'direct', members: [annInSlack, bob] });
  office.slack.chats.set('DUBOB1UCY01', { kind: 'group', members: [annInSlack, bob, cy] });
  return office;
}

test('“dm” opens the chat with somebody, and leads there when it is open', async () => {
  const office = scene();
  assert.match(await office.say('!slack dm @Cy Bob Byte'), /nobody called “Bob”/);
  const answer = await office.say('!slack dm Bob Byte');
  assert.match(answer, /Here is your chat: .*Bob Byte/);
  const made = office.store.byChannel(team, channelId('DUBOB1'));
  assert.deepEqual([made?.kind, made?.status], ['direct', 'live']);
  assert.match(await office.say('!slack dm UBOB1'), /Here is your chat/);
  assert.equal(office.matrix.of('create').length, 1);
});

test('several people make a group, also by pills of their ghosts', async () => {
  const office = scene();
  await office.say('!slack dm UBOB1 Cy');
  assert.equal(office.store.byChannel(team, channelId('DUBOB1UCY01'))?.kind, 'group');
  const other = scene();
  const pill = mention({ type: 'matrix-user', user: matrixUserId('@slack_ubob1:hs') });
  const text = { blocks: [{ type: 'paragraph' as const, children: [pill] }] };
  await other.commands.run(matrixMessage('$pill', '!slack dm whoever', { text }), 'room');
  assert.equal(other.store.byChannel(team, channelId('DUBOB1'))?.status, 'live');
});

test('“dm” needs a login of one’s own, and somebody else', async () => {
  const office = scene();
  office.slack.profiles.set(annInSlack, {
    ...(office.slack.profiles.get(cy) ?? assert.fail()),
    id: annInSlack,
    name: 'Ann',
  });
  assert.match(await office.say('!slack dm Ann'), /That is you/);
  assert.match(await office.say('!slack dm Zoe'), /nobody called “Zoe”/);
  office.people.puppets = [];
  assert.match(await office.say('!slack dm Cy'), /say “login” to me/);
});

const chat: Portal = {
  ...portal,
  id: portalId(9),
  kind: 'direct',
  through: 'people',
  room: roomId('!theirs:hs'),
  status: 'paused',
  pausedBecause: 'of something',
  channels: [{ team, channel: channelId('D9'), name: 'Bob and Zoe' }],
};

for (const permission of ['user', 'admin'] as const)
  test(`chats of others are nowhere to be seen (${permission})`, async () => {
    const office = scene(chat);
    office.permissions.set(ann, permission);
    office.matrix.joinedMembers = async () => [bot, matrixUserId('@zoe:hs')];
    for (const say of ['list', 'status', 'status D9', 'status Bob', 'unlink D9', 'set pins off D9'])
      assert.doesNotMatch(await office.say(`!slack ${say}`), /Zoe|theirs|of something/, say);
    assert.equal(office.store.byId(chat.id)?.status, 'paused');
  });

test('who is in a chat sees how it is doing', async () => {
  const office = scene(chat);
  office.matrix.joinedMembers = async () => [bot, ann];
  assert.match(await office.say('!slack status D9'), /the chat of Bob and Zoe in Acme: paused/);
});

test('who is in a private channel can link it by their own account', async () => {
  const office = scene();
  office.slack.channels = [{ ...secret, member: false }];
  assert.match(
    await office.say('!slack link #layoffs'),
    /no channel “#layoffs”.*who is in it and has logged in/,
  );
  office.slack.chats.set(secret.channel, { kind: 'channel', members: [annInSlack, bob] });
  assert.match(await office.say('!slack link #layoffs'), /Linked to #layoffs.*I read it by your account/s);
  const linked = office.store.byChannel(team, secret.channel);
  assert.deepEqual([linked?.through, linked?.kind, linked?.status], ['people', 'channel', 'live']);
  assert.deepEqual(office.readers.of({ team, channel: secret.channel }), [annInSlack]);
});

test('no private channel meets an open room, through whomever it is read', async () => {
  const office = scene();
  office.slack.channels = [{ ...secret, member: false }];
  office.slack.chats.set(secret.channel, { kind: 'channel', members: [annInSlack] });
  office.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
  assert.match(await office.say('!slack link #layoffs'), /private in Slack, and anybody may join/);
  assert.equal(office.store.byChannel(team, secret.channel), undefined);
});
