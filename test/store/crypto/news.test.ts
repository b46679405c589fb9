import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../../src/store/open-store.ts';
import { eventually } from '../eventually.ts';
import { query } from '../query.ts';
import { storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

let bed: StoreBed;
let one: Store;
let two: Store;
before(async () => {
  bed = await storeBed();
  one = await bed.open();
  two = await bed.open();
});
after(() => bed.close());

test('what one process announces the others hear in order, and itself doesn’t', async () => {
  const heard: unknown[] = [];
  let own = 0;
  const ready = new AbortController();
  two.crypto.news.onNews((news) => (news['ready'] === true ? ready.abort() : heard.push(news['n'])));
  one.crypto.news.onNews(() => (own += 1));
  while (!ready.signal.aborted) {
    one.crypto.news.announce({ ready: true }); // it may not listen yet
    await sleep(20);
  }
  for (let n = 0; n < 20; n += 1) one.crypto.news.announce({ n });
  await eventually(() => heard.length === 20);
  assert.deepEqual(
    heard,
    Array.from({ length: 20 }, (_, n) => n),
  );
  assert.equal(own, 0);
});

test('a process whose connection was lost is told that it may have missed some', async () => {
  let missed = 0;
  const heard: unknown[] = [];
  two.crypto.news.onMissed(() => (missed += 1));
  two.crypto.news.onNews(({ after: said }) => heard.push(said));
  await query(
    bed.url,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like '% listener'`,
  );
  await eventually(() => missed === 1);
  one.crypto.news.announce({ after: 'all' });
  await eventually(() => heard.includes('all'));
});

test('news that are too large, or that nobody understands, keep no others from coming', async () => {
  const heard: unknown[] = [];
  two.crypto.news.onNews(({ n }) => heard.push(n));
  one.crypto.news.announce({ n: 'x'.repeat(9000) });
  await query(bed.url, `select pg_notify('crypto_news', 'no news'), pg_notify('crypto_news', '{}')`);
  one.crypto.news.announce({ n: 'next' });
  await eventually(() => heard.includes('next'));
  assert.deepEqual(heard, ['next']);
});
