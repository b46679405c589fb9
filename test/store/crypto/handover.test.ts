import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CryptoHandover } from '../../../src/matrix/crypto/ports.ts';
import type { Store } from '../../../src/store/open-store.ts';
import { query } from '../query.ts';
import { storeBed } from '../test-store.ts';
import type { StoreBed } from '../test-store.ts';

let bed: StoreBed;
let asking: Store;
let leading: Store;
before(async () => {
  bed = await storeBed();
  asking = await bed.open();
  leading = await bed.open();
});
after(() => bed.close());

const left = async (): Promise<number> => (await query(bed.url, 'select from crypto_request')).length;
const serving = async (
  handler: Parameters<CryptoHandover['serve']>[0],
  work: () => Promise<void>,
  by = leading,
): Promise<void> => {
  by.crypto.handover.serve(handler);
  try {
    await work();
  } finally {
    await by.crypto.handover.stopServing();
  }
};

test('what one process asks another one answers, many at once, each its own answer', async () => {
  const answerer = (kind: string, payload: object) => Promise.resolve({ kind, ...payload });
  await serving(answerer, async () => {
    const answers = await Promise.all(
      Array.from({ length: 150 }, (_, n) => asking.crypto.handover.request('double', { n })),
    );
    assert.deepEqual(answers[149], { kind: 'double', n: 149 });
    assert.deepEqual(
      answers.map(({ n }) => n),
      Array.from({ length: 150 }, (_, n) => n),
    );
  });
  assert.equal(await left(), 0);
});

test('requests and answers are sealed while they are stored', async () => {
  await query(
    bed.url,
    `create table told as select request, answer from crypto_request where false;
    create function see() returns trigger language plpgsql as
      $$ begin insert into told values (new.request, new.answer); return new; end $$;
    create trigger see after update on crypto_request for each row execute function see()`,
  );
  const handler = () => Promise.resolve({ said: 'secret answer' });
  await serving(handler, async () => {
    const answer = await asking.crypto.handover.request('say', { words: 'secret question' });
    assert.deepEqual(answer, { said: 'secret answer' });
  });
  const [row] = (await query(bed.url, 'select * from told')) as { request: Buffer; answer: Buffer }[];
  assert.ok(row && row.request.length > 0 && row.answer.length > 0);
  assert.doesNotMatch(
    `${row.request.toString('latin1')} ${row.answer.toString('latin1')}`,
    /secret|words|said/,
  );
  await query(bed.url, 'drop trigger see on crypto_request');
});

test('what the leader took on and never answered the next one answers', async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<never>();
  const first = await bed.open();
  first.crypto.handover.serve(() => {
    begun.resolve();
    return ended.promise;
  });
  const asked = asking.crypto.handover.request('say', {});
  await begun.promise;
  const stopped = first.crypto.handover.stopServing();
  ended.reject(new Error('the lead is lost'));
  await stopped;
  await serving(
    () => Promise.resolve({ by: 'next' }),
    async () => assert.deepEqual(await asked, { by: 'next' }),
  );
});

test('an answer that fails is asked for again; a request that the database lost is made again', async () => {
  let tries = 0;
  const failing = () => {
    tries += 1;
    return tries < 2 ? Promise.reject(new Error('not now')) : Promise.resolve({ tries });
  };
  await serving(failing, async () => {
    assert.deepEqual(await asking.crypto.handover.request('say', {}), { tries: 2 });
  });
  const asked = asking.crypto.handover.request('say', {});
  const gone = async (): Promise<boolean> =>
    (await query(bed.url, 'delete from crypto_request returning 1')).length > 0;
  while (!(await gone()));
  await serving(
    () => Promise.resolve({ found: true }),
    async () => assert.deepEqual(await asked, { found: true }),
  );
});

test('a request that nobody answers ends with words for a later try, and leaves nothing behind', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const asked = assert.rejects(asking.crypto.handover.request('say', {}), {
    name: 'TryLater',
    message: /doesn’t answer/,
  });
  t.mock.timers.tick(20_000);
  await asked;
  assert.equal(await left(), 0);
});

test('a store that is closed answers no request any more, and whoever waits is told', async () => {
  const closing = await bed.open();
  const asked = assert.rejects(closing.crypto.handover.request('say', {}), { name: 'TryLater' });
  while ((await left()) === 0);
  await closing.close();
  await asked;
});
