import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { matrixUserId, roomId } from '../../src/ids.ts';
import type { HomeserverClient } from '../../src/matrix/call.ts';
import { createNamesakes } from '../../src/matrix/namesakes.ts';

const room = roomId('!room:example.org');
const ann = { user: matrixUserId('@ann:example.org'), name: 'Ann' };

/** A room with these people, by id; `asked` counts how often its list was read. */
function roomOf(joined: Readonly<Record<string, { readonly display_name?: string }>>) {
  const server = {
    joined,
    asked: 0,
    failure: undefined as Error | undefined,
    time: 0,
  };
  const call = async () => {
    server.asked += 1;
    if (server.failure) throw server.failure;
    return { joined: server.joined };
  };
  const namesakes = createNamesakes({
    client: { call } as unknown as HomeserverClient, // nothing else is asked
    bot: () => Promise.resolve({ user: matrixUserId('@bot:example.org'), device: 'D' }),
    isOurs: (user) => user.startsWith('@slack_'),
    now: () => server.time,
  });
  return { server, namesakes };
}

function member(user: string, membership: string, displayname?: string) {
  return { type: 'm.room.member', room_id: room, state_key: user, content: { membership, displayname } };
}

test('people with one name are told apart, also where it only looks like one; ghosts don’t count', async () => {
  const { namesakes } = roomOf({
    '@ann:example.org': { display_name: 'Ann' },
    '@other:example.org': { display_name: 'Аnn' }, // its first letter is Cyrillic
    '@slack_u1:example.org': { display_name: 'Bob' },
    '@bob:example.org': {},
  });
  assert.equal(await namesakes.isAmbiguous(room, ann), true);
  const bob = { user: matrixUserId('@bob:example.org'), name: 'bob' };
  assert.equal(await namesakes.isAmbiguous(room, bob), false);
});

test('who comes, goes or takes another name is learned from events, without reading the list again', async () => {
  const { server, namesakes } = roomOf({ '@ann:example.org': { display_name: 'Ann' } });
  assert.equal(await namesakes.isAmbiguous(room, ann), false);
  namesakes.observe(member('@twin:example.org', 'join', 'ANN'));
  assert.equal(await namesakes.isAmbiguous(room, ann), true);
  namesakes.observe(member('@twin:example.org', 'join', 'Twin'));
  assert.equal(await namesakes.isAmbiguous(room, ann), false);
  namesakes.observe(member('@ann.two:example.org', 'join', 'Ann'));
  namesakes.observe(member('@ann.two:example.org', 'leave'));
  assert.equal(await namesakes.isAmbiguous(room, ann), false);
  assert.equal(server.asked, 1);
  server.time += 11 * 60_000;
  await namesakes.isAmbiguous(room, ann);
  assert.equal(server.asked, 2);
});

test('where the list can’t be had now it isn’t known, and asked for again the next time', async () => {
  const { server, namesakes } = roomOf({ '@ann:example.org': { display_name: 'Ann' } });
  server.failure = new TryLater('down', { target: 'matrix' });
  assert.equal(await namesakes.isAmbiguous(room, ann), undefined);
  server.failure = undefined;
  assert.equal(await namesakes.isAmbiguous(room, ann), false);
});

test('in a room of very many people it isn’t known', async () => {
  const many = Array.from({ length: 2_001 }, (_, index) => [`@u${index}:example.org`, {}] as const);
  const { namesakes } = roomOf(Object.fromEntries(many));
  assert.equal(await namesakes.isAmbiguous(room, ann), undefined);
});
