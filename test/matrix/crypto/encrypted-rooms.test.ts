import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../../src/errors.ts';
import { roomId } from '../../../src/ids.ts';
import { createEncryptedRooms } from '../../../src/matrix/crypto/encrypted-rooms.ts';
import type { JsonObject } from '../../../src/matrix/json.ts';

const room = roomId('!cellar:example.org');
const megolm = 'm.megolm.v1.aes-sha2';
const hour = 60 * 60_000;

/** Rooms of which the homeserver gives these answers, one after the other, the last one again and again. */
function roomsThatAre(...answers: readonly (JsonObject | undefined | Error)[]) {
  let asked = 0;
  const rooms = createEncryptedRooms({
    async content() {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { rooms, asked: () => asked };
}

test('a room is asked for once, whatever it is; one whose answer failed again', async () => {
  for (const answer of [undefined, { algorithm: megolm }]) {
    const { rooms, asked } = roomsThatAre(new TryLater('away'), answer);
    await assert.rejects(rooms.settings(room), TryLater);
    const all = await Promise.all([rooms.settings(room), rooms.settings(room)]);
    assert.deepEqual(
      all.map((settings) => settings?.algorithm),
      [answer?.algorithm, answer?.algorithm],
    );
    await rooms.settings(room);
    assert.equal(asked(), 2);
  }
});

test('encryption that is turned on while the room is asked for counts', async () => {
  const { rooms } = roomsThatAre(undefined);
  const asking = rooms.settings(room);
  rooms.saw(room, { algorithm: megolm });
  assert.equal((await asking)?.algorithm, megolm);
});

test('emptied state is reason to ask, and leaves the room encrypted', async () => {
  const { rooms, asked } = roomsThatAre({ algorithm: megolm }, {});
  await rooms.settings(room);
  rooms.saw(room, {});
  assert.equal((await rooms.settings(room))?.algorithm, megolm);
  assert.equal(asked(), 2);
});

test('when news may have been missed, rooms that were clear are asked for again, the others not', async () => {
  const { rooms, asked } = roomsThatAre(undefined, { algorithm: megolm });
  assert.equal(await rooms.settings(room), undefined);
  assert.equal(rooms.isClear(room), true);
  rooms.doubt();
  assert.equal(rooms.isClear(room), false);
  assert.equal((await rooms.settings(room))?.algorithm, megolm);
  rooms.doubt();
  await rooms.settings(room);
  assert.equal(asked(), 2);
});

test('keys are used as long as the room says, within reason', async () => {
  const of = async (content: JsonObject) =>
    (await roomsThatAre({ algorithm: megolm, ...content }).rooms.settings(room))?.rotation;
  assert.deepEqual(await of({}), { milliseconds: 7 * 24 * hour, messages: 100 });
  assert.deepEqual(await of({ rotation_period_ms: 2 * hour, rotation_period_msgs: 5 }), {
    milliseconds: 2 * hour,
    messages: 5,
  });
  assert.deepEqual(await of({ rotation_period_ms: 1, rotation_period_msgs: 0 }), {
    milliseconds: hour,
    messages: 1,
  });
  assert.deepEqual(await of({ rotation_period_ms: 'soon', rotation_period_msgs: -1 }), {
    milliseconds: 7 * 24 * hour,
    messages: 100,
  });
});
