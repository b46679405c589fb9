import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { botId, mxcUri, slackUserId, teamId } from '../../src/ids.ts';
import type { GhostRecord } from '../../src/matrix/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { makePortal, storeBed } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

describe('ghosts and the audit log', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  it('keeps a ghost as it was saved last', async () => {
    const bare: GhostRecord = { localpart: 'slack_u1', deviceId: 'DEVICE' };
    const full: GhostRecord = {
      ...bare,
      slack: { author: slackUserId('U1'), team: teamId('T1') },
      name: 'Ann',
      picture: { url: 'https://example.org/a.png', sha256: 'ab', mxc: mxcUri('mxc://example.org/a') },
    };
    assert.equal(await store.ghosts.get('slack_u1'), undefined);
    for (const ghost of [bare, full, bare]) {
      await store.ghosts.save(ghost);
      assert.deepEqual(await store.ghosts.get('slack_u1'), ghost);
    }
  });

  it('knows the people among them by their names', async () => {
    const team = teamId('T1');
    const ghosts = [
      { localpart: 'slack_u2', slack: { author: slackUserId('U2'), team }, name: 'Bob' },
      { localpart: 'slack_b3', slack: { author: botId('B3'), team }, name: 'Jira' },
      { localpart: 'slack_u4', slack: { author: slackUserId('U4'), team } },
      { localpart: 'slackbot', name: 'Bridge' },
    ];
    for (const ghost of ghosts) await store.ghosts.save({ deviceId: 'DEVICE', ...ghost });
    const people = await store.ghosts.named();
    assert.deepEqual(
      people.map(({ id, name }) => [id, name]),
      [['U2', 'Bob']],
    );
  });

  it('records who did what', async () => {
    const { id } = await makePortal(store, 1);
    await store.audit.record({
      actor: '@admin:example.org',
      action: 'link',
      portal: id,
      details: { channel: 'C1' },
    });
    await store.audit.record({ actor: 'bridge', action: 'start', details: {} });
    assert.deepEqual(
      await query(bed.url, 'select actor, action, portal::int, details from audit order by id'),
      [
        { actor: '@admin:example.org', action: 'link', portal: id, details: { channel: 'C1' } },
        { actor: 'bridge', action: 'start', portal: null, details: {} },
      ],
    );
  });
});
