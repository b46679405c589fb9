import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { watchRetriedLetters } from '../../src/bridge/retried-letters.ts';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { RoomId } from '../../src/ids.ts';
import { eventId, roomId } from '../../src/ids.ts';
import type { Arrived } from '../../src/store/dead-letters.ts';
import { makeWorld } from '../portal/support/world.ts';

const [refusing, busy, open] = [roomId('!refuses:hs'), roomId('!busy:hs'), roomId('!open:hs')];

/** Letters that failed again, and such that arrived, in rooms of which one takes nothing ever and one nothing now. */
function makeScene(t: TestContext, failure = { reason: 'no', error: 'Slack says no' }) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { matrix, context } = makeWorld();
  const troubles = new Map<RoomId, Error>([
    [refusing, new CannotBridge('matrix-forbidden', 'no')],
    [busy, new TryLater('the homeserver limits our rate', { target: `room:${busy}` })],
  ]);
  const asked: RoomId[] = [];
  const { send, edit } = matrix;
  const trouble = async (room: RoomId): Promise<void> => {
    asked.push(room);
    const error = troubles.get(room);
    if (error) throw error;
  };
  matrix.send = (as, room, ...rest) => trouble(room).then(() => send(as, room, ...rest));
  matrix.edit = (as, room, ...rest) => trouble(room).then(() => edit(as, room, ...rest));
  let arrived: readonly Arrived[] = [];
  const watch = watchRetriedLetters({
    letters: {
      arrived: async () => ({ arrived, waiting: 0 }),
      forget: async (seq) => void (arrived = arrived.filter((each) => each.seq !== seq)),
      retried: async (numbers) => numbers.map((seq) => ({ seq, state: 'dead', ...failure })),
    },
    matrix,
    log: context.log,
  });
  t.after(() => watch.stop());
  const look = async (): Promise<void> => {
    t.mock.timers.tick(60_000);
    await setImmediate();
  };
  const arrive = (...rooms: readonly RoomId[]) =>
    (arrived = rooms.map((room, seq) => ({ seq, notice: { room, event: eventId('$notice') } })));
  return { watch, look, arrive, left: () => arrived.map(({ seq }) => seq), asked, troubles, matrix };
}

test('a room that takes no notice holds up no other that something was bridged, or failed, after all', async (t) => {
  const { watch, look, arrive, left, asked, troubles, matrix } = makeScene(t);
  arrive(refusing, busy, open);
  for (const room of [refusing, busy, open]) watch.look({ numbers: [9], cause: eventId(`$${room}`), room });
  await look();
  assert.deepEqual(matrix.sent(), ['⚠️ It failed again: Slack says no']);
  assert.deepEqual(
    matrix.of('edit').map(({ room }) => room),
    [open],
  );
  assert.deepEqual(left(), [1]);
  troubles.delete(busy);
  asked.length = 0;
  await look();
  assert.deepEqual(asked, [busy, busy], 'who refused isn’t asked again');
  assert.deepEqual([matrix.sent().length, matrix.of('edit').length, left()], [2, 2, []]);
});

test('not all that was asked for is remembered', async (t) => {
  const { watch, look, asked } = makeScene(t);
  for (let number = 0; number < 1000; number += 1)
    watch.look({ numbers: [number], cause: eventId(`$${number}`), room: roomId(`!${number}:hs`) });
  await look();
  assert.equal(asked.length, 100);
});

test('when much fails again at once, a room reads of some of it, and that there is more', async (t) => {
  const { watch, look, matrix, troubles } = makeScene(t);
  for (let number = 0; number < 9; number += 1)
    watch.look({ numbers: [number], cause: eventId(`$${number}`), room: open });
  troubles.set(open, new TryLater('the homeserver limits our rate', { target: `room:${open}` }));
  await look();
  troubles.delete(open);
  await look();
  const words = '⚠️ It failed again: Slack says no';
  const more = '⚠️ More of it failed again. “!slack dead-letters” lists it all.';
  assert.deepEqual(matrix.sent(), [words, words, words, more]);
});

test('of a bug people read that it is one, and nothing that it says', async (t) => {
  const { watch, look, matrix } = makeScene(t, { reason: 'bug', error: 'TypeError at secret.ts:1' });
  watch.look({ numbers: [1, 2], cause: eventId('$asked'), room: open });
  await look();
  assert.deepEqual(matrix.sent(), [
    '⚠️ 2 of 2 failed again: something went wrong in the bridge; its log says what.',
  ]);
});
