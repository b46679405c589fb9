import assert from 'node:assert/strict';
import { test } from 'node:test';
import { channelId } from '../../src/ids.ts';
import { ann, general, matrixMessage, portal, room } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

test('link joins the room to the channel and says what that means on both sides', async () => {
  const office = makeOffice();
  const answer = await office.say('!slack link #general');
  assert.match(answer, /^Linked to #general in Acme/);
  assert.match(answer, /for all in this room \(now one person\)/);
  assert.match(answer, /under the writer’s name with “\(Matrix\)”/);
  assert.equal(office.store.byRoom(room)?.status, 'live');
});

test('the answer is a notice to the command, and one however often it runs', async () => {
  const office = makeOffice();
  const message = matrixMessage('$c', '!slack link #general');
  await office.commands.run(message, 'room');
  await office.commands.run(message, 'room');
  const [answer, ...more] = office.matrix.of('send');
  assert.deepEqual(more, []);
  assert.equal(answer?.message?.kind, 'notice');
  assert.equal(answer?.message?.replyTo, '$c');
  assert.equal(office.store.rows.length, 1);
});

test('linking needs power in the room, whatever else one may', async () => {
  const office = makeOffice();
  office.permissions.set(ann, 'admin');
  office.matrix.powers.set(ann, 0);
  assert.match(await office.say('!slack link #general'), /You need a power level of 50 in the room/);
  assert.equal(office.store.rows.length, 0);
});

test('who may only be relayed gives no commands', async () => {
  const office = makeOffice();
  office.permissions.set(ann, 'relay');
  for (const text of ['!slack list', '!slack lsit'])
    assert.match(await office.say(text), /permission “user” for this, and have “relay”/);
});

test('a private channel is there for administrators only', async () => {
  const office = makeOffice();
  assert.match(await office.say('!slack link layoffs'), /There is no channel “layoffs” that I can see/);
  assert.ok(!(await office.say('!slack list')).includes('layoffs'));
  office.permissions.set(ann, 'admin');
  assert.match(await office.say('!slack list'), /#layoffs \(private\)/);
  assert.match(await office.say('!slack link layoffs'), /^Linked to #layoffs/);
});

test('a name that stands in several places lists the choices', async () => {
  const office = makeOffice();
  office.slack.channels.push({ ...general, channel: channelId('C9') });
  const answer = await office.say('!slack link general');
  assert.match(answer, /Which one\? #general in Acme \(C1\), #general in Acme \(C9\)/);
});

test('a workspace that isn’t there is answered with a suggestion', async () => {
  const office = makeOffice();
  assert.match(await office.say('!slack link general Acne'), /no workspace “Acne” here. Did you mean “Acme”/);
});

test('in a chat with the bot a room is made and the asker invited', async () => {
  const office = makeOffice();
  const answer = await office.say('link #general', 'direct');
  assert.deepEqual(
    office.matrix.of('create').map((each) => each.text),
    ['#general for @ann:hs'],
  );
  assert.match(answer, /I made the room #general and invited you/);
  assert.equal(office.store.rows[0]?.room, '!new:hs');
});

test('in a chat with the bot a linked channel is answered with its room', async () => {
  const office = makeOffice(portal);
  assert.equal(await office.say('link #general', 'direct'), '#general in Acme is linked already: #general');
  assert.deepEqual(office.matrix.of('create'), []);
});

test('no room is made for a channel that can’t be linked, and none is kept', async () => {
  const office = makeOffice();
  office.slack.channels = [{ ...general, archived: true }];
  assert.match(await office.say('link #general', 'direct'), /is archived/);
  assert.deepEqual(office.matrix.of('create'), []);
  office.slack.channels = [general];
  office.slack.bridges = ['matterbridge'];
  assert.match(await office.say('link #general', 'direct'), /Another bridge.*add the word “anyway”/);
  assert.deepEqual(
    office.matrix.of('leave').map((each) => each.room),
    ['!new:hs'],
  );
});

test('“anyway” links beside another bridge', async () => {
  const office = makeOffice();
  office.slack.bridges = ['matterbridge'];
  assert.match(await office.say('!slack link #general'), /matterbridge.*add the word “anyway”/);
  assert.match(await office.say('!slack link #general anyway'), /^Linked/);
  assert.match(await office.say('!slack link #general Acme soon'), /“soon” can't be read/);
});

test('unlink parts the room of the channel, for those with power there', async () => {
  const office = makeOffice(portal);
  office.matrix.powers.set(ann, 0);
  assert.match(await office.say('!slack unlink'), /power level of 50/);
  office.matrix.powers.set(ann, 50);
  assert.match(await office.say('!slack unlink'), /This parts #general in Acme.*say !slack unlink yes/s);
  assert.equal(office.store.byRoom(room)?.status, 'live');
  assert.match(await office.say('!slack unlink yes'), /#general in Acme is not linked any more/);
  assert.equal(office.store.byRoom(room), undefined);
});

test('unlink works from a chat with the bot by the channel’s name', async () => {
  const office = makeOffice(portal);
  assert.match(await office.say('unlink nothing', 'direct'), /No linked channel is called “nothing”/);
  assert.match(await office.say('unlink #general yes', 'direct'), /is not linked any more/);
});

test('unlink in a room that isn’t linked says so', async () => {
  const office = makeOffice();
  assert.match(await office.say('!slack unlink'), /This room is not linked/);
});
