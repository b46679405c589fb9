import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventId, portalId, roomId } from '../../src/ids.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { bot } from '../portal/support/recorded-matrix.ts';
import { ann, general, matrixMessage, portal, room } from '../portal/support/world.ts';
import { makeOffice, secret } from './support.ts';

test('help shows each command as it is typed in this place', async () => {
  const office = makeOffice();
  assert.match(
    await office.say('!slack help'),
    /- !slack link <channel> \[team\] \[anyway\] – Joins this room/,
  );
  assert.match(await office.say('help', 'direct'), /- link <channel> \[team\] \[anyway\] – Joins this room/);
});

test('who invited the bot is greeted with what it can do, once', async () => {
  const office = makeOffice();
  const invitation = { room, asker: ann, event: eventId('$invite'), place: 'direct' } as const;
  await office.commands.greet(invitation);
  await office.commands.greet(invitation);
  assert.equal(office.matrix.sent().length, 1);
  assert.match(office.matrix.sent()[0] ?? '', /I join rooms to Slack channels/);
});

test('list shows the channels, linked ones first, with their rooms and states', async () => {
  const office = makeOffice({ ...portal, status: 'paused' });
  office.slack.channels = [{ ...general, channel: secret.channel, name: 'alpha' }, general];
  assert.equal(await office.say('!slack list'), 'Acme\n- #general → !room:hs (paused)\n- #alpha');
  assert.equal(await office.say('!slack list alp'), 'Acme\n- #alpha');
  assert.equal(await office.say('!slack list zz'), 'Acme\n\nNo channel fits.');
});

