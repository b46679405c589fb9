import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { roomId } from '../../../src/ids.ts';
import type { RoomId } from '../../../src/ids.ts';
import { objectAt } from '../../../src/matrix/json.ts';
import { encryptingPeople } from '../../support/crypto/encrypting-user.ts';
import type { EncryptingPeople, EncryptingUser } from '../../support/crypto/encrypting-user.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import type { Slot } from '../../support/slots.ts';
import { testHomeserver } from '../../support/synapse.ts';
import type { TestHomeserver } from '../../support/synapse.ts';
import { cryptoProcess, newKept } from './crypto-support.ts';
import type { CryptoProcess } from './crypto-support.ts';

let homeserver: TestHomeserver;
let slot: Slot;
let people: EncryptingPeople;
let ann: EncryptingUser;
let ours: CryptoProcess;
let room: RoomId;
const kept = newKept();

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
  people = encryptingPeople(homeserver);
  ours = await cryptoProcess(homeserver, slot, kept);
  ann = await people.open('Ann', 'js');
  const ghost = ours.ghost('u1');
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

test('a ghost’s message is read, and is from a signed device', async () => {
  const { id } = await ours.say(ours.ghost('u1'), room, 'from Slack');
  await ann.waitForText(room, 'from Slack');
  await eventually(
    () => ann.received(room, id)?.shield === 'none' || undefined,
    () => JSON.stringify(ann.received(room, id)),
  );
});

test('what somebody writes is read with the key that came to the bot’s device', async () => {
  const keys: string[] = [];
  ours.crypto.onKeys((came) => keys.push(...came));
  const id = await ann.say(room, 'from Matrix');
  const event = await ours.event(room, id);
  await eventually(
    () => keys.length > 0,
    () => JSON.stringify(ours.log.lines),
  );
  const clear = await ours.crypto.decrypt(event);
  assert.equal(clear['type'], 'm.room.message');
  assert.equal(objectAt(clear, 'content')['body'], 'from Matrix');
  assert.deepEqual([clear['event_id'], clear['sender']], [id, ann.userId]);
});
