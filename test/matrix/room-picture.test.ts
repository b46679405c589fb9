import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matrixUserId, mxcUri, roomId } from '../../src/ids.ts';
import type { StateEvent } from '../../src/matrix/power.ts';
import { showRoomPicture } from '../../src/matrix/room-picture.ts';

const bot = matrixUserId('@slackbot:hs');
const ann = '@ann:hs';
const [one, two] = [mxcUri('mxc://hs/one'), mxcUri('mxc://hs/two')];

/** Whether the room takes picture two; `avatar` is who set what before. */
async function isTaken(
  creator: string,
  avatar?: { readonly sender: string; readonly url?: string },
): Promise<boolean> {
  const events: StateEvent[] = [{ type: 'm.room.create', stateKey: '', sender: creator, content: {} }];
  if (avatar) {
    const { sender, ...content } = avatar;
    events.push({ type: 'm.room.avatar', stateKey: '', sender, content });
  }
  const set: unknown[] = [];
  await showRoomPicture(
    {
      event: async (_room, type) => events.find((event) => event.type === type),
      set: async (_room, type, _key, content) => void set.push([type, content]),
    },
    bot,
    roomId('!room:hs'),
    two,
  );
  if (set.length > 0) assert.deepEqual(set, [['m.room.avatar', { url: two }]]);
  return set.length > 0;
}

test('a room that the bridge made takes a picture, and another one', async () => {
  assert.equal(await isTaken(bot), true);
  assert.equal(await isTaken(bot, { sender: bot, url: one }), true);
  assert.equal(await isTaken(bot, { sender: bot, url: two }), false);
});

test('a picture that people chose stays, and so does that they want none', async () => {
  assert.equal(await isTaken(bot, { sender: ann, url: one }), false);
  assert.equal(await isTaken(bot, { sender: ann }), false);
});

test('a room of people’s own gets no picture', async () => {
  assert.equal(await isTaken(ann), false);
});
