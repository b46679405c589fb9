import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { portalId } from '../../src/ids.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/open-store.ts';
import { linkOf, log, makePortal, noMetrics, slackMessage } from '../store/test-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { numberIn, testWorker } from './test-worker.ts';

const channels = 5;
const times = 4;

/** With a server of its own that waits for the disk: what it said to have is there after it was killed. */
describe('a PostgreSQL that is killed under load', () => {
  const folder = temporaryFolder('killed');
  const keys = temporaryFolder('key');
  let server: EmbeddedPostgres;
  let store: Store;
  const start = () => startEmbeddedPostgres({ dataDir: folder.path, database: 'bridge', log });
  before(async () => {
    server = await start();
    const { connection } = server;
    store = await openStore({ connection, key: { file: join(keys.path, 'key') }, log, metrics: noMetrics });
    for (let n = 1; n <= channels; n += 1) await makePortal(store, n);
  });
  after(async () => {
    await store.close();
    await server.stop();
    await Promise.all([folder.remove(), keys.remove()]);
  });

  async function killAndStart(): Promise<void> {
    const ended = Promise.withResolvers<unknown>();
    server.onExit(ended.resolve);
    process.kill(server.postmasterPid, 'SIGKILL');
    await ended.promise;
    server = await start();
    const back = performance.now();
    while (!store.health().ok) await sleep(5);
    assert.ok(performance.now() - back < 5000);
  }

  it('loses nothing that was acknowledged, and everything arrives once, in order', async () => {
    const arrived = new Map<string, Set<number>>();
    const worker = testWorker(store, async (turn) => {
      const { lane, payload } = turn.item;
      const n = numberIn(payload);
      turn.mayWrite();
      const numbers = arrived.get(lane) ?? new Set();
      arrived.set(lane, numbers.add(n)); // what is sent again is the same effect
      await sleep(1);
      turn.remember({ type: 'link', link: linkOf(portalId(Number(lane.split(':')[1])), n) });
    });
    let stop = false;
    /** Like a network: what isn't acknowledged is sent again, in order. */
    const feed = async (channel: number): Promise<number> => {
      for (let n = 1; ; n += 1) {
        if (stop) return n - 1;
        while (!(await acknowledged(channel, n))) await sleep(20);
        await sleep(1);
      }
    };
    const acknowledged = (channel: number, n: number) =>
      store.intake.store([slackMessage(channel, n)]).then(
        () => true,
        () => false,
      );
    const feeds = Array.from({ length: channels }, (_, index) => feed(index + 1));
    for (let time = 0; time < times; time += 1) {
      await sleep(300);
      await killAndStart();
    }
    stop = true;
    const sent = await Promise.all(feeds);
    while ((await store.depth()).toMatrix.items > 0) await sleep(20);
    await worker.idle();
    for (const [index, count] of sent.entries()) {
      assert.ok(count > 10, `${count} messages`);
      assert.deepEqual(
        [...(arrived.get(`portal:${index + 1}:slack`) ?? [])],
        Array.from({ length: count }, (_, n) => n + 1),
      );
    }
    assert.deepEqual(await store.deadLetters.list(), []);
    await worker.drain(1000);
  });
});
