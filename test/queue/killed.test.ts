import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { makePortal, matrixMessage, slackMessage, storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';
import { startRecorder } from './recorder.ts';
import type { Recorder } from './recorder.ts';

const channels = 10;
const each = 50;

describe('a process that is killed again and again', () => {
  let bed: StoreBed;
  let store: Store;
  let recorder: Recorder;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    recorder = await startRecorder();
    for (let n = 1; n <= channels; n += 1) await makePortal(store, n);
  });
  after(async () => {
    await recorder.close();
    await bed.close();
  });

  const waiting = async () => {
    const { toMatrix, toSlack } = await store.depth();
    return toMatrix.items + toSlack.items;
  };

  /** Runs a process until something was handled, and kills it in the middle. */
  async function runAndKill(): Promise<void> {
    const before = await waiting();
    const script = fileURLToPath(new URL('bridging-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, bed.url, bed.keyFile, recorder.url], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    while (child.exitCode === null && (await waiting()) > Math.max(0, before - 80)) await sleep(3);
    await sleep(Math.random() * 20);
    child.kill('SIGKILL');
    await ended;
  }

  it('brings each of 1,000 events over once, in order', async () => {
    const numbers = Array.from({ length: each }, (_, n) => n + 1);
    for (let n = 1; n <= channels; n += 1) {
      await store.intake.store(numbers.map((number) => slackMessage(n, number)));
      await store.intake.store(numbers.map((number) => matrixMessage(n, number)));
    }
    let kills = 0;
    for (; (await waiting()) > 0; kills += 1) await runAndKill();
    assert.ok(kills >= 8, `${kills} kills`);
    for (let n = 1; n <= channels; n += 1) {
      assert.deepEqual(recorder.arrived.get(`room${n}`), numbers, `room ${n}`);
      assert.deepEqual(recorder.arrived.get(`channel${n}`), numbers, `channel ${n}`);
    }
    const links = await query(
      bed.url,
      `select count(*)::int as links from message where event_id is not null`,
    );
    assert.deepEqual(links, [{ links: 2 * channels * each }]);
    assert.deepEqual(await query(bed.url, `select state, count(*)::int as items from inbox group by state`), [
      { state: 'done', items: 2 * channels * each },
    ]);
    assert.deepEqual(await query(bed.url, `select * from attempt where state = 'open'`), []);
  });
});
