import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TryLater } from '../../../src/errors.ts';
import { roomId } from '../../../src/ids.ts';
import type { MatrixUserId, RoomId } from '../../../src/ids.ts';
import { messageIndex } from '../../../src/matrix/crypto/message-index.ts';
import { objectAt } from '../../../src/matrix/json.ts';
import { encryptingPeople } from '../../support/crypto/encrypting-user.ts';
import type { EncryptingPeople, EncryptingUser } from '../../support/crypto/encrypting-user.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import type { Slot } from '../../support/slots.ts';
import { testHomeserver } from '../../support/synapse.ts';
import type { TestHomeserver } from '../../support/synapse.ts';
import { alwaysLeading, cryptoProcess, newKept } from './crypto-support.ts';
import type { CryptoProcess } from './crypto-support.ts';

let homeserver: TestHomeserver;
let slot: Slot;
let people: EncryptingPeople;
let ann: EncryptingUser;
let ours: CryptoProcess;
let ghost: MatrixUserId;
let room: RoomId;
const kept = newKept();

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
  people = encryptingPeople(homeserver);
  ours = await cryptoProcess(homeserver, slot, kept);
  ann = await people.open('Ann', 'js');
  ghost = ours.ghost('u1');
  await ours.accounts.record(ghost);
  room = roomId(await ann.createRoom({ invite: [ours.bot, ghost] }));
  await ann.encrypt(room);
  await ours.join(ours.bot, room);
  await ours.join(ghost, room);
});

after(async () => {
  await ours?.stop();
  await people?.close();
  await homeserver?.close();
});

/** Says something as the ghost and waits until Ann has read it, without a shield. */
async function saidAndRead(
  body: string,
  from = ghost,
): Promise<{ session: unknown; index: number; device: unknown }> {
  const { id, content } = await ours.say(from, room, body);
  await ann.waitForText(room, body);
  await eventually(
    () => ann.received(room, id)?.shield === 'none',
    () => JSON.stringify(ann.received(room, id)),
  );
  const { session_id: session, device_id: device, ciphertext } = content;
  return { session, device, index: messageIndex(ciphertext) };
}

/** What Ann writes, as the bridge reads it. */
async function readFromAnn(body: string): Promise<unknown> {
  const device = await eventually(
    () => ours.crypto.health().device,
    () => JSON.stringify(ours.log.lines),
  );
  await eventually(
    async () => (await ann.devices(ours.bot)).some(({ id }) => id === device.id),
    () => `Ann’s client does not know the device ${device.id} of the bot`,
  );
  const event = await ours.event(room, await ann.say(room, body));
  const clear = await eventually(
    () => ours.crypto.decrypt(event).catch(() => undefined),
    () => JSON.stringify(ours.crypto.health()),
  );
  assert.deepEqual(
    [clear['event_id'], clear['sender'], clear['type']],
    [event['event_id'], ann.userId, 'm.room.message'],
  );
  return objectAt(clear, 'content')['body'];
}

describe('a room with encryption', () => {
  test('is known as one; others are not', async () => {
    assert.equal(await ours.crypto.isEncrypted(room), true);
    const open = roomId(await ann.createRoom({ invite: [ours.bot] }));
    await ours.join(ours.bot, open);
    assert.equal(await ours.crypto.isEncrypted(open), false);
    ours.crypto.observe({
      type: 'm.room.encryption',
      state_key: '',
      room_id: open,
      content: { algorithm: 'm.megolm.v1.aes-sha2' },
    });
    assert.equal(await ours.crypto.isEncrypted(open), true);
  });

  test('where the bot can’t see whether it is one, what is to be said waits', async () => {
    const closed = roomId(await ann.createRoom({}));
    await assert.rejects(ours.crypto.isEncrypted(closed), (error) => {
      assert.ok(error instanceof TryLater);
      assert.equal(error.target, `room:${closed}`);
      return true;
    });
  });

  test('what a ghost says is read, from a signed device; the next message goes on with the same key', async () => {
    const first = await saidAndRead('from Slack');
    const second = await saidAndRead('from Slack, too');
    assert.deepEqual([first.index, second.index], [0, 1]);
    assert.equal(second.session, first.session);
  });

  test('what somebody writes is read with the key that came to the bot’s device', async () => {
    const keys: string[] = [];
    ours.crypto.onKeys((came) => keys.push(...came));
    assert.equal(await readFromAnn('from Matrix'), 'from Matrix');
    assert.ok(keys.every((key) => key.startsWith(`key:${room}:`)));
    assert.equal(keys.length, 1);
    const { device, leads } = ours.crypto.health();
    assert.ok(leads && device && device.oneTimeKeys > 0 && device.signed);
  });

  test('the homeserver has devices that their users signed; of a ghost no one-time keys', async () => {
    const found = await ours.client.call({
      name: 'keys-query',
      method: 'POST',
      path: ['client', 'v3', 'keys', 'query'],
      as: await ours.accounts.actor(ours.bot),
      body: { device_keys: { [ghost]: [], [ours.bot]: [] } },
    });
    for (const user of [ghost, ours.bot]) {
      const { deviceId } = await ours.accounts.record(user);
      const device = objectAt(objectAt(objectAt(found, 'device_keys'), user), deviceId);
      const [signing] = Object.keys(objectAt(objectAt(objectAt(found, 'self_signing_keys'), user), 'keys'));
      assert.ok(signing !== undefined && signing in objectAt(objectAt(device, 'signatures'), user), user);
    }
    const { deviceId } = await ours.accounts.record(ghost);
    const claimed = await ours.client.call({
      name: 'keys-claim',
      method: 'POST',
      path: ['client', 'v3', 'keys', 'claim'],
      as: await ours.accounts.actor(ours.bot),
      body: { one_time_keys: { [ghost]: { [deviceId]: 'signed_curve25519' } } },
    });
    assert.deepEqual(objectAt(claimed, 'one_time_keys'), {});
  });
});