test('a long list comes in pages, and says how to see the next', async () => {
  const office = makeOffice();
  office.slack.channels = Array.from({ length: 60 }, (_, index) => ({ ...general, name: `c${index}` }));
  assert.match(await office.say('!slack list'), /Page 1 of 2: !slack list page 2 shows more\.$/);
  assert.match(await office.say('!slack list c page 2'), /^Acme\n(?:- #c\d+\n){20}Page 2 of 2\.$/);
  assert.match(await office.say('!slack list page 3'), /There are 2 pages/);
});

test('status shows the portal, what waits, and both networks', async () => {
  const office = makeOffice({ ...portal, status: 'paused', pausedBecause: 'The channel is archived.' });
  office.depth = {
    toMatrix: { items: 0 },
    toSlack: { items: 4, oldest: office.clock.now() - 200_000 }, // the question is one of them
    parked: 1,
    dead: 2,
  };
  const answer = await office.say('!slack status');
  assert.match(answer, /^#general in Acme: paused. The channel is archived./);
  assert.match(answer, /Waiting for Matrix: nothing/);
  assert.match(answer, /Waiting for Slack: 3, the oldest for 3 min/);
  assert.match(answer, /Given up: 2/);
  assert.match(answer, /Slack, Acme: fine\n- Homeserver: fine$/);
});

test('status names what is left out because the bot may not, in the room and in Slack', async () => {
  const office = makeOffice(portal);
  office.matrix.powers.set(bot, 50);
  assert.doesNotMatch(await office.say('!slack status'), /Left out|lacks/);
  office.matrix.powers.set(bot, 10);
  office.slack.lacks = ['pins:write (pins stay here)'];
  const answer = await office.say('!slack status');
  assert.match(
    answer,
    /- Left out in the room: the topic \(I need a power level of 50 for it, and have 10\)/,
  );
  assert.match(answer, /- Left out in the room: pinned messages/);
  assert.doesNotMatch(answer, /the name/);
  assert.match(answer, /- The app in Acme lacks pins:write \(pins stay here\)/);
});

test('status says the room’s address, or that another room has it', async () => {
  const office = makeOffice({ ...portal, policy: { ...portal.policy, name: true } });
  office.matrix.ownRooms.add(portal.room);
  assert.match(
    await office.say('!slack status'),
    /- Left out: the address #slack_general:hs \(it comes with/,
  );
  office.matrix.aliases.set('#slack_general:hs', roomId('!other:hs'));
  assert.match(await office.say('!slack status'), /#slack_general:hs \(it leads to another room\)/);
  office.matrix.aliases.set('#slack_general:hs', portal.room);
  assert.match(await office.say('!slack status'), /- Address: #slack_general:hs/);
});

test('status says when both sides are compared after a restored backup', async () => {
  const office = makeOffice(portal);
  assert.doesNotMatch(await office.say('!slack status'), /backup/);
  office.restored = 3;
  assert.match(
    await office.say('!slack status'),
    /- The database was restored from a backup. 3 linked channels wait/,
  );
});

test('status without a portal shows the whole bridge', async () => {
  const office = makeOffice({ ...portal, room: roomId('!other:hs') });
  office.slack.trouble = 'its token was revoked';
  const answer = await office.say('status', 'direct');
  assert.match(answer, /^Linked channels: 1 live./);
  assert.match(answer, /Slack, Acme: its token was revoked/);
});

test('an administrator sees which links are paused, and why', async () => {
  const office = makeOffice({
    ...portal,
    room: roomId('!far:hs'),
    status: 'paused',
    pausedBecause: 'Archived.',
  });
  assert.doesNotMatch(await office.say('status', 'direct'), /Archived/);
  office.permissions.set(ann, 'admin');
  assert.match(await office.say('status', 'direct'), /- Paused: #general in Acme\. Archived\./);
});

test('a private channel’s portal is known to those in its room and to administrators', async () => {
  const office = makeOffice({ ...portal, id: portalId(9), room: roomId('!s:hs'), channels: [secret] });
  office.matrix.members = [bot];
  assert.match(await office.say('status layoffs', 'direct'), /No linked channel is called/);
  office.matrix.members = [bot, ann];
  assert.match(await office.say('status layoffs', 'direct'), /^#layoffs in Acme: live/);
});

test('set shows the choices and changes one', async () => {
  const office = makeOffice(portal);
  assert.match(
    await office.say('!slack set'),
    /- bots: on \(whether what other Slack apps post comes here\)/,
  );
  assert.match(await office.say('!slack set direction to-slack'), /direction is now to-slack/);
  assert.match(await office.say('!slack set other-bridges ON'), /other-bridges is now on/);
  assert.deepEqual(office.store.byRoom(room)?.policy, {
    ...defaultPolicy,
    direction: 'to-slack',
    otherBridges: true,
  });
  assert.deepEqual(
    office.audited.map((each) => each.action),
    ['set', 'set'],
  );
});

test('set says what can be set, and to what', async () => {
  const office = makeOffice(portal);
  assert.match(await office.say('!slack set bosts on'), /nothing called “bosts” to set. Did you mean “bots”/);
  assert.match(await office.say('!slack set bots maybe'), /bots can be: on, off/);
  assert.match(await office.say('!slack set bots'), /bots can be: on, off/);
  office.matrix.powers.set(ann, 0);
  assert.match(await office.say('!slack set bots off'), /power level of 50/);
  office.permissions.set(ann, 'admin');
  assert.match(await office.say('!slack set bots off'), /bots is now off/);
  for (const value of ['0', '-1', '1e3', 'megabytes', 'none'])
    assert.match(await office.say(`!slack set file-size ${value}`), /file-size can be: default, megabytes/);
  assert.match(await office.say('!slack set file-size 2.5'), /file-size is now 2\.5 MB/);
  assert.equal(office.store.byId(portal.id)?.policy.largestFile, 2_500_000);
  assert.match(await office.say('!slack set file-size default'), /file-size is now default/);
});

test('a command that came more than ten minutes late is not carried out', async () => {
  const office = makeOffice();
  await office.commands.run(matrixMessage('$late', '!slack list', { age: 601_000 }), 'room');
  assert.match(office.matrix.sent()[0] ?? '', /^This command reached me more than ten minutes after/);
  await office.commands.run(matrixMessage('$soon', '!slack list', { age: 599_000 }), 'room');
  assert.match(office.matrix.sent()[1] ?? '', /^Acme/);
});
