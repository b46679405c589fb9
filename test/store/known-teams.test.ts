import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { slackUserId, teamId } from '../../src/ids.ts';
import type { SlackTeam } from '../../src/portal/ports.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from './query.ts';
import { storeBed, team } from './test-store.ts';
import type { StoreBed } from './test-store.ts';

const acme: SlackTeam = {
  id: team,
  name: 'Acme',
  url: 'https://acme.slack.com/',
  appId: 'A1',
  bot: slackUserId('UBOT'),
  botId: undefined,
};

describe('workspaces that were connected before', () => {
  let bed: StoreBed;
  let store: Store;
  before(async () => {
    bed = await storeBed();
    store = await bed.open();
  });
  after(() => bed.close());

  it('are found by their token, as they were seen last', async () => {
    assert.deepEqual(await store.knownTeams.find('xoxb-1'), []);
    await store.knownTeams.remember('xoxb-1', acme);
    await store.knownTeams.remember('xoxb-1', { ...acme, name: 'Acme Ltd' });
    assert.deepEqual(await store.knownTeams.find('xoxb-1'), [{ ...acme, name: 'Acme Ltd' }]);
  });

  it('are not found by a token that was replaced, nor is any token kept', async () => {
    await store.knownTeams.remember('xoxb-2', acme);
    assert.deepEqual(await store.knownTeams.find('xoxb-1'), []);
    assert.deepEqual(await store.knownTeams.find('xoxb-2'), [acme]);
    const rows = JSON.stringify(await query(bed.url, 'select * from team'));
    assert.ok(!rows.includes('xoxb'));
  });
  it('of an organisation are found by the one token, also after it was renewed', async () => {
    const globex = { ...acme, id: teamId('T2'), name: 'Globex' };
    await store.knownTeams.remember('xoxb-3', acme, true);
    await store.knownTeams.remember('xoxb-3', globex, true);
    await store.knownTeams.renewed('xoxb-3', 'xoxb-4');
    assert.deepEqual(await store.knownTeams.find('xoxb-3'), []);
    assert.deepEqual(await store.knownTeams.find('xoxb-4'), [acme, globex]);
  });
});
