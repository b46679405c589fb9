import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { matrixUserId, slackUserId } from '../../src/ids.ts';
import type { Store } from '../../src/store/open-store.ts';
import { eventually } from './eventually.ts';
import { query } from './query.ts';
import { storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const ann = matrixUserId('@ann:example.org');
const eve = matrixUserId('@eve:example.org');
const login = (n: number) => ({
  team,
  slackUser: slackUserId(`U${n}`),
  name: `ann ${n}`,
  scopes: ['chat:write'],
});

describe('puppets', () => {
  let bed: StoreBed;
  let store: Store;
  let other: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
    other = await bed.open();
  });
  after(() => bed.close());

  it('are found by both accounts, by every process, with their tokens', async () => {
    const heard: string[] = [];
    other.puppets.whenChanged((_team, user) => heard.push(user));
    await store.puppets.save({ matrixUser: ann, ...login(1) }, { access: 'xoxp-1' });
    await eventually(() => other.puppets.ofMatrixUser(ann, team) !== undefined);
    for (const { puppets } of [store, other, await bed.open()]) {
      const puppet = puppets.ofSlackUser(team, slackUserId('U1'));
      assert.equal(puppet, puppets.ofMatrixUser(ann, team));
      assert.equal(puppet?.name, 'ann 1');
      assert.deepEqual(puppet.scopes, ['chat:write']);
      assert.equal(puppet.double, true);
      assert.deepEqual(await puppets.tokenOf(team, slackUserId('U1')), { access: 'xoxp-1' });
    }
    assert.deepEqual(heard, ['U1']);
  });

  it('are one for each account of Slack, and one for each person and workspace', async () => {
    await assert.rejects(
      store.puppets.save({ matrixUser: eve, ...login(1) }, { access: 'xoxp-eve' }),
      (error) => error instanceof CannotBridge && error.reason === 'slack-account-linked',
    );
    assert.deepEqual(await store.puppets.tokenOf(team, slackUserId('U1')), { access: 'xoxp-1' });
    await store.puppets.save({ matrixUser: ann, ...login(2) }, { access: 'xoxp-2' });
    assert.equal(store.puppets.ofSlackUser(team, slackUserId('U1')), undefined);
    assert.equal(await store.puppets.tokenOf(team, slackUserId('U1')), undefined);
    assert.equal(store.puppets.ofMatrixUser(ann, team)?.slackUser, 'U2');
    assert.equal(await store.puppets.remove(eve, team), false);
  });

  it('in trouble are not found, are told once, and go on after a new login', async () => {
    const user = slackUserId('U2');
    await store.puppets.setTrouble(team, user, 'it was revoked');
    await store.puppets.setTrouble(team, user, 'it was revoked');
    await eventually(() => other.puppets.all()[0]?.trouble === 'it was revoked');
    assert.equal(other.puppets.ofSlackUser(team, user), undefined);
    const [first] = store.puppets.untold();
    assert.ok(first);
    const said: string[] = [];
    const say = async () => {
      said.push(first.notice);
      await sleep(20);
    };
    await Promise.all([store, other].map(({ puppets }) => puppets.tell(first, say)));
    assert.deepEqual(said, ['it was revoked']);
    await eventually(() => store.puppets.untold().length === 0);
    await store.puppets.save({ matrixUser: ann, ...login(2) }, { access: 'xoxp-3' });
    assert.equal(store.puppets.ofMatrixUser(ann, team)?.trouble, undefined);
    assert.equal(await store.puppets.setLacking(team, user, 'chat:write', 'it lacks something'), true);
    assert.equal(await store.puppets.setLacking(team, user, 'chat:write', 'it lacks something'), false);
    assert.deepEqual(store.puppets.ofMatrixUser(ann, team)?.scopes, []);
    assert.equal(store.puppets.untold().length, 1);
  });

  it('renew their tokens one after the other, and every process gets the new one', async () => {
    const user = slackUserId('U2');
    const asked: string[] = [];
    const next = async (stored: { readonly access: string }) => {
      if (stored.access !== 'xoxp-3') return undefined;
      asked.push(stored.access);
      await sleep(20);
      return { access: 'xoxp-4', refresh: 'r', expiresAt: 5 };
    };
    const heard: string[] = [];
    other.puppets.whenChanged((_team, changed) => heard.push(changed));
    const got = [store, other, store].map(({ puppets }) => puppets.renew(team, user, next));
    for (const token of await Promise.all(got))
      assert.deepEqual(token, { access: 'xoxp-4', refresh: 'r', expiresAt: 5 });
    assert.deepEqual(asked, ['xoxp-3']);
    await eventually(() => heard.length > 0);
    const failing = store.puppets.renew(team, user, () => Promise.reject(new Error('away')));
    await assert.rejects(failing, /away/);
    assert.equal((await store.puppets.tokenOf(team, user))?.access, 'xoxp-4');
  });

  it('keep their tokens sealed, and nothing of them after a logout', async () => {
    const [row] = await query(bed.url, `select id, encode(sealed, 'escape') as text from secret`);
    assert.doesNotMatch(JSON.stringify(row), /xoxp-4/);
    await query(bed.url, `insert into secret select 'puppet:T1:U9', sealed from secret`);
    await assert.rejects(store.puppets.tokenOf(team, slackUserId('U9')), /can't be opened/);
    await query(bed.url, `delete from secret where id = 'puppet:T1:U9'`);
    assert.equal(await store.puppets.remove(ann, team), true);
    await eventually(() => other.puppets.all().length === 0);
    assert.deepEqual(await query(bed.url, 'select * from secret'), []);
  });
});
