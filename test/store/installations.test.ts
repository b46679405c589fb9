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
  const again = setInterval(() => void store.installations.save(team, 'xoxb-first'), 100);
  await told.promise;
  clearInterval(again);
  await store.installations.save(team, 'xoxb-second');
  await store.installations.save(teamId('T9'), 'xoxb-nine');
  await store.secrets.put('puppet:T1:U1', 'no workspace');
  assert.deepEqual(await other.installations.all(), [
    { team, botToken: 'xoxb-second' },
    { team: 'T9', botToken: 'xoxb-nine' },
  ]);
  assert.ok(!JSON.stringify(await query(bed.url, 'select * from secret')).includes('xoxb'));
});
