import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editMarkOf } from '../../src/format/edits.ts';
import { ts } from '../../src/ids.ts';
import type { KnownMessage } from '../../src/portal/catch-up-ports.ts';
import { compareMessage, isUndecided } from '../../src/slack/catch-up-compare.ts';
import { findingDelivery } from '../../src/slack/catch-up-deliveries.ts';
import { deliveryOf } from '../../src/slack/envelope.ts';
import { slackEvent } from '../../src/slack/inbound.ts';
import { bot, portal } from './support/told-channel.ts';

const at = ts('1700000000.000100');
const teams = { has: () => true, botOf: () => bot };
const options = {
  ...portal.channels[0],
  overBefore: ts('1700000060.000000'),
  since: portal.since,
  toMatrix: true,
  isOurs: () => false,
  bots: new Set<string>(),
};

function written(text: string, edited?: string) {
  return { type: 'message', ts: at, user: 'U1', text, ...(edited && { edited: { user: 'U1', ts: edited } }) };
}

/** As the intake labels an edit that an event tells, and what the bridge reads of it. */
function liveEdit(message: object, previous: object, eventTs: string) {
  const event = { type: 'message', subtype: 'message_changed', channel: 'C1', message };
  const told = { ...event, previous_message: previous, ts: eventTs, event_ts: eventTs };
  const body = { type: 'event_callback', team_id: 'T1', event_id: `Ev${eventTs}`, event: told };
  const received = deliveryOf(body, Buffer.from(JSON.stringify(body)), { accepts: () => true });
  if (received.type !== 'delivery') throw new Error('it is for others');
  const read = slackEvent(received.delivery.payload, teams);
  if (read.type !== 'edit') throw new Error(`no edit, but ${read.type}`);
  return { fact: received.delivery.fact, message: read.message };
}

/** What is known once the edit is bridged. */
function after({ message: { editTs = at, editHash = '' } }: ReturnType<typeof liveEdit>): KnownMessage {
  const edits = [editMarkOf({ editTs, editHash })];
  return { ts: at, state: 'standing', origin: 'slack', edits, reactions: [] };
}

const unedited: KnownMessage = { ts: at, state: 'standing', origin: 'slack', edits: [''], reactions: [] };
const second = '1700000009.000000';
const [first, next, last] = [written('one'), written('two', second), written('three', second)];
const two = liveEdit(next, first, '1700000009.300000');

describe('history, of a message that was edited twice within a second', () => {
  it('tells the second edit, when no event did and the second is over', () => {
    const [found, ...more] = compareMessage(last, after(two), options);
    assert.deepEqual(more, []);
    assert.equal(found?.kind, 'edit');
    const told = findingDelivery(portal.channels[0], portal.id, found);
    assert.notEqual(told.fact, two.fact, 'else it would be taken for the first one');
    const event = slackEvent(told.payload, teams);
    assert.equal(event.type === 'edit' && event.isLast, true);
  });

  it('tells nothing while more edits may come in that second', () => {
    assert.deepEqual(compareMessage(last, after(two), { ...options, overBefore: ts(second) }), []);
  });

  it('says that reading again may tell more, while more edits may come in that second', () => {
    assert.equal(isUndecided(last, after(two), ts(second)), true);
    assert.equal(isUndecided(last, after(two), options.overBefore), false, 'it is found');
    assert.equal(isUndecided(next, after(two), ts(second)), false, 'nothing else is told');
    assert.equal(isUndecided(last, undefined, ts(second)), false);
  });

  it('tells the second edit although a reading told it before, when the first one’s event came after that', () => {
    const early = compareMessage(last, unedited, { ...options, overBefore: ts(second) })[0];
    const late = compareMessage(last, after(two), options)[0];
    assert.ok(early && late);
    const [before, again] = [early, late].map((each) => findingDelivery(portal.channels[0], portal.id, each));
    assert.notEqual(again?.fact, before?.fact);
    assert.notEqual(again?.deliveryKey, before?.deliveryKey);
  });

  it('tells nothing of an edit that an event told', () => {
    const three = liveEdit(last, next, '1700000009.600000');
    assert.deepEqual(compareMessage(last, after(three), options), []);
    assert.deepEqual(compareMessage(next, after(two), options), []);
  });

  it('is the same fact as the event of that edit', () => {
    const [found] = compareMessage(next, unedited, options);
    assert.ok(found);
    assert.equal(findingDelivery(portal.channels[0], portal.id, found).fact, two.fact);
  });

  it('tells nothing of one whose words weren’t kept', () => {
    assert.deepEqual(compareMessage(last, { ...after(two), edits: [second] }, options), []);
  });
});

describe('a linked person’s own post of what was written in Matrix', () => {
  const matrix: KnownMessage = { ts: at, state: 'standing', origin: 'matrix', edits: [''], reactions: [] };
  const metadata = { event_type: 'matrix_slack_bridge', event_payload: { k: 'key' } };

  it('was changed by hand while nobody listened: that is found, and isn’t taken for the bridge’s doing', () => {
    const raw = { ...written('by hand', '1700000005.000000'), app_id: 'A1', metadata };
    const [finding, ...more] = compareMessage(raw, matrix, options);
    assert.ok(finding?.kind === 'edit');
    assert.deepEqual(more, []);
    const read = slackEvent(findingDelivery(portal.channels[0], portal.id, finding).payload, teams);
    assert.ok(read.type === 'edit' && read.isOwn === undefined);
    assert.deepEqual(compareMessage({ ...raw, username: 'Ann (Matrix)' }, matrix, options), []);
    assert.deepEqual(
      compareMessage({ ...raw, user: 'UBOT' }, matrix, { ...options, bots: new Set(['UBOT']) }),
      [],
    );
  });

  it('says by its key who changed it', () => {
    const before = { ...written('one'), metadata };
    const now = { ...written('two', '1700000005.000000'), metadata };
    const changed = { ...metadata, event_payload: { k: 'key', e: 'change' } };
    const isOwn = (message: object): unknown => {
      const event = { type: 'message', subtype: 'message_changed', channel: 'C1', message };
      const told = { ...event, previous_message: before, ts: at, event_ts: at };
      const body = { type: 'event_callback', team_id: 'T1', event_id: 'Ev1', event: told };
      const read = slackEvent(Buffer.from(JSON.stringify(body)), teams);
      return read.type === 'edit' && read.isOwn;
    };
    assert.deepEqual([isOwn({ ...now, metadata: changed }), isOwn({ ...now })], [true, undefined]);
  });
});