describe('who comes and goes', () => {
  test('reads what follows; who has left does not', async () => {
    const early = (await saidAndRead('before Ned')).session;
    const ned = await people.open('Ned', 'js');
    await ann.invite(room, ned.userId);
    await ned.waitForInvitation();
    await ned.join(room);
    ours.crypto.observe(membership(ned, 'join'));
    await saidAndRead('to both');
    await ned.waitForText(room, 'to both');
    assert.notEqual(ned.unread(room).length, 0, early === undefined ? '' : 'what was said before');

    const before = (await saidAndRead('still to both')).session;
    await ned.leave(room);
    ours.crypto.observe(membership(ned, 'leave'));
    const after = await saidAndRead('to Ann only');
    assert.notEqual(after.session, before);
    assert.equal(after.index, 0);
  });

  function membership(who: EncryptingUser, now: string) {
    return { type: 'm.room.member', state_key: who.userId, room_id: room, content: { membership: now } };
  }
});

/** The next message needs requests to the homeserver. */
async function somebodyComes(): Promise<void> {
  const { userId } = await homeserver.session('Somebody');
  const content = { membership: 'join' };
  ours.crypto.observe({ type: 'm.room.member', state_key: userId, room_id: room, content });
  await ours.crypto.encrypt(ghost, room, 'm.room.message', { body: 'welcome' });
}

describe('after a restart', () => {
  test('devices and their keys go on as they were, and no message is missed', async () => {
    const { session, device, index } = await saidAndRead('before the restart');
    await ours.stop();
    const event = await ann.say(room, 'while it was away');
    await ann.rotate(room);
    const second = await ann.say(room, 'with another key');
    ours = await cryptoProcess(homeserver, slot, kept);
    for (const [id, body] of [
      [event, 'while it was away'],
      [second, 'with another key'],
    ] as const) {
      const seen = await ours.event(room, id);
      const clear = await eventually(
        () => ours.crypto.decrypt(seen).catch(() => undefined),
        () => JSON.stringify(ours.crypto.health()),
      );
      assert.equal(objectAt(clear, 'content')['body'], body);
    }
    assert.deepEqual(await saidAndRead('after the restart'), { session, device, index: index + 1 });
  });

  test('a device that the homeserver has lost is replaced by a new one under the same signature', async () => {
    for (const user of [ghost, ours.bot]) {
      const { device } = await saidAndRead(`the old device of ${user}`, user);
      await ours.client.call({
        name: 'device',
        method: 'DELETE',
        path: ['client', 'v3', 'devices', String(device)],
        as: { user },
        body: {},
      });
      // a new person makes the ghost ask for devices, the bot asks all the time
      if (user === ghost) await somebodyComes();
      const now = await eventually(
        async () => {
          const { deviceId } = await ours.accounts.record(user);
          return deviceId !== device && deviceId;
        },
        () => JSON.stringify(ours.log.lines),
      );
      assert.equal((await saidAndRead(`the new device of ${user}`, user)).device, now);
      assert.deepEqual(await kept.state.device(user, String(device)), { signed: false, retired: true });
    }
    assert.equal(await readFromAnn('to the new device'), 'to the new device');
  });

  test('devices whose store is older than what they did are not used again', async () => {
    const before = await saidAndRead('before the backup was restored');
    await ours.stop();
    for (const user of [ghost, ours.bot]) {
      const { deviceId } = await ours.accounts.record(user);
      await kept.state.saveDevice(user, deviceId, { signed: false, retired: true });
    }
    ours = await cryptoProcess(homeserver, slot, kept);
    assert.equal(await readFromAnn('after it was restored'), 'after it was restored');
    const after = await saidAndRead('with another device');
    assert.notEqual(after.device, before.device);
  });

  test('nor are devices of which a database from before knows nothing', async () => {
    await ours.stop();
    const fresh = newKept();
    const { deviceId } = await ours.accounts.record(ghost);
    ours = await cryptoProcess(homeserver, slot, fresh);
    await ours.crypto.encrypt(ghost, room, 'm.room.message', {});
    assert.notEqual((await ours.accounts.record(ghost)).deviceId, deviceId);
  });
});

test('a process that leads no more gives nothing away', async () => {
  const leadership = alwaysLeading();
  const other = await homeserver.takeSlot();
  const process = await cryptoProcess(homeserver, other, newKept(), { leadership });
  try {
    const room = roomId(await ann.createRoom({ invite: [process.bot] }));
    await ann.encrypt(room);
    await process.join(process.bot, room);
    await process.say(process.bot, room, 'as long as it leads');
    const begun = process.crypto.encrypt(process.bot, room, 'm.room.message', { body: 'too late' });
    leadership.lose();
    await assert.rejects(begun, TryLater);
    assert.equal(process.crypto.health().leads, false);
    await eventually(
      () => process.crypto.health().openMachines === 0,
      () => JSON.stringify(process.crypto.health()),
    );
  } finally {
    await process.stop();
  }
});
