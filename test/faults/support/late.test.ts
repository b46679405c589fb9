import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '../../../sandbox/slack/log.ts';
import { makePortal, matrixMessage, slackMessage, storeBed, tsOf } from '../../store/test-store.ts';
import { arrivalsFromMatrix, arrivalsFromSlack, lateAmong } from '../../support/bridge/late.ts';
import type { Arrival, Arrivals } from '../../support/bridge/late.ts';
import { followDeliveries } from './deliveries.ts';
import { judge } from './judge.ts';
import { lateFromSlack } from './late.ts';
import { modelOf } from './model.ts';

/** What Slack logs when it tells of a message. */
function told(ts: string, outcome: string, retry?: number, ms = 5): LogEntry {
  const body = JSON.stringify({ event: { type: 'message', channel: 'C1', ts, text: 'Hello' } });
  const details = { eventId: `Ev${ts}`, channel: 'C1', body, retry, ms };
  return { seq: 1, at: 1, kind: 'event', name: 'message', outcome, details };
}

function heldBack(ts: string, outcome: string): LogEntry {
  const details = { eventId: `Ev${ts}`, channel: 'C1' };
  return { seq: 1, at: 1, kind: 'fault', name: 'message', outcome, details };
}

function inTime(entries: readonly LogEntry[], within?: number): readonly string[] {
  const listeners: ((entry: LogEntry) => void)[] = [];
  const onLog = (listener: (entry: LogEntry) => void) => {
    listeners.push(listener);
    return () => undefined;
  };
  const deliveries = followDeliveries({ onLog }, within);
  for (const entry of entries) for (const listener of listeners) listener(entry);
  return [...deliveries.inTime()];
}

test('Slack told a message in time that was acknowledged at first, and that no fault held back', () => {
  assert.deepEqual(inTime([told('1', 'ok'), told('2', 'ok')]), ['C1 1', 'C1 2']);
  assert.deepEqual(inTime([told('1', 'timeout'), told('1', 'ok', 1)]), []);
  assert.deepEqual(inTime([told('1', 'connection_closed')]), []);
  assert.deepEqual(inTime([heldBack('1', 'scatter'), told('1', 'ok')]), []);
  assert.deepEqual(inTime([heldBack('1', 'duplicate'), told('1', 'ok'), told('1', 'ok')]), ['C1 1']);
  assert.deepEqual(inTime([told('1', 'ok', undefined, 900), told('2', 'ok')], 500), ['C1 2']);
});

const ids = new Map([
  ['C1 1', 'S0-1'],
  ['C1 2', 'S0-2'],
  ['C1 3', 'S0-3'],
]);
const acts = [...ids.values()].map((id) => ({ type: 'say', id, person: 0 }) as const);
const model = modelOf(acts, { names: [{ name: 'Ann' }], sharedReactions: false });
/** The second one was stored first, and so stands first. */
const arrivals = new Map([
  ['C1 2', { number: 1, of: 'C1 2' }],
  ['C1 1', { number: 2, of: 'C1 1' }],
  ['C1 3', { number: 3, of: 'C1 3' }],
]);
const found = ['S0-2', 'S0-1', 'S0-3'].flatMap((id) => model.standing.get(id) ?? []);

function judged(inTime: readonly string[], stored: Arrivals = arrivals) {
  const late = lateFromSlack([...ids.keys()], stored, new Set(inTime));
  const { late: count, outOfOrder } = judge(model, found, new Set(late.map((each) => ids.get(each) ?? '')));
  return { late: count, outOfOrder };
}

test('what Slack told in time and the bridge’s own intake swapped is out of order, not late', () => {
  assert.deepEqual(judged(['C1 1', 'C1 2', 'C1 3']), { late: 0, outOfOrder: 1 });
  assert.deepEqual(judged(['C1 1', 'C1 2']), { late: 0, outOfOrder: 1 });
});

test('what Slack told after a younger one is late, and not out of order', () => {
  assert.deepEqual(judged(['C1 2', 'C1 3']), { late: 1, outOfOrder: 0 });
});

test('what Slack never told and the bridge fetched for a reply is late, like the reply', () => {
  const reply = { number: 2, of: 'C1 2', root: 'C1 1' };
  const stored: Arrivals = new Map<string, Arrival>([
    ['C1 2', reply],
    ['C1 3', { number: 3, of: 'C1 3' }],
  ]);
  assert.deepEqual(judged(['C1 2', 'C1 3'], stored), { late: 2, outOfOrder: 0 });
});

test('a reply that was told before its root is as late as that', async (t) => {
  const bed = await storeBed();
  t.after(() => bed.close());
  const store = await bed.open();
  const { channels } = await makePortal(store, 1);
  const name = (n: number): string => `${channels[0].channel} ${tsOf(n)}`;
  await store.intake.store([slackMessage(1, 2, { about: [tsOf(1)] }), slackMessage(1, 3)]);
  await store.intake.store([slackMessage(1, 1)]);
  const said = (n: number, ...root: string[]) => matrixMessage(1, n, { about: [`$event1.${n}`, ...root] });
  await store.intake.store([said(2, '$event1.1'), said(3)]);
  await store.intake.store([said(1), said(4)]);
  const [fromSlack, fromMatrix] = [await arrivalsFromSlack(bed.url), await arrivalsFromMatrix(bed.url)];
  const events = ['$event1.1', '$event1.2', '$event1.3'];
  assert.deepEqual(lateAmong(['$event1.1', '$event1.2', '$event1.4'], fromMatrix), ['$event1.2']);
  assert.deepEqual(lateAmong(events, fromMatrix), ['$event1.2', '$event1.1']);
  const written = [name(1), name(2), name(3)];
  assert.deepEqual(lateFromSlack(written, fromSlack, new Set([name(2), name(3)])), [name(2), name(1)]);
  assert.deepEqual(lateFromSlack(written, fromSlack, new Set([name(1), name(3)])), []);
});
