import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvalidId, slackUserId } from '../../src/ids.ts';
import { deliveryOf } from '../../src/slack/envelope.ts';
import { formBody } from '../../src/slack/form-body.ts';
import { botEvents } from '../../src/slack/scopes.ts';
import { MalformedPayload, slackEvent } from '../../src/slack/inbound.ts';
import { bytes, callback } from './support/payloads.ts';

/** Payloads that are nearly right: known keys, with values of all kinds. */
const value = fc.oneof(
  { depthSize: 'small' },
  fc.jsonValue(),
  fc.constantFrom('C1', 'U1', 'B1', 'T1', '1.000100', '1700000000.000100', 'message', ''),
);
const keys = [
  'type subtype channel user bot_id team ts event_ts thread_ts deleted_ts message previous_message item reaction',
  'text blocks attachments files metadata edited username icons bot_profile app_id tokens profile id name hidden',
].flatMap((line) => line.split(' '));
const loose = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 12 });
const types = fc.constantFrom(...botEvents.map((name) => name.split('.')[0]), 'odd');
const subtypes = fc.constantFrom(undefined, 'message_changed', 'message_deleted', 'bot_message', 'odd');
const event = fc
  .record({ base: loose, type: types, subtype: subtypes, message: loose, previous: loose })
  .map(({ base, type, subtype, message, previous }) =>
    Object.assign({}, base, { type, subtype, message, previous_message: previous }),
  );

const teams = { has: (team: string) => team === 'T1', botOf: () => slackUserId('U0BOT') };
const accepted = { accepts: teams.has };

test('every event is labelled, and read or refused as malformed', () => {
  fc.assert(
    fc.property(event, loose, (inner, changes) => {
      const body = callback(inner, changes);
      const received = deliveryOf(body, bytes(body), accepted);
      if (received.type === 'skip') return;
      const { route, srcTs, deliveryKey } = received.delivery;
      assert.equal(route.team, 'T1');
      assert.match(deliveryKey, /^slack:T1:/);
      assert.match(srcTs, /^(\d{1,12}\.\d{6})?$/);
      try {
        assert.equal(typeof slackEvent(received.delivery.payload, teams).type, 'string');
      } catch (error) {
        assert.ok(error instanceof MalformedPayload || error instanceof InvalidId, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test('whatever is signed, nothing breaks on it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
      const received = deliveryOf(body, bytes(body), { accepts: () => true });
      assert.ok(received.type === 'skip' || received.delivery.from === 'slack');
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array(), (raw) => {
      const form = formBody(Buffer.from(raw));
      assert.ok(form === undefined || typeof form === 'object');
      assert.throws(() => slackEvent(Buffer.from(raw), teams));
    }),
    { numRuns: 1000 },
  );
});
