// A process with the bot's machine, to be killed: `crypto-process.ts <work> <database> <key file>`. What it says on its
// standard output it has done for the world to see.
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import {
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  RoomId,
  StoreHandle,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';
import { createCryptoDatabases } from '../../../src/matrix/crypto/indexed-db.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { log, noMetrics } from '../test-store.ts';

const [work, url = '', keyFile = ''] = process.argv.slice(2);
const say = (said: object): void => void writeSync(1, `${JSON.stringify(said)}\n`);
const user = '@bot:example.org';
const device = 'DEVICE';
const name = `${user}|${device}`;
const room = (): RoomId => new RoomId('!room:example.org');

const store = await openStore({ connection: { url }, key: { file: keyFile }, log, metrics: noMetrics });
const { rows, state, leadership, handover } = store.crypto;
await leadership.start();
const leading = Promise.withResolvers<void>();
leadership.onGained(() => leading.resolve());
await leading.promise;

async function machine(): Promise<OlmMachine> {
  const databases = createCryptoDatabases(rows, (error) => {
    throw error;
  });
  await initAsync();
  await databases.attach(name);
  const handle = await StoreHandle.openWithKey(name, await state.storeKey());
  return OlmMachine.initFromStore(new UserId(user), new DeviceId(device), handle);
}

async function encrypt(times: number): Promise<void> {
  const opened = await machine();
  say({ key: opened.identityKeys.ed25519.toBase64() });
  await opened.updateTrackedUsers([new UserId('@friend:else.where')]);
  await opened.shareRoomKey(room(), [], new EncryptionSettings());
  for (let n = 0; n < times; n += 1) {
    const body = randomBytes(8).toString('hex');
    const content: unknown = JSON.parse(
      await opened.encryptRoomEvent(room(), 'm.room.message', JSON.stringify({ body })),
    );
    say({ body, content });
  }
}

switch (work) {
  case 'encrypt':
    await encrypt(8);
    await store.close();
    break;
  case 'lead':
    say({ leads: true });
    break;
  default:
    handover.serve(() => {
      say({ asked: true });
      return new Promise(() => undefined);
    });
    say({ serves: true });
}
