import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTransferPace, isWriting } from '../../src/bridge/transfer-pace.ts';
import type { SlackEvent } from '../../src/events.ts';
import { fileOf } from '../portal/support/slack-files.ts';
import { bob, place, slackMessage } from '../portal/support/world.ts';

const chunk = new Uint8Array(80_000);

async function* chunks(count: number): AsyncGenerator<Uint8Array, void> {
  for (let sent = 0; sent < count; sent += 1) yield chunk;
}

/** A clock that stands until somebody waits, and what was waited for. */
function standing() {
  const slept: number[] = [];
  const clock = {
    at: 1_000_000,
    now: () => clock.at,
    async sleep(milliseconds: number) {
      slept.push(milliseconds);
      clock.at += milliseconds;
    },
  };
  return { clock, slept };
}

async function move(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const each of body) bytes += each.length;
  return bytes;
}

test('files move as fast as they can while nobody writes', async () => {
  const { clock, slept } = standing();
  const pace = createTransferPace(clock);
  assert.equal(await move(pace.paced(chunks(100))), 8_000_000);
  assert.deepEqual(slept, []);
});

test('all files together leave room for what people write, and for no longer than that', async () => {
  const { clock, slept } = standing();
  const pace = createTransferPace(clock);
  pace.written();
  const [first, second] = [pace.paced(chunks(1000)), pace.paced(chunks(1000))];
  for (let turn = 0; turn < 50; turn += 1) {
    await first.next();
    await second.next();
  }
  assert.deepEqual(
    slept,
    Array.from({ length: 100 }, () => 20),
  ); // 80,000 bytes at 4,000 a millisecond
  clock.at += 3000;
  await move(pace.paced(chunks(100)));
  assert.equal(slept.length, 100);
});

test('a clock that is put back holds up no file', async () => {
  const { clock, slept } = standing();
  const pace = createTransferPace(clock);
  pace.written();
  const body = pace.paced(chunks(3));
  await body.next();
  clock.at -= 3_600_000;
  await body.next();
  assert.ok(
    slept.every((each) => each <= 1020),
    String(slept),
  );
});

test('words, changes and reactions are waited for; files and what concerns nobody are not', () => {
  const message = slackMessage('1500.000000', 'look');
  const withFile = slackMessage('1500.000000', 'look', { files: [fileOf('F1', 'a.pdf')] });
  const reaction: SlackEvent = {
    type: 'reaction',
    change: 'added',
    ts: message.ts,
    user: bob,
    name: 'eyes',
    ...place,
  };
  const ignored: SlackEvent = { type: 'ignored', reason: 'file_shared' };
  assert.deepEqual([message, reaction, withFile, ignored].map(isWriting), [true, true, false, false]);
});
