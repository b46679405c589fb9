import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { matrixUser } from '../../sandbox/matrix-user.ts';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { TryLater } from '../../src/errors.ts';
import { textDoc } from '../../src/format/doc.ts';
import { roomId } from '../../src/ids.ts';
import type { RoomId } from '../../src/ids.ts';
import type { MatrixAdapter } from '../../src/matrix/start-matrix.ts';
import { slot as slotShape } from '../support/slots.ts';
import type { Slot } from '../support/slots.ts';
import { startSharedSynapse } from '../support/synapse.ts';
import type { SharedSynapse } from '../support/synapse.ts';
import { adapterOn, eventually, memoryGhosts, profile, recordingIntake, recordingLog } from './support.ts';

/** A homeserver of this file's own, since it is stopped and killed. */
let shared: SharedSynapse;
let slot: Slot;
let adapter: MatrixAdapter;
let ann: MatrixUser;
let room: RoomId;
let recovered = 0;
const intake = recordingIntake();
const log = recordingLog();
const ghostStore = memoryGhosts();

before(async () => {
  shared = await startSharedSynapse(1, () => undefined);
  const file = JSON.parse(await readFile(shared.file, 'utf8')) as { readonly slots: readonly unknown[] };
  slot = slotShape.parse(file.slots[0]);
  adapter = await newAdapter();
  await adapter.listen();
  const session = await shared.synapse.registerUser('ann', { displayName: 'Ann' });
  ann = matrixUser({ url: shared.synapse.url, ...session });
  room = roomId(await ann.createRoom({ invite: [adapter.port.bot] }));
  await adapter.port.join(room);
});

after(async () => {
  await ann?.stop();
  await adapter?.stop();
  await shared?.stop();
});

function newAdapter(): Promise<MatrixAdapter> {
  return adapterOn({
    homeserver: shared.synapse,
    slot,
    intake,
    log,
    ghostStore,
    onRecovered: () => {
      recovered += 1;
    },
  });
}

const hello = { kind: 'text', text: textDoc('hello') } as const;

test('a send that is repeated after the homeserver and the bridge restarted is still the same event', async () => {
  const ghost = await adapter.port.prepareGhost(profile('U1', 'Bob'));
  const key = { fact: 'slack:1:message:1', part: 'text' };
  const otherKey = { fact: 'slack:1:message:2', part: 'text' };
  const { bot } = adapter.port;
  const first = await adapter.port.send(ghost, room, hello, key);
  const other = await adapter.port.send(bot, room, hello, otherKey);
  const redacted = await adapter.port.redact(bot, room, other, otherKey);

  await shared.synapse.kill('SIGKILL');
  await assert.rejects(
    adapter.port.send(ghost, room, hello, key),
    (error) => error instanceof TryLater && error.target === 'matrix',
  );
  await shared.synapse.restart();
  const second = await newAdapter();
  assert.equal(await second.port.send(ghost, room, hello, key), first);
  assert.equal(await second.port.send(bot, room, hello, otherKey), other);
  assert.equal(await second.port.redact(bot, room, other, otherKey), redacted);
  await second.stop();
  await ann.waitFor(room, (seen) => seen.messages().length === 1 || undefined);
});

test('an outage of the homeserver is noticed and its end too, and what people wrote comes', async () => {
  await adapter.askForEvents();
  assert.equal(adapter.health().ok, true);
  await shared.synapse.stop();
  await adapter.askForEvents();
  assert.equal(adapter.health().ok, false);
  assert.match(adapter.health().reason ?? '', /can't be reached \(ECONNREFUSED\).*homeserver\.url/);
  const before = recovered;
  await shared.synapse.restart();
  await adapter.askForEvents();
  assert.equal(adapter.health().ok, true);
  assert.equal(recovered, before + 1);
  const said = await ann.say(room, 'back again');
  await eventually(() => intake.events().some((event) => event['event_id'] === said));
});

test('events written while the bridge was away come when it listens again', async () => {
  await adapter.stop();
  const said = await ann.say(room, 'is anybody there?');
  adapter = await newAdapter();
  await adapter.listen();
  await eventually(() => intake.events().some((event) => event['event_id'] === said));
  assert.equal(intake.events().filter((event) => event['event_id'] === said).length, 1);
});

test('no token and no text of anybody is in the log', () => {
  const written = JSON.stringify(log.lines.map((line) => [line, String(line.fields['error'])]));
  for (const secret of [slot.asToken, slot.hsToken, 'is anybody there', 'back again']) {
    assert.ok(!written.includes(secret));
  }
});
