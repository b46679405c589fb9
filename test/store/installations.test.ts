import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { teamId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

let bed: StoreBed;
let store: Store;
before(async () => {
  bed = await storeBed();
  store = await bed.open();
});
after(() => bed.close());

it('workspaces that the app was installed in are kept sealed, the latest token of each, and told to other processes', async () => {
  const other = await bed.open();
  const told = Promise.withResolvers<void>();
  other.installations.whenChanged(() => told.resolve());
  assert.deepEqual(await store.installations.all(), []);
  // listening begins by itself some time after the store is open
  const again = setInterval(() => void store.installations.save(team, { access: 'xoxb-first' }), 100);
  await told.promise;
  clearInterval(again);
  await store.installations.save(team, { access: 'xoxb-second' });
  const rotating = { access: 'xoxe.xoxb-nine', refresh: 'xoxe-9', expiresAt: 9 };
  await store.installations.save(teamId('T9'), rotating);
  // as an earlier version stored it
  await store.secrets.put('team:E5', 'xoxb-five');
  await store.secrets.put('puppet:T1:U1', 'no workspace');
  assert.deepEqual(await other.installations.all(), [
    { team: 'E5', token: { access: 'xoxb-five' } },
    { team, token: { access: 'xoxb-second' } },
    { team: 'T9', token: rotating },
  ]);
  assert.ok(!JSON.stringify(await query(bed.url, 'select * from secret')).includes('xoxb'));
});

it('a token is renewed by one process at a time, and what it gave is stored', async () => {
  const other = await bed.open();
  const id = teamId('T7');
  assert.equal(await store.installations.renew(id, () => assert.fail('there is none')), undefined);
  await store.installations.save(id, { access: 'one', refresh: 'r1', expiresAt: 1 });
  let asked = 0;
  const renewed = (process: Store) =>
    process.installations.renew(id, async ({ access }) => {
      if (access !== 'one') return undefined;
      asked += 1;
      return { access: 'two', refresh: 'r2', expiresAt: 2 };
    });
  const [here, there] = await Promise.all([renewed(store), renewed(other)]);
  assert.deepEqual([here?.access, there?.access, asked], ['two', 'two', 1]);
  const stored = (await store.installations.all()).find((each) => each.team === id);
  assert.deepEqual(stored?.token, { access: 'two', refresh: 'r2', expiresAt: 2 });
});
