import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { CannotStart } from '../../src/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import { BrokenSeal, createSealing } from '../../src/store/sealing.ts';
import { query } from './query.ts';
import { log, makePortal, noMetrics, slackMessage, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

describe('sealed data', () => {
  const sealing = createSealing(randomBytes(32));

  it('opens where it was sealed', () => {
    for (const text of ['', 'a', 'ä'.repeat(100_000)]) {
      const sealed = sealing.seal(Buffer.from(text), 'inbox 1');
      assert.equal(sealing.open(sealed, 'inbox 1').toString(), text);
    }
  });

  it('does not open in another row, with another key, or changed', () => {
    const sealed = sealing.seal(Buffer.from('secret'), 'inbox 1');
    assert.throws(() => sealing.open(sealed, 'inbox 2'), BrokenSeal);
    assert.throws(() => createSealing(randomBytes(32)).open(sealed, 'inbox 1'), BrokenSeal);
    for (const index of sealed.keys()) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      assert.throws(() => sealing.open(changed, 'inbox 1'), BrokenSeal);
    }
    assert.throws(() => sealing.open(sealed.subarray(0, 10), 'inbox 1'), BrokenSeal);
  });

  it('is different each time', () => {
    const seals = Array.from({ length: 600 }, () => sealing.seal(Buffer.from('same'), 'row').toString('hex'));
    assert.equal(new Set(seals).size, seals.length);
  });
});

describe('the key of a database', () => {
  let bed: StoreBed;
  before(async () => {
    bed = await storeBed();
  });
  after(() => bed.close());

  const openWith = (key: Parameters<typeof openStore>[0]['key']) =>
    openStore({ connection: { url: bed.url }, key, log, metrics: noMetrics });

  it('is made on the first start, for its owner only, and payloads are sealed with it', async () => {
    const store = await bed.open();
    assert.equal((await stat(bed.keyFile)).mode & 0o777, 0o600);
    await makePortal(store, 1);
    await store.intake.store([slackMessage(1, 1, { payload: Buffer.from('what somebody wrote') })]);
    const [row] = await query(bed.url, `select payload from inbox`);
    assert.doesNotMatch(JSON.stringify(row), new RegExp(Buffer.from('somebody').toJSON().data.join(',')));
    const again = await bed.open();
    assert.equal(again.bridgeId, store.bridgeId);
    assert.match(store.bridgeId, /^[0-9a-f]{64}$/);
  });

  it('has to be the same ever after', async () => {
    const other = randomBytes(32).toString('hex');
    await assert.rejects(openWith({ file: bed.keyFile, value: other }), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /is not the one that this database was sealed with/);
      assert.doesNotMatch(error.message, new RegExp(other));
      return true;
    });
  });

  it('is not made anew when it got lost', async () => {
    await rm(bed.keyFile);
    await assert.rejects(openWith({ file: bed.keyFile }), (error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /is missing/);
      return true;
    });
    await assert.rejects(stat(bed.keyFile));
  });

  it('has to be a key', async () => {
    await writeFile(bed.keyFile, 'not a key');
    await assert.rejects(openWith({ file: bed.keyFile }), /64 hexadecimal characters/);
  });
});
