import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchHeldGrants } from '../../src/bridge/held-grants.ts';
import { createLoginDesk } from '../../src/bridge/login-desk.ts';
import type { LoginParts } from '../../src/bridge/login-parts.ts';
import { createPeopleDesk } from '../../src/bridge/people-desk.ts';
import { CannotBridge } from '../../src/errors.ts';
import { matrixUserId, slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Permission } from '../../src/portal/ports.ts';
import type { Grant } from '../../src/slack/oauth.ts';
import { userScopes } from '../../src/slack/scopes.ts';
import type { Store } from '../../src/store/open-store.ts';
import { query } from '../store/query.ts';
import { storeBed, team } from '../store/test-store.ts';
import type { StoreBed } from '../store/test-store.ts';

const alice = matrixUserId('@alice:example.org');
const bob = matrixUserId('@bob:example.org');
const [ann, ben] = [slackUserId('U1'), slackUserId('U2')];
const granted: Grant = { team, slackUser: ann, scopes: userScopes, token: { access: 'xoxp-granted' } };

let bed: StoreBed;
let store: Store;
/** What Slack answers next, and what was asked, said and logged. */
let grant: Grant | Error;
let permission: Permission;
let revoked: string[];
let told: string[];
let errors: unknown[];

before(async () => {
  bed = await storeBed();
  store = await bed.open();
});
after(() => bed.close());
beforeEach(async () => {
  await query(bed.url, 'delete from puppet');
  await store.puppets.refresh();
  [grant, permission, revoked, told, errors] = [granted, 'user', [], [], []];
});

function partsWith(change: Partial<LoginParts> = {}): LoginParts {
  const oauth: LoginParts['slack']['oauth'] = {
    configured: (asked) => asked === team,
    authorizeUrl: (_, { state }) => `https://slack.example/authorize?state=${state}`,
    exchange: async () => {
      if (grant instanceof Error) throw grant;
      return grant;
    },
    refresh: () => Promise.reject(new Error('nobody renews')),
    revoke: async (_, token) => void revoked.push(token),
  };
  return {
    store,
    slack: {
      oauth,
      installing: {
        configured: () => false,
        scopes: [],
        authorizeUrl: () => assert.fail('nobody installs'),
        finish: () => Promise.reject(new Error('nobody installs')),
        catchUp: () => Promise.resolve(),
      },
      team: () => undefined,
      profile: async (of, id) => ({ team: of, id, name: `name of ${id}`, bot: false, deactivated: false }),
    },
    publicUrl: 'https://bridge.example.org',
    bot: matrixUserId('@slackbot:example.org'),
    permissionOf: () => permission,
    canDouble: () => true,
    endSession: () => Promise.resolve(),
    tell: async (user, words) => void told.push(`${user}: ${words}`),
    hide: () => undefined,
    log: { ...silentLogger, error: (_, fields) => void errors.push(fields?.['reason']) },
    ...change,
  };
}

/** A login as far as Slack's answer, which comes back with this. */
async function answered(result: { readonly code: string } | { readonly error: string } = { code: 'c' }) {
  const desk = createLoginDesk(partsWith());
  const secret = await store.logins.begin({ kind: 'person', matrixUser: alice, team });
  const begun = await desk.begin(secret, 'browser');
  assert.ok('slack' in begun);
  return desk.answer(new URL(begun.slack).searchParams.get('state') ?? '', 'browser', result);
}

test('who links an account is told in Matrix, too, and it is written down who did', async () => {
  const outcome = await answered();
  assert.equal(outcome.type, 'linked');
  assert.match(told[0] ?? '', /^@alice:example\.org: Your Slack account name of U1/);
  assert.deepEqual(await store.puppets.tokenOf(team, ann), granted.token);
  const [entry] = await query(bed.url, `select actor, action, details from audit order by id desc limit 1`);
  assert.deepEqual(entry, { actor: alice, action: 'login', details: { team, slackUser: ann } });
});

test('another account in the same workspace takes the place of the first, whose token ends', async () => {
  await answered();
  grant = { ...granted, slackUser: ben, token: { access: 'xoxp-ben' } };
  assert.equal((await answered()).type, 'linked');
  assert.deepEqual(revoked, ['xoxp-granted']);
  assert.deepEqual(
    store.puppets.all().map(({ slackUser }) => slackUser),
    [ben],
  );
});

