import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { roomId } from '../../../src/ids.ts';
import type { MatrixUserId, RoomId } from '../../../src/ids.ts';
import { KeyMissing } from '../../../src/matrix/crypto/key-missing.ts';
import { messageIndex } from '../../../src/matrix/crypto/message-index.ts';
import { objectAt } from '../../../src/matrix/json.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import { encryptingPeople } from '../../support/crypto/encrypting-user.ts';
import type { EncryptingPeople, EncryptingUser } from '../../support/crypto/encrypting-user.ts';
import { testHomeserver } from '../../support/synapse.ts';
import type { TestHomeserver } from '../../support/synapse.ts';
import { storeBed } from '../../store/test-store.ts';
import type { StoreBed } from '../../store/test-store.ts';
import { cryptoProcess } from './crypto-support.ts';
import type { CryptoProcess } from './crypto-support.ts';

let homeserver: TestHomeserver;
let people: EncryptingPeople;
let ann: EncryptingUser;
let bed: StoreBed;
let leader: CryptoProcess;
let other: CryptoProcess;
let leadersStore: Store;
let room: RoomId;
let ghost: MatrixUserId;

before(async () => {
  [homeserver, bed] = await Promise.all([testHomeserver(), storeBed()]);
  const slot = await homeserver.takeSlot();
  const start = async (store: Store): Promise<CryptoProcess> => {
    const { rows, state, ...parts } = store.crypto;
    return cryptoProcess(homeserver, slot, { rows, state, ghosts: store.ghosts }, parts);
  };
  leadersStore = await bed.open();
  leader = await start(leadersStore);
  other = await start(await bed.open());
  people = encryptingPeople(homeserver);
  ann = await people.open('Ann', 'js');
  ghost = leader.ghost('u1');
  await leader.accounts.record(ghost);
  room = roomId(await ann.createRoom({ invite: [leader.bot, ghost] }));
  await ann.encrypt(room);
  for (const user of [leader.bot, ghost]) await leader.join(user, room);
});
after(async () => {
  await other?.stop();
  await people?.close();
  await bed?.close();
  await homeserver?.close();
});

async function said(by: CryptoProcess, body: string) {
  const { content } = await by.say(ghost, room, body);
  await ann.waitForText(room, body);
  return { session: content['session_id'], index: messageIndex(content['ciphertext']) };
}

test('both encrypt and decrypt, with the machines of the one that leads', async () => {
  assert.deepEqual([leader.crypto.health().leads, other.crypto.health().leads], [true, false]);
  const first = await said(other, 'from the other');
  assert.deepEqual(await said(leader, 'from the leader'), { ...first, index: first.index + 1 });
  assert.equal(other.crypto.health().openMachines, 0);

  await eventually(
    () => leader.crypto.health().device,
    () => JSON.stringify(leader.log.lines),
  );
  const keys: string[] = [];
  other.crypto.onKeys((came) => keys.push(...came));
  const event = await other.event(room, await ann.say(room, 'from Matrix'));
  const key = `key:${room}:${String(objectAt(event, 'content')['session_id'])}`;
  await eventually(
    () => keys.includes(key),
    () => JSON.stringify(keys),
  );
  assert.equal(objectAt(await other.crypto.decrypt(event), 'content')['body'], 'from Matrix');
  const unknown = { ...event, content: { ...objectAt(event, 'content'), session_id: 'of nobody' } };
  await assert.rejects(other.crypto.decrypt(unknown), KeyMissing);
});

test('what one hears of a room the other knows', async () => {
  const open = roomId(await ann.createRoom({ invite: [leader.bot] }));
  await leader.join(leader.bot, open);
  for (const each of [leader, other]) assert.equal(await each.crypto.isEncrypted(open), false);
  const content = { algorithm: 'm.megolm.v1.aes-sha2' };
  leader.crypto.observe({ type: 'm.room.encryption', state_key: '', room_id: open, content });
  await eventually(
    () => other.crypto.isEncrypted(open),
    () => 'the other process still takes the room for a clear one',
  );
});

test('when the one that leads ends, the other goes on where it was', async () => {
  const before = await said(leader, 'as long as it runs');
  await leader.stop();
  await leadersStore.close();
  await eventually(
    () => other.crypto.health().leads,
    () => JSON.stringify(other.log.lines),
  );
  assert.deepEqual(await said(other, 'by the other alone'), { ...before, index: before.index + 1 });
});
