import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { matrixUserId, slackUserId, teamId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const team = teamId('T1');
const [ann, bob] = [matrixUserId('@ann:hs'), matrixUserId('@bob:hs')];
const [annInSlack, bobInSlack] = [slackUserId('UANN'), slackUserId('UBOB')];
const annsMatch = { team, slackUser: annInSlack, matrixUser: ann };

describe('matches of people', () => {
  let bed: StoreBed;
  let store: Store;
  let other: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    other = await bed.open();
  });
  after(() => bed.close());

  it('are known in both directions, to other processes after they read them, and can be saved twice', async () => {
    const { matches } = store;
    for (let times = 0; times < 2; times += 1) await matches.save(annsMatch);
    await matches.save({ team, slackUser: bobInSlack, matrixUser: bob });
    await other.matches.refresh();
    for (const each of [matches, other.matches]) {
      assert.equal(each.directory.ofSlackUser(team, annInSlack), ann);
      assert.equal(each.directory.ofMatrixUser(bob, team), bobInSlack);
      assert.equal(each.directory.ofMatrixUser(ann, teamId('T2')), undefined);
      assert.ok(each.has(annsMatch) && !each.has({ ...annsMatch, matrixUser: bob }));
    }
    await matches.forget(bob, team);
    await other.matches.refresh();
    assert.equal(other.matches.directory.ofSlackUser(team, bobInSlack), undefined);
  });

  it('go when either side refuses, and both may change their mind', async () => {
    const { matches } = store;
    for (const person of [ann, { team, slackUser: annInSlack }]) {
      await matches.save(annsMatch);
      await matches.setRefused(person, true);
      assert.equal(matches.has(annsMatch), false);
      await other.matches.refresh();
      assert.deepEqual([other.matches.isRefused(person), other.matches.has(annsMatch)], [true, false]);
      await matches.setRefused(person, false);
      assert.equal(matches.isRefused(person), false);
    }
    assert.equal(matches.isRefused(bob), false);
  });
});
