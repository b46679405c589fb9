import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createCryptoSession, lockKey } from '../../../src/store/crypto/session.ts';
import type { CryptoSession } from '../../../src/store/crypto/session.ts';
import { eventually } from '../eventually.ts';
import { log, storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

let bed: StoreBed;
let holder: pg.Client;
before(async () => {
  bed = await storeBed();
});
after(() => bed.close());

const session = (hangsAfter = 60_000): CryptoSession =>
  createCryptoSession({
    connection: { url: bed.url },
    log,
    check: () => Promise.resolve(),
    hangsAfter,
  });

/** Takes the lock as a process does; tells the end of its session. */
async function hold(): Promise<{ readonly ended: Promise<void> }> {
  holder = new pg.Client({ connectionString: bed.url });
  holder.on('error', () => undefined);
  await holder.connect();
  await holder.query('select pg_advisory_lock($1)', [lockKey]);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  holder.on('end', () => resolve());
  return { ended };
}

test('a process that leads and hangs loses its session, and with it the lead', async () => {
  const { ended } = await hold();
  const { leadership } = session(500);
  await leadership.start();
  assert.equal(leadership.isLeader(), false);
  await ended;
  await eventually(() => leadership.isLeader());
  await assert.rejects(holder.query('select'));
  await leadership.stop();
});

test('a process that leads keeps the lead until it stops, and gives it to the next one then', async () => {
  const { leadership } = session();
  const next = session().leadership;
  await leadership.start();
  await next.start();
  assert.deepEqual([leadership.isLeader(), next.isLeader()], [true, false]);
  await leadership.stop();
  assert.equal(leadership.isLeader(), false);
  await eventually(() => next.isLeader());
  await next.stop();
});
