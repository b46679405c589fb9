import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LetterView } from '../../src/admin/dead-letter-ports.ts';
import { portalId, roomId } from '../../src/ids.ts';
import { ann, portal } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

function letter(number: number, change: Partial<LetterView> = {}): LetterView {
  return {
    number,
    at: 5_000_000 - 200_000,
    from: 'matrix',
    portal: portal.id,
    kind: 'message',
    writer: '@bob:hs',
    why: 'it is too long for Slack.',
    ...change,
  };
}

test('a room shows what was given up in it: who wrote it, which way it went, when and why', async () => {
  const office = makeOffice(portal);
  office.desk.letters = [letter(12), letter(11, { portal: portalId(99) })];
  const answer = await office.say('!slack dead-letters');
  assert.match(answer, /^Given up for #general in Acme: 1\n/);
  assert.match(
    answer,
    /- 12: message by @bob:hs, from Matrix to Slack, 3 min ago: it is too long for Slack\./,
  );
  assert.match(answer, /!slack retry <number> tries again/);
  assert.doesNotMatch(answer, /11:/);
});

test('a chat with the bot shows an administrator everything, with its channel, page by page', async () => {
  const office = makeOffice({ ...portal, room: roomId('!far:hs') });
  office.permissions.set(ann, 'admin');
  office.desk.letters = Array.from({ length: 12 }, (_, index) => letter(30 - index));
  office.desk.letters = [...office.desk.letters, { number: 3, at: 0, from: 'slack', why: 'no event in it' }];
  assert.match(
    await office.say('dead-letters', 'direct'),
    /30: message by @bob:hs in #general in Acme,.*Page 1 of 2: dead-letters page 2 shows/s,
  );
  assert.match(
    await office.say('dead-letters 2', 'direct'),
    /- 3: something unreadable, from Slack to Matrix/,
  );
  assert.match(await office.say('dead-letters 3', 'direct'), /There are 2 pages/);
  assert.match(await office.say('dead-letters x', 'direct'), /“x” is no page/);
});

test('only who looks after the room, or the bridge, sees and touches what was given up', async () => {
  const office = makeOffice(portal);
  office.desk.letters = [letter(12)];
  office.matrix.powers.set(ann, 0);
  for (const words of ['dead-letters', 'retry 12', 'skip 12'])
    assert.match(await office.say(`!slack ${words}`), /power level of 50/);
  office.store.rows = [];
  for (const words of ['dead-letters', 'retry 12', 'skip all'])
    assert.match(await office.say(words, 'direct'), /permission “admin”/);
  assert.deepEqual(office.desk.asked, []);
});

test('retry says what came of it', async () => {
  const office = makeOffice(portal);
  office.desk.outcomes = [{ number: 12, result: 'arrived' }];
  assert.equal(await office.say('!slack retry 12'), 'Number 12 has arrived.');
  office.desk.outcomes = [{ number: 12, result: 'failed', why: 'it is too long for Slack.' }];
  assert.equal(await office.say('!slack retry #12'), 'Number 12 failed again: it is too long for Slack.');
  office.desk.outcomes = [
    { number: 1, result: 'arrived' },
    { number: 2, result: 'arrived' },
    { number: 3, result: 'waiting' },
    { number: 4, result: 'unreadable' },
  ];
  assert.match(
    await office.say('!slack retry all'),
    /^Tried again: 2 arrived, 1 still on the way, 1 can’t be tried, .*- Number 3 is on its way.*- Number 4 can’t/s,
  );
  assert.deepEqual(office.desk.asked, [
    `retry 12 by ${ann} in 7`,
    `retry 12 by ${ann} in 7`,
    `retry all by ${ann} in 7`,
  ]);
});

test('skip lets go, and says of what', async () => {
  const office = makeOffice(portal);
  office.desk.letters = [letter(12), letter(13)];
  assert.match(
    await office.say('!slack skip 12'),
    /one message or change, for good.*12: message by.*skip 12 yes/s,
  );
  assert.match(await office.say('!slack skip 12 yes'), /^Let go: number 12\./);
  assert.match(await office.say('!slack skip all yes'), /^Let go: 2\./);
});

test('a wrong number gets an answer that helps', async () => {
  const office = makeOffice(portal);
  assert.match(await office.say('!slack retry'), /number is missing: !slack retry <number>/);
  assert.match(await office.say('!slack retry al'), /“al” is no number.*Did you mean “all”/);
  assert.match(await office.say('!slack skip 0x1'), /“0x1” is no number/);
  assert.match(await office.say('!slack retry 5'), /Nothing of number 5 is given up for this room/);
  assert.match(await office.say('!slack retry all'), /^Nothing is given up for this room\.$/);
  assert.match(await office.say('!slack dead-letters'), /^Nothing is given up for #general in Acme\.$/);
});