test('a token that leads to nothing is given back, unless somebody uses that account', async () => {
  grant = { ...granted, scopes: ['users:read'] };
  assert.equal((await answered()).type, 'missing-scopes');
  assert.deepEqual(revoked, ['xoxp-granted']);
  await store.puppets.save({ matrixUser: bob, team, slackUser: ann, name: 'Ann', scopes: [] }, granted.token);
  await answered();
  assert.deepEqual(revoked, ['xoxp-granted']);
});

test('an answer about another workspace links nothing', async () => {
  grant = { ...granted, team: teamId('T2') };
  assert.equal((await answered()).type, 'other-workspace');
  assert.deepEqual(store.puppets.all(), []);
});

test('what an administrator has to put right is in the log, and people are told so without details', async () => {
  for (const reason of ['bad_client_secret', 'bad_redirect_uri', 'invalid_client_id']) {
    grant = new CannotBridge(reason, 'refused');
    assert.deepEqual(await answered(), { type: 'misconfigured' });
  }
  assert.deepEqual(await answered({ error: 'invalid_scope' }), { type: 'misconfigured' });
  assert.deepEqual(await answered({ error: '<script>' }), { type: 'misconfigured' });
  assert.deepEqual(errors, [
    'bad_client_secret',
    'bad_redirect_uri',
    'invalid_client_id',
    'invalid_scope',
    'unreadable',
  ]);
});

test('who may not use the bridge links nothing, also when that changed on the way', async () => {
  const desk = createLoginDesk(partsWith());
  const secret = await store.logins.begin({ kind: 'person', matrixUser: alice, team });
  const begun = await desk.begin(secret, 'browser');
  assert.ok('slack' in begun);
  permission = 'relay';
  assert.deepEqual(await desk.look(secret), { type: 'not-permitted' });
  const state = new URL(begun.slack).searchParams.get('state') ?? '';
  assert.deepEqual(await desk.answer(state, 'browser', { code: 'c' }), { type: 'not-permitted' });
  assert.deepEqual(store.puppets.all(), []);
});

test('links of other kinds, and codes, open no page', async () => {
  const desk = createLoginDesk(partsWith());
  const install = await store.logins.begin({ kind: 'install', team });
  const code = await store.logins.begin({ kind: 'code', team, slackUser: ann });
  for (const secret of [install, code]) assert.deepEqual(await desk.look(secret), { type: 'unknown' });
});

test('where nobody can link an account it is said what is missing', () => {
  const unreachable = partsWith({ publicUrl: undefined });
  assert.match(createPeopleDesk(unreachable).obstacle(team) ?? '', /web\.public_url/);
  const other = teamId('T2');
  assert.match(createPeopleDesk(partsWith()).obstacle(other) ?? '', /slack\.client_id/);
});

test('what was allowed in Slack is given back when nobody says in Matrix whose it is, or others read the code', async () => {
  const parts = partsWith();
  const desk = createLoginDesk(parts);
  const people = createPeopleDesk(parts);
  const newCode = async (): Promise<string> => {
    const link = /login\/([\w-]{43})/.exec(await people.linkFromSlack(ann, team))?.[1] ?? '';
    const begun = await desk.begin(link, 'browser');
    assert.ok('slack' in begun);
    const state = new URL(begun.slack).searchParams.get('state') ?? '';
    const outcome = await desk.answer(state, 'browser', { code: 'c' });
    return outcome.type === 'code' ? outcome.code : assert.fail(outcome.type);
  };
  const read = await newCode();
  await people.void(read, bob);
  assert.deepEqual(await people.redeem(read, bob), { type: 'unknown' });
  assert.deepEqual(revoked, ['xoxp-granted']);
  const missed = await newCode();
  await query(bed.url, `update login set expires_at = now()`);
  const watch = watchHeldGrants(parts, 20);
  while (revoked.length < 2) await sleep(20);
  await watch.stop();
  assert.deepEqual(await people.redeem(missed, alice), { type: 'unknown' });
  assert.deepEqual(await query(bed.url, `select id from secret where id like 'login:%'`), []);
});
