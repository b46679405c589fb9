import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CannotBridge, TryLater } from '../../../src/errors.ts';
import { roomId } from '../../../src/ids.ts';
import type { RoomId } from '../../../src/ids.ts';
import type { Answer, Call } from '../../../src/matrix/call.ts';
import { KeyMissing } from '../../../src/matrix/crypto/key-missing.ts';
import { objectAt } from '../../../src/matrix/json.ts';
import { eventually } from '../../support/bridge/eventually.ts';
import { encryptingPeople } from '../../support/crypto/encrypting-user.ts';
import type { EncryptingPeople, EncryptingUser } from '../../support/crypto/encrypting-user.ts';
import type { Slot } from '../../support/slots.ts';
import { testHomeserver } from '../../support/synapse.ts';
import type { TestHomeserver } from '../../support/synapse.ts';
import { cryptoProcess, newKept } from './crypto-support.ts';
import type { CryptoProcess } from './crypto-support.ts';

let homeserver: TestHomeserver;
let slot: Slot;
let people: EncryptingPeople;
let ann: EncryptingUser;
let room: RoomId;
let ours: CryptoProcess;
/** What the homeserver doesn't do at present, by the kind of call. */
const refused = new Map<string, Answer>();
const refuse = ({ name }: Call): Answer | undefined => refused.get(name);
const no = (status: number, body: object): Answer => ({ status, body, headers: {} });

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
  people = encryptingPeople(homeserver);
  ann = await people.open('Ann', 'js');
  refused.set('cross-signing', no(401, { session: 'a', flows: [{ stages: ['m.login.password'] }] }));
  ours = await cryptoProcess(homeserver, slot, newKept(), { refuse, mostOpen: 2 });
  room = roomId(await ann.createRoom({ invite: [ours.bot] }));
  await ann.encrypt(room);
  await ours.join(ours.bot, room);
});
after(async () => {
  await ours?.stop();
  await people?.close();
  await homeserver?.close();
});

const trouble = () =>
  eventually(
    () => ours.crypto.health().trouble,
    () => JSON.stringify(ours.crypto.health()),
  );
const well = () =>
  eventually(
    () => ours.crypto.health().trouble === undefined && ours.crypto.health().device,
    () => JSON.stringify([ours.crypto.health(), ours.log.lines]),
  );

test('a homeserver that wants a login for signatures holds up encrypted rooms, and says so until it doesn’t', async () => {
  assert.match(await trouble(), /io\.element\.msc4190/);
  await assert.rejects(ours.say(ours.bot, room, 'hello'), (error) => {
    assert.ok(error instanceof TryLater);
    assert.equal(error.target, `room:${room}`);
    return true;
  });
  refused.clear();
  await ours.say(ours.bot, room, 'hello again');
  await ann.waitForText(room, 'hello again');
  await well();
});

test('a homeserver that refuses /sync is told of with what to change; what is sent meanwhile is read later', async () => {
  refused.set('sync', no(403, { errcode: 'M_FORBIDDEN', error: 'Application service has not registered' }));
  const id = await ann.say(room, 'is anybody there?');
  assert.match(await trouble(), /sender_localpart/);
  const event = await ours.event(room, id);
  await ours.crypto.decrypt(event).catch((error: unknown) => assert.ok(error instanceof KeyMissing));
  refused.clear();
  const clear = await eventually(
    () => ours.crypto.decrypt(event).catch(() => undefined),
    () => JSON.stringify(ours.crypto.health()),
  );
  assert.equal(objectAt(clear, 'content')['body'], 'is anybody there?');
  await well();
  assert.equal(ours.crypto.health().missingKeys, 0);
});

test('what can’t be shared now is sent with the same key later', async () => {
  refused.set('to-device', no(502, { errcode: 'M_UNKNOWN' }));
  const ghost = ours.ghost('u1');
  await assert.rejects(ours.say(ghost, room, 'too early'), TryLater);
  refused.clear();
  await ann.invite(room, ghost);
  await ours.join(ghost, room);
  await ours.say(ghost, room, 'in time');
  await ann.waitForText(room, 'in time');
});

test('what was changed on its way, or isn’t of the one who sent it, is not read, and counted', async () => {
  const event = await ours.event(room, await ann.say(room, 'as it was'));
  await eventually(
    () => ours.crypto.decrypt(event).catch(() => undefined),
    () => JSON.stringify(ours.crypto.health()),
  );
  const content = objectAt(event, 'content');
  const ciphertext = String(content['ciphertext']);
  const changed = ciphertext.slice(0, -6) + (ciphertext.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
  const wrong = [
    { ...event, content: { ...content, ciphertext: changed } },
    { ...event, sender: '@eve:example.org' },
    { ...event, content: { ...content, algorithm: 'm.olm.v1.curve25519-aes-sha2' } },
    { ...event, content: { ...content, ciphertext: 17 } },
    { ...event, state_key: '' },
  ];
  for (const each of wrong)
    await assert.rejects(ours.crypto.decrypt(each), (error) => {
      assert.ok(error instanceof CannotBridge, String(error));
      assert.equal(error.reason, 'undecryptable');
      return true;
    });
  const counted = ours.crypto.health().undecryptable.filter(({ reason }) => reason !== 'key-missing');
  assert.deepEqual(counted.map(({ reason, count }) => `${reason} ${count}`).sort(), [
    'damaged 2',
    'sender-mismatch 1',
  ]);
});

test('machines that others take the place of go on where they were', async () => {
  const names = ['u1', 'u2', 'u3', 'u4'].map((name) => ours.ghost(name));
  for (const ghost of names) await ours.crypto.encrypt(ghost, room, 'm.room.message', {});
  await eventually(
    () => ours.crypto.health().openMachines <= 2,
    () => JSON.stringify(ours.crypto.health()),
  );
  const again = await Promise.all(
    names.map((ghost) => ours.crypto.encrypt(ghost, room, 'm.room.message', {})),
  );
  const devices = again.map((content) => content['device_id']);
  assert.deepEqual(
    devices,
    await Promise.all(names.map(async (ghost) => (await ours.accounts.record(ghost)).deviceId)),
  );
});
