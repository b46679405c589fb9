import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEncryptedItems, createPeek } from '../../src/bridge/encrypted-items.ts';
import { CannotBridge, WaitForKey } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { matrixEvent, openedEvent } from '../../src/matrix/inbound.ts';
import type { JsonObject } from '../../src/matrix/json.ts';
import type { EncryptedEvent, MissingKey } from '../../src/portal/unreadable.ts';
import type { Delivery, Item } from '../../src/queue/ports.ts';
import { log } from '../store/test-store.ts';

const room = '!room:hs';
const key = `key:${room}:s1` as const;

function sealed(text: string, id = '$event'): JsonObject {
  const content = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: text, session_id: 's1' };
  return { type: 'm.room.encrypted', event_id: id, room_id: room, sender: '@ann:hs', content };
}

function itemOf(raw: JsonObject, change: Partial<Item> = {}): Item {
  const payload = Buffer.from(JSON.stringify(raw));
  const rest = { seq: 1, lane: 'portal:1:matrix', srcTs: '', attempts: 0, receivedAt: new Date() };
  return { ...rest, from: 'matrix', payload, waited: false, ...change };
}

function encryptedIn(raw: JsonObject): EncryptedEvent {
  const event = matrixEvent(Buffer.from(JSON.stringify(raw)));
  assert.ok(event.type === 'encrypted');
  return event;
}

/** Ciphertexts are what they say, once their key is there. */
function bed({ isRead = true, shown = undefined as JsonObject | undefined } = {}) {
  const state = { keys: true, broken: false };
  const stored: Delivery[] = [];
  const told: (MissingKey | undefined)[] = [];
  const open = async (raw: JsonObject): Promise<MatrixEvent> => {
    if (!state.keys) throw new WaitForKey(key);
    if (state.broken) throw new CannotBridge('undecryptable', 'it can’t be read');
    const { ciphertext: body } = raw['content'] as { readonly ciphertext: string };
    return openedEvent({ ...raw, type: 'm.room.message', content: { msgtype: 'm.text', body } });
  };
  const items = createEncryptedItems({
    encryption: { open, onKeys: () => undefined, onStored: () => undefined, health: () => assert.fail() },
    shown: { event: async () => shown },
    unreadable: async (_event, missing) => {
      told.push(missing);
      return isRead;
    },
    intake: { store: async (deliveries) => void stored.push(...deliveries) },
    log,
    patience: 1,
  });
  const opened = (raw: JsonObject, change: Partial<Item> = {}) =>
    items.opened(itemOf(raw, change), encryptedIn(raw));
  return { state, stored, told, items, opened, open };
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('an encrypted item', () => {
  it('is what it holds', async () => {
    const event = await bed().opened(sealed('hello'));
    assert.ok(event.type === 'message');
    assert.equal(event.plain, 'hello');
    assert.equal(event.event, '$event');
  });

  it('waits for its key, and its sender is told when that takes long', async () => {
    const { state, told, opened } = bed();
    state.keys = false;
    await assert.rejects(opened(sealed('hello')), WaitForKey);
    assert.equal(told.length, 0);
    await assert.rejects(opened(sealed('hello'), { waited: true }), WaitForKey);
    assert.deepEqual(
      told.map((missing) => missing?.key),
      [key],
    );
  });

  it('is given up when it can never be read, and is nothing where nobody writes for the bridge', async () => {
    const read = bed();
    read.state.broken = true;
    await assert.rejects(read.opened(sealed('hello')), CannotBridge);
    const unread = bed({ isRead: false });
    unread.state.broken = true;
    assert.deepEqual(await unread.opened(sealed('hello')), { type: 'ignored', reason: 'encrypted' });
    unread.state.keys = false;
    assert.equal((await unread.opened(sealed('hello'), { waited: true })).type, 'ignored');
  });

  it('is nothing when it was removed while it waited for its key', async () => {
    const removed = { ...sealed(''), unsigned: { redacted_because: { type: 'm.room.redaction' } } };
    const { opened } = bed({ shown: removed });
    assert.deepEqual(await opened(sealed('hello'), { waited: true }), {
      type: 'ignored',
      reason: 'redacted',
    });
    assert.equal((await opened(sealed('hello'))).type, 'message');
  });

  it('can’t hide what the homeserver has to allow', async () => {
    for (const type of ['m.room.redaction', 'm.room.member', 'm.room.encrypted'])
      assert.equal(openedEvent({ ...sealed(''), type, content: { redacts: '$other' } }).type, 'ignored');
  });

  it('is looked at for its kind where that is only told', async () => {
    const { state, open } = bed();
    const encryption = {
      open,
      onKeys: () => undefined,
      onStored: () => undefined,
      health: () => assert.fail(),
    };
    const peek = createPeek({ encryption, log });
    const payload = Buffer.from(JSON.stringify(sealed('hello')));
    assert.equal((await peek(payload)).type, 'message');
    state.keys = false;
    assert.equal((await peek(payload)).type, 'encrypted');
    assert.equal((await createPeek({ encryption: undefined, log })(payload)).type, 'encrypted');
  });
});

describe('an encrypted command', () => {
  it('is handed to the lane that steers, and carried out there', async () => {
    const { stored, opened } = bed();
    const found = await opened(sealed('!slack status'));
    assert.deepEqual(found, { type: 'ignored', reason: 'encrypted-command' });
    const [copy] = stored;
    assert.equal(copy?.deliveryKey, 'matrix:$event:command');
    assert.equal(copy.control, true);
    const raw = JSON.parse(copy.payload.toString()) as JsonObject;
    const again = await opened(raw, { lane: 'portal:1:control' });
    assert.ok(again.type === 'message');
    assert.equal(again.plain, '!slack status');
    assert.equal(stored.length, 1);
  });

  it('is found behind what its lane waits for, also when its key comes later', async () => {
    const { state, stored, items } = bed();
    items.stored(sealed('hello', '$1'));
    items.stored(sealed('!slack help', '$2'));
    await until(() => stored.length === 1);
    assert.equal(stored[0]?.deliveryKey, 'matrix:$2:command');
    state.keys = false;
    items.stored(sealed('!slack status', '$3'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    state.keys = true;
    items.came([key]);
    await until(() => stored.length === 2);
    assert.equal(stored[1]?.deliveryKey, 'matrix:$3:command');
    items.stop();
  });

  it('is left to its lane where that came to it first', async () => {
    const { stored, items, opened } = bed();
    items.stored(sealed('!slack help'));
    await opened(sealed('!slack help'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(stored.length, 1);
    items.stop();
  });
});
