import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { matrixUserId, slackUserId } from '../../src/ids.ts';
import { cleanUp } from '../../src/store/clean-up.ts';
import { createReader } from '../../src/store/reader.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { log, storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const alice = matrixUserId('@alice:example.org');
const bob = matrixUserId('@bob:example.org');
const ann = slackUserId('U1');

describe('one-time secrets', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  const begin = () => store.logins.begin({ kind: 'person', matrixUser: alice, team });
  const expire = () => query(bed.url, `update login set expires_at = now() - interval '1 second'`);

  it('are found by themselves, and kept as hashes only', async () => {
    const secret = await begin();
    assert.match(secret, /^[\w-]{43}$/);
    const { hash, ...found } = (await store.logins.find(secret)) ?? assert.fail();
    assert.deepEqual(found, { kind: 'person', matrixUser: alice, team, state: 'open' });
    await store.logins.bind(secret, 'the browser', 'the state');
    const kept = JSON.stringify(await query(bed.url, 'select * from login'));
    for (const each of [secret, 'the browser', 'the state']) assert.ok(!kept.includes(each), each);
    assert.ok(kept.includes(hash));
    assert.equal(await store.logins.find(`${secret}x`), undefined);
  });

  it('belong to the first browser; it may begin anew, and then the earlier state is void', async () => {
    const secret = await begin();
    assert.equal(await store.logins.bind(secret, 'phone', 'state 1'), true);
    assert.equal(await store.logins.bind(secret, 'laptop', 'state 2'), false);
    assert.equal(await store.logins.bind(secret, 'phone', 'state 3'), true);
    assert.equal(await store.logins.take('state 1', 'phone'), undefined);
    assert.equal((await store.logins.take('state 3', 'phone'))?.matrixUser, alice);
  });

  it('are taken once, by their browser only, however many try at a time', async () => {
    const secret = await begin();
    await store.logins.bind(secret, 'phone', 'once');
    assert.equal(await store.logins.take('once', 'laptop'), undefined);
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.logins.take('once', 'phone')));
    assert.equal(taken.filter(Boolean).length, 1);
    assert.equal((await store.logins.ofState('once'))?.state, 'used');
    assert.equal((await store.logins.find(secret))?.state, 'used');
    assert.equal(await store.logins.bind(secret, 'phone', 'more'), false);
  });

  it('that were taken in vain go on with another state in the same browser', async () => {
    const secret = await begin();
    await store.logins.bind(secret, 'phone', 'first try');
    const taken = (await store.logins.take('first try', 'phone')) ?? assert.fail();
    assert.equal(await store.logins.again(taken, 'second try'), true);
    assert.equal(await store.logins.again(taken, 'third try'), false);
    assert.equal(await store.logins.take('first try', 'phone'), undefined);
    assert.equal(await store.logins.take('second try', 'laptop'), undefined);
    assert.equal((await store.logins.take('second try', 'phone'))?.hash, taken.hash);
  });

  it('end after ten minutes, whatever was done with them by then', async () => {
    const [open, bound] = [await begin(), await begin()];
    const [row] = await query(
      bed.url,
      `select extract(epoch from max(expires_at) - now())::int as seconds from login`,
    );
    const { seconds } = row as { seconds: number }; // as it was asked for
    assert.ok(seconds > 590 && seconds <= 600, `${seconds} s`);
    await store.logins.bind(bound, 'phone', 'late');
    const code = await store.logins.begin({ kind: 'code', team, slackUser: ann }, 'ABCD');
    await expire();
    assert.equal((await store.logins.find(open))?.state, 'expired');
    assert.equal(await store.logins.bind(open, 'phone', 'other'), false);
    assert.equal(await store.logins.take('late', 'phone'), undefined);
    assert.equal((await store.logins.ofState('late'))?.state, 'expired');
    assert.equal(await store.logins.claim(code, alice), undefined);
  });

  it('that are codes belong to the first who shows them, who may show them again', async () => {
    const code = await store.logins.begin({ kind: 'code', team, slackUser: ann }, 'EFGH');
    const claimed = await Promise.all([store.logins.claim(code, alice), store.logins.claim(code, bob)]);
    assert.equal(claimed.filter(Boolean).length, 1);
    const [of, other] = claimed[0] ? [alice, bob] : [bob, alice];
    const login = (await store.logins.claim(code, of)) ?? assert.fail();
    assert.deepEqual([login.slackUser, login.state], [ann, 'open']);
    await store.logins.finish(login);
    assert.equal((await store.logins.claim(code, of))?.state, 'used');
    assert.equal(await store.logins.claim(code, other), undefined);
    const link = await begin();
    assert.equal(await store.logins.claim(link, alice), undefined, 'a link is no code');
  });

  it('are gone a day after their end', async () => {
    const secret = await begin();
    await query(bed.url, `update login set expires_at = now() - interval '25 hours'`);
    const young = await begin();
    const reader = createReader({ url: bed.url }, log, { statements: 0 });
    try {
      await cleanUp(reader);
    } finally {
      await reader.close();
    }
    assert.equal(await store.logins.find(secret), undefined);
    assert.equal((await store.logins.find(young))?.state, 'open');
  });
});
