import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portal, room } from '../portal/support/world.ts';
import { makeOffice } from './support.ts';

const state = {
  leads: true,
  device: {
    id: 'DEVICE',
    signed: true,
    fingerprint: 'abcd efgh',
    oneTimeKeys: 50,
    synced: new Date(0),
  },
  openMachines: 3,
  missingKeys: 2,
  undecryptable: [{ room, reason: 'key-missing', count: 4 }],
} as const;

test('crypto says what encryption protects, what it doesn’t, and how it fares', async () => {
  const office = makeOffice(portal);
  office.encryption = state;
  office.matrix.encrypted.add(room);
  const words = await office.say('!slack crypto');
  for (const expected of [
    /This room is encrypted\./,
    /The bridge reads it\./,
    /each person of Slack who speaks/,
    /My device: DEVICE, signed, fingerprint abcd efgh; 50 one-time keys left/,
    /Keys that messages wait for: 2/,
    /Could not be read here since I started: 4 \(key-missing\)/,
  ])
    assert.match(words, expected);
  assert.match(await office.say('!slack status'), /Encryption: fine.*My device: DEVICE/s);
});

test('crypto says so where a room is not encrypted, where encryption is in trouble, and where it is off', async () => {
  const office = makeOffice(portal);
  office.encryption = { ...state, leads: false, trouble: 'the homeserver can’t be reached.' };
  const words = await office.say('!slack crypto');
  assert.match(words, /This room is not encrypted\..*can be read by the homeservers/s);
  assert.match(words, /Encryption: the homeserver can’t be reached\..*Another process of the bridge/s);
  office.encryption = undefined;
  assert.match(await office.say('!slack crypto'), /Encryption is turned off/);
  assert.doesNotMatch(await office.say('!slack status'), /Encryption/);
});
