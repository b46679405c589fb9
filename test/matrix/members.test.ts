import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixUserId, roomId } from '../../src/ids.ts';
import type { HomeserverClient } from '../../src/matrix/call.ts';
import { createMembers } from '../../src/matrix/members.ts';
import type { RoomState } from '../../src/matrix/state.ts';

const room = roomId('!room:example.org');
const ann = matrixUserId('@ann:example.org');
const minute = 60_000;

test('a name is remembered for some minutes only: the change of it may have come to another process', async () => {
  let name = 'Ann';
  let time = 0;
  const state = { content: () => Promise.resolve({ displayname: name }) };
  const nobody = () => Promise.reject(new Error('nobody is asked but the room'));
  const members = createMembers(
    { call: nobody } as unknown as HomeserverClient,
    state as unknown as RoomState,
    nobody,
    () => time,
  );
  const shown = async (): Promise<string> => (await members.member(room, ann)).name;
  assert.equal(await shown(), 'Ann');
  name = 'Anna';
  time = 4 * minute;
  assert.equal(await shown(), 'Ann');
  time = 6 * minute;
  assert.equal(await shown(), 'Anna');
  members.observe({
    type: 'm.room.member',
    room_id: room,
    state_key: ann,
    content: { membership: 'join', displayname: 'Annie' },
  });
  assert.equal(await shown(), 'Annie');
});
