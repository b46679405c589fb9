import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventId, roomId } from '../../src/ids.ts';
import { readGap } from '../../src/matrix/room-gap.ts';
import type { ReadFrom } from '../../src/matrix/room-gap.ts';
import type { RoomHistory } from '../../src/matrix/room-history.ts';

const room = roomId('!room:hs');

/** A room of `count` events, one a second; every page has `size`. Tokens are places between two events. */
function historyOf(count: number, size: number, sender = (_number: number): string => '@ann:hs') {
  const events = Array.from({ length: count }, (_, number) => ({
    event_id: `$${number}`,
    sender: sender(number),
    origin_server_ts: number * 1000,
  }));
  let requests = 0;
  const history: RoomHistory = {
    async older(_room, from = String(events.length)) {
      requests += 1;
      const end = Number(from);
      const begin = Math.max(0, end - size);
      return {
        events: events.slice(begin, end).toReversed(),
        next: begin === 0 ? undefined : String(begin),
      };
    },
    async newer(_room, from) {
      requests += 1;
      const begin = Number(from);
      return { events: events.slice(begin, begin + size), next: String(begin + size) };
    },
  };
  return {
    history,
    requests: () => requests,
    say: () => events.push({ event_id: `$${events.length}`, sender: '@ann:hs', origin_server_ts: 0 }),
  };
}

async function read(history: RoomHistory, from: ReadFrom, signal = new AbortController().signal) {
  const seen: number[] = [];
  let most = 0;
  const newest = await readGap({
    history,
    room,
    from,
    isOwn: ({ sender }) => String(sender).startsWith('@slack'),
    visit: async (events) => {
      most = Math.max(most, events.length);
      seen.push(...events.map(({ event_id }) => Number(String(event_id).slice(1))));
    },
    signal,
  });
  return { seen, most, newest };
}

const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('where little happened since the last reading, one request finds it, oldest first', async () => {
  const { history, requests } = historyOf(200, 100);
  const { seen, newest } = await read(history, { after: eventId('$190'), since: 200_000 });
  assert.deepEqual(seen, numbers(191, 199));
  assert.equal(newest, '$199');
  assert.equal(requests(), 1);
});

test('a gap of many pages is read oldest first, one page at a time, each event once', async () => {
  const { history } = historyOf(5_000, 100);
  const { seen, most } = await read(history, { after: eventId('$37'), since: 5_000_000 });
  assert.deepEqual(seen, numbers(38, 4_999));
  assert.equal(most, 100);
});

test('what stands a little before the last newest event counts when it is young enough', async () => {
  const { history } = historyOf(200, 100);
  const { seen } = await read(history, { after: eventId('$100'), since: 95_000 });
  assert.deepEqual(seen, numbers(95, 199));
});

test('where the last newest event is gone, a day before it is far enough, whatever clock its time is from', async () => {
  const { history, requests } = historyOf(3 * 86_400, 50_000);
  const { seen } = await read(history, { after: eventId('$gone'), since: 2.5 * 86_400_000 });
  assert.deepEqual(seen, numbers(2.5 * 86_400, 3 * 86_400 - 1));
  assert.equal(requests(), 7);
});

test('without a last event the time alone says how far to read', async () => {
  const { history, requests } = historyOf(1_000, 100);
  const { seen } = await read(history, { after: undefined, since: 850_000 });
  assert.deepEqual(seen, numbers(850, 999));
  assert.ok(requests() < 8, `${requests()} requests`);
});

test('times of our own users, which are those of Slack, end no reading', async () => {
  const { history } = historyOf(400, 100, (number) => (number >= 200 ? '@slack_u1:hs' : '@ann:hs'));
  const { seen } = await read(history, { after: eventId('$150'), since: 900_000 });
  assert.deepEqual(seen, numbers(151, 399));
});

test('a room whose beginning comes before the last event is read from its beginning', async () => {
  const { history } = historyOf(250, 100);
  assert.deepEqual((await read(history, { after: eventId('$gone'), since: 0 })).seen, numbers(0, 249));
  assert.deepEqual(await read(historyOf(0, 100).history, { after: undefined, since: 0 }), {
    seen: [],
    most: 0,
    newest: undefined,
  });
});

test('what is said during the reading is left to the next one', async () => {
  const room = historyOf(300, 100);
  const older: RoomHistory['older'] = async (id, from) => {
    const page = await room.history.older(id, from);
    for (const _ of numbers(1, 150)) room.say();
    return page;
  };
  const { seen, newest } = await read({ ...room.history, older }, { after: eventId('$50'), since: 900_000 });
  assert.equal(newest, '$299');
  assert.deepEqual(seen.slice(0, 249), numbers(51, 299));
  assert.ok(seen.length <= 249 + 100, 'it ends with the page that has the newest one');
});

test('a reading that is ended stores nothing more', async () => {
  const { history } = historyOf(1_000, 100);
  const ended = AbortSignal.abort(new Error('the bridge stops'));
  await assert.rejects(read(history, { after: eventId('$5'), since: 0 }, ended), /the bridge stops/);
});
