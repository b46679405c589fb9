import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { eventId, matrixUserId } from '../../src/ids.ts';
import { beginsEncrypted, encryptionFor } from '../../src/portal/encryption.ts';
import { createLinking } from '../../src/portal/link.ts';
import { findObstacle } from '../../src/portal/obstacles.ts';
import type { EncryptionChoice, EncryptionDefaults } from '../../src/portal/ports.ts';
import { ann, bob, general, makeWorld, portal, room, slackMessage } from './support/world.ts';

const defaults: EncryptionDefaults = { rooms: 'allow', private: 'on', direct: 'require' };

function worldWith(encryption: EncryptionDefaults) {
  const world = makeWorld();
  Object.assign(world.context, { encryption }); // as if it had been configured so
  return world;
}

describe('what holds for a room', () => {
  it('is what was chosen for it, else what is configured for its kind, else that none may be encrypted', () => {
    const policy = { encryption: 'default' } as const;
    assert.equal(encryptionFor(defaults, { policy, private: false }), 'allow');
    assert.equal(encryptionFor(defaults, { policy, private: true }), 'on');
    assert.equal(encryptionFor(defaults, { policy, kind: 'group', private: true }), 'require');
    assert.equal(encryptionFor(defaults, { policy: { encryption: 'off' }, private: true }), 'off');
    assert.equal(encryptionFor(undefined, { policy: { encryption: 'on' }, private: true }), 'off');
    assert.deepEqual((['off', 'allow', 'on', 'require'] as const).map(beginsEncrypted), [
      false,
      false,
      true,
      true,
    ]);
  });

  const table: readonly (readonly [EncryptionChoice, boolean, string | undefined])[] = [
    ['off', false, undefined],
    ['off', true, 'encrypted'],
    ['allow', false, undefined],
    ['allow', true, undefined],
    ['on', false, undefined],
    ['on', true, undefined],
    ['require', false, 'not-encrypted'],
    ['require', true, undefined],
  ];
  for (const [encryption, isEncrypted, expected] of table)
    it(`is no obstacle, or one: ${encryption}, and ${isEncrypted ? 'encrypted' : 'not encrypted'}`, async () => {
      const { context, matrix } = makeWorld();
      if (isEncrypted) matrix.states.set('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
      const pair = { room, channel: general, policy: { ...portal.policy, encryption } };
      const obstacle = await findObstacle({ ...context, encryption: defaults }, pair);
      assert.equal(obstacle?.kind, expected);
    });
});

describe('encryption that is turned on in a linked room', () => {
  const event = { type: 'state', event: eventId('$on'), room, sender: ann, at: 1, stateKey: '' } as const;
  const turnedOn = { ...event, kind: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } };

  it('is said to people, with what it is worth', async () => {
    const { fromMatrix, matrix } = worldWith(defaults);
    matrix.states.set('m.room.encryption', turnedOn.content);
    await fromMatrix(turnedOn);
    assert.match(matrix.effects.at(-1)?.text ?? '', /encrypted now.*The bridge can: it reads each message/);
  });

  it('pauses the portal where it is off, until it is allowed', async () => {
    const { fromMatrix, context, store, matrix } = worldWith({ ...defaults, rooms: 'off' });
    matrix.states.set('m.room.encryption', turnedOn.content);
    await fromMatrix(turnedOn);
    const paused = store.byRoom(room);
    assert.ok(paused);
    assert.equal(paused.status, 'paused');
    assert.match(paused.pausedBecause ?? '', /!slack set encryption allow/);
    const resumed = await createLinking(context).setPolicy(paused, { encryption: 'allow' }, ann);
    assert.equal(resumed.status, 'live');
  });

  it('is turned on by the bot where it is required, and pauses the portal where the bot may not', async () => {
    const { context, store, matrix } = worldWith(defaults);
    const linked = store.byRoom(room);
    assert.ok(linked);
    matrix.powers.set(matrix.bot, 0);
    const refused = await createLinking(context).setPolicy(linked, { encryption: 'require' }, ann);
    assert.equal(refused.status, 'paused');
    matrix.powers.set(matrix.bot, 100);
    const again = await createLinking(context).setPolicy(refused, { encryption: 'require' }, ann);
    assert.equal(again.status, 'live');
    assert.ok(matrix.states.has('m.room.encryption'));
  });
});

describe('an encrypted event that can’t be read', () => {
  const event = { type: 'encrypted', event: eventId('$e'), room, sender: ann, at: 1, relation: {} } as const;

  it('is told of once for each key, with what to do', async () => {
    const { portals, matrix } = worldWith(defaults);
    const key = 'key:!room:hs:s1' as const;
    assert.equal(await portals.unreadable(event, { key }), true);
    await portals.unreadable({ ...event, event: eventId('$e2') }, { key });
    await portals.unreadable(event, { key: 'key:!room:hs:s2', withheld: 'm.unverified' });
    const told = matrix.effects.filter(({ call }) => call === 'send').map(({ text }) => text);
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /hasn’t sent me its key/);
    assert.match(told[1] ?? '', /verified devices only/);
  });

  it('is given up with words, and can be tried again', async () => {
    const { portals, matrix } = worldWith(defaults);
    const reason = { code: 'undecryptable', message: 'it is encrypted.' };
    await portals.giveUp({ from: 'matrix', seq: 3, event }, reason);
    assert.match(matrix.effects.at(-1)?.text ?? '', /not bridged to Slack: it is encrypted\. React with 🔁/);
  });
});

test('in an encrypted room somebody who writes as themselves elsewhere has their ghost', async () => {
  const { fromSlack, matrix, puppets } = worldWith(defaults);
  const bobs = matrixUserId('@bob:hs');
  puppets.link(bobs, bob);
  matrix.doubles.set(bob, bobs);
  matrix.encrypted.add(room);
  await fromSlack(slackMessage('1500.000000', 'hello'));
  const sent = matrix.effects.find(({ call }) => call === 'send');
  assert.equal(sent?.as, '@slack_ubob:hs');
});
