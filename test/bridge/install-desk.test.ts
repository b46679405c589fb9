import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { installObstacle } from '../../src/bridge/install-desk.ts';
import { createLoginDesk } from '../../src/bridge/login-desk.ts';
import type { LoginParts } from '../../src/bridge/login-parts.ts';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { matrixUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Permission } from '../../src/portal/ports.ts';
import type { Installed, Installing } from '../../src/slack/installing.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { storeBed } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';

const root = matrixUserId('@root:example.org');
const globex: Installed = { id: teamId('T9'), name: 'Globex', teams: [] };

let bed: StoreBed;
let store: Store;
/** What comes of an installation next, and what was asked of Slack. */
let end: Installed | Error;
let asked: string[];
let permission: Permission;

before(async () => {
  bed = await storeBed();
  store = await bed.open();
});
after(() => bed.close());
beforeEach(() => {
  [end, asked, permission] = [globex, [], 'admin'];
});

function partsWith(change: Partial<LoginParts> = {}): LoginParts {
  const installing: Installing = {
    configured: () => true,
    scopes: ['chat:write'],
    authorizeUrl: (state, back) => `https://slack.example/authorize?state=${state}&redirect_uri=${back}`,
    finish: async (code, back) => {
      asked.push(`${code} ${back}`);
      if (end instanceof Error) throw end;
      return end;
    },
    catchUp: () => Promise.resolve(),
  };
  const nobody = () => assert.fail('nobody links an account');
  const oauth = {
    configured: () => true,
    authorizeUrl: nobody,
    exchange: nobody,
    refresh: nobody,
    revoke: nobody,
  };
  return {
    store,
    slack: { installing, oauth, team: () => undefined, profile: nobody },
    publicUrl: 'https://bridge.example.org',
    bot: matrixUserId('@slackbot:example.org'),
    permissionOf: () => permission,
    canDouble: () => true,
    endSession: () => Promise.resolve(),
    tell: () => Promise.resolve(),
    hide: () => undefined,
    log: silentLogger,
    ...change,
  };
}

const desk = () => createLoginDesk(partsWith());
const newLink = () => store.logins.begin({ kind: 'install', matrixUser: root });

async function stateOf(secret: string, browser = 'browser'): Promise<string> {
  const begun = await desk().begin(secret, browser);
  assert.ok('slack' in begun);
  assert.match(begun.slack, /redirect_uri=https:\/\/bridge\.example\.org\/login\/callback$/);
  return new URL(begun.slack).searchParams.get('state') ?? '';
}

test('an administrator installs the app by a link, once, and it is written down who did', async () => {
  const secret = await newLink();
  const question = await desk().look(secret);
  assert.ok('kind' in question && question.kind === 'install');
  assert.equal(question.matrixUser, root);
  const state = await stateOf(secret);
  const other = await desk().begin(secret, 'another browser');
  assert.deepEqual(other, { type: 'other-browser' });
  const outcome = await desk().answer(state, 'browser', { code: 'c' });
  assert.deepEqual(outcome, { type: 'installed', workspace: 'Globex', bot: '@slackbot:example.org' });
  assert.deepEqual(asked, ['c https://bridge.example.org/login/callback']);
  const [entry] = await query(bed.url, `select actor, action, details from audit order by id desc limit 1`);
  assert.deepEqual(entry, { actor: root, action: 'install', details: { team: 'T9', name: 'Globex' } });
  assert.deepEqual(await desk().answer(state, 'browser', { code: 'c' }), { type: 'used' });
  assert.deepEqual(await desk().look(secret), { type: 'used' });
  assert.equal(asked.length, 1);
});

test('only administrators may, also when they are none any more', async () => {
  const secret = await newLink();
  const state = await stateOf(secret);
  permission = 'user';
  assert.deepEqual(await desk().look(secret), { type: 'not-permitted' });
  assert.deepEqual(await desk().begin(secret, 'browser'), { type: 'not-permitted' });
  assert.deepEqual(await desk().answer(state, 'browser', { code: 'c' }), { type: 'not-permitted' });
  assert.deepEqual(asked, []);
});

test('what failed says why, and can be tried again while there is time', async () => {
  const failures: readonly (readonly [Error | string, RegExp])[] = [
    ['access_denied', /You didn’t allow it/],
    ['invalid_scope', /Slack could not ask you \(invalid_scope\)/],
    ['<script>', /\(unreadable\)/],
    [new TryLater('away'), /can’t be reached/],
    [new CannotBridge('code_already_used', 'x'), /too old, or used before/],
    [new CannotBridge('lacking', 'it lacks files:read.'), /^it lacks files:read\.$/],
    [new CannotBridge('bad_client_secret', 'x'), /slack\.client_secret/],
  ];
  for (const [failure, words] of failures) {
    const state = await stateOf(await newLink());
    if (typeof failure !== 'string') end = failure;
    const result = typeof failure === 'string' ? { error: failure } : { code: 'c' };
    const outcome = await desk().answer(state, 'browser', result);
    assert.ok(outcome.type === 'not-installed');
    assert.match(outcome.why, words);
    const again = new URL(outcome.retry ?? '').searchParams.get('state') ?? '';
    end = globex;
    assert.equal((await desk().answer(again, 'browser', { code: 'd' })).type, 'installed');
  }
});

test('what is missing in the configuration is named', () => {
  assert.equal(installObstacle(partsWith()), undefined);
  assert.match(installObstacle(partsWith({ publicUrl: undefined })) ?? '', /web\.public_url/);
  const { slack } = partsWith();
  const without = { ...slack, installing: { ...slack.installing, configured: () => false } };
  assert.match(installObstacle(partsWith({ slack: without })) ?? '', /slack\.client_id/);
});
