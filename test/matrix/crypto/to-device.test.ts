import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../../src/errors.ts';
import { matrixUserId } from '../../../src/ids.ts';
import type { Call, HomeserverClient } from '../../../src/matrix/call.ts';
import type { Machine } from '../../../src/matrix/crypto/machine.ts';
import { startToDevice } from '../../../src/matrix/crypto/to-device.ts';
import type { JsonObject } from '../../../src/matrix/json.ts';
import { eventually, recordingLog } from '../support.ts';

const bot = matrixUserId('@bot:example.org');
const ann = matrixUserId('@ann:example.org');

/** A reader of to-device messages whose homeserver answers when the test says so; `done` is what it did, in order. */
function reading() {
  const done: string[] = [];
  const asked: { readonly call: Call; answer(body: JsonObject | Error): void }[] = [];
  const machine = {
    device: { as: { user: bot, device: 'D' } },
    fingerprint: 'f',
    receive: async ({ toDevice }: { toDevice: readonly JsonObject[] }) =>
      void done.push(`receive ${toDevice.length}`),
    pump: async () => undefined,
  };
  const client: Pick<HomeserverClient, 'call'> = {
    call: (call) => {
      const { promise, resolve, reject } = Promise.withResolvers<JsonObject>();
      const answer = (body: JsonObject | Error): void =>
        body instanceof Error ? reject(body) : resolve(body);
      asked.push({ call, answer });
      return promise;
    },
  };
  const toDevice = startToDevice({
    client: client as HomeserverClient, // nothing else is asked of it
    bot,
    devices: {
      use: (_user, work) => work(machine as unknown as Machine), // no more of one is used
      devicesChanged: async ({ changed }) => void done.push(`changed ${changed.join()}`),
    },
    state: {
      since: async () => done.findLast((what) => what.startsWith('since'))?.split(' ')[1],
      saveSince: async (_user, _device, since, changed = []) =>
        void done.push(`since ${since} ${changed.join()}`.trim()),
    },
    onSynced: () => void done.push('synced'),
    onFailed: () => void done.push('failed'),
    log: recordingLog(),
  });
  const nth = (n: number) => eventually(() => asked[n]);
  const timeoutOf = async (n: number) => (await nth(n)).call.query?.['timeout'];
  return { toDevice, done, asked, nth, timeoutOf };
}

test('until something is encrypted the homeserver is asked now and then; then it holds a request', async () => {
  const { toDevice, done, asked, nth, timeoutOf } = reading();
  assert.equal(await timeoutOf(0), 0);
  asked[0]?.answer({ next_batch: 's1' });
  await eventually(() => done.includes('synced'));
  const current = toDevice.current();
  assert.equal(await timeoutOf(1), 0);
  assert.equal((await nth(1)).call.query?.['since'], 's1');
  asked[1]?.answer({ next_batch: 's2' });
  await current;
  assert.equal(await timeoutOf(2), 30_000);
  await toDevice.current(); // as it is known already
  toDevice.stop();
});

test('the position is saved when all is stored that came with it, and with it whose devices changed', async () => {
  const { toDevice, done, nth } = reading();
  toDevice.note(ann);
  (await nth(0)).answer({
    next_batch: 's1',
    to_device: { events: [{ type: 'm.room.encrypted', sender: ann, content: {} }] },
    device_lists: { changed: ['@ned:example.org'], left: [] },
  });
  await eventually(() => done.includes('synced'));
  assert.deepEqual(done, [
    'receive 1',
    'changed @ned:example.org',
    `since s1 ${ann},@ned:example.org`,
    'synced',
  ]);
  toDevice.stop();
});

test('what can’t be read fails for who waits, and is read again', async () => {
  const { toDevice, done, nth, asked } = reading();
  const current = toDevice.current();
  (await nth(0)).answer(new TryLater('away', { after: 1 }));
  await assert.rejects(current, TryLater);
  assert.ok(done.includes('failed'));
  (await nth(1)).answer({ next_batch: 's1' });
  await toDevice.current();
  const left = toDevice.current();
  toDevice.stop();
  await left;
  const before = asked.length;
  (await nth(before - 1)).answer({ next_batch: 's2' });
  await new Promise(setImmediate);
  assert.equal(done.includes('since s2'), false);
});
