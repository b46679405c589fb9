import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../../src/errors.ts';
import { matrixUserId } from '../../../src/ids.ts';
import type { Call, HomeserverClient } from '../../../src/matrix/call.ts';
import { checkedLead } from '../../../src/matrix/crypto/checked-lead.ts';
import type { CryptoLeadership } from '../../../src/matrix/crypto/ports.ts';
import type { JsonObject } from '../../../src/matrix/json.ts';
import { Refusal } from '../../../src/matrix/refusal.ts';
import { recordingLog } from '../support.ts';

const bot = matrixUserId('@bot:example.org');

/** A lead over stores of the age, where the homeserver answers as told. */
function scene(age: number, answers: readonly (JsonObject | Error)[]) {
  const calls: Call[] = [];
  const told: number[] = [];
  const left = [...answers];
  const gained: (() => void)[] = [];
  const lost: (() => void)[] = [];
  const client: Pick<HomeserverClient, 'call'> = {
    async call(call) {
      calls.push(call);
      const answer = call.method === 'PUT' ? {} : (left.shift() ?? assert.fail('it was asked again'));
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const leadership: CryptoLeadership = {
    isLeader: () => true,
    onGained: (listener) => void gained.push(listener),
    onLost: (listener) => void lost.push(listener),
    start: async () => gained.forEach((listener) => listener()),
    stop: async () => undefined,
  };
  const lead = checkedLead({
    leadership,
    client: client as HomeserverClient, // only asked
    bot,
    state: {
      raiseAge: async (known) => {
        told.push(known);
        return { age: Math.max(age, known) + 1, wentBack: age < known };
      },
    },
    log: recordingLog(),
  });
  const written = (): unknown[] => calls.filter(({ method }) => method === 'PUT').map(({ body }) => body);
  return { lead, told, written, lose: () => lost.forEach((listener) => listener()) };
}

test('the lead begins when the stores were compared with what the homeserver was told, which is told anew', async () => {
  for (const [answer, told] of [
    [{ age: 7 }, 7],
    [{}, 0],
    [new Refusal(404, 'M_NOT_FOUND', 'nothing there'), 0],
    [new Refusal(403, 'M_FORBIDDEN', 'not for you'), 0],
  ] as const) {
    const it = scene(7, [answer]);
    const events: string[] = [];
    it.lead.onGained(() => events.push('gained'));
    it.lead.onLost(() => events.push('lost'));
    assert.equal(it.lead.isLeader(), false);
    await it.lead.start();
    assert.equal(it.lead.isLeader(), true);
    assert.deepEqual(it.told, [told]);
    assert.deepEqual(it.written(), [{ age: 8 }]);
    it.lead.onGained(() => events.push('late'));
    it.lose();
    assert.deepEqual(events, ['gained', 'late', 'lost']);
    assert.equal(it.lead.isLeader(), false);
    await it.lead.stop();
  }
});

test('stores that are older than what the homeserver was told are told to the store', async () => {
  const it = scene(3, [{ age: 9 }]);
  await it.lead.start();
  assert.deepEqual(it.told, [9]);
  assert.deepEqual(it.written(), [{ age: 10 }]);
  await it.lead.stop();
});

test('while the homeserver can’t be asked nobody leads, and it is asked again', async () => {
  const it = scene(3, [new TryLater('it is away'), { age: 3 }]);
  const gained = Promise.withResolvers<void>();
  it.lead.onGained(() => gained.resolve());
  await it.lead.start();
  assert.equal(it.lead.isLeader(), false);
  await gained.promise;
  assert.equal(it.lead.isLeader(), true);
  await it.lead.stop();
});
