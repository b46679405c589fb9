import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Failure } from '../../src/slack/failures.ts';
import type { StoredToken } from '../../src/slack/ports.ts';
import { createPersonTokens } from '../../src/slack/puppets.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

const team = teamId('T1');
const ann = slackUserId('UANN');
const hour = 3_600_000;

/** Two processes with one store, where time stands still. */
function world(token: StoredToken, renewed: () => Promise<StoredToken>) {
  const store = new MemoryTokens();
  store.put(team, ann, token);
  const clock = { at: 1_000_000 };
  const asked: string[] = [];
  const renew = async (_team: string, refresh: string): Promise<StoredToken> => {
    asked.push(refresh);
    return renewed();
  };
  const tokens = () => createPersonTokens({ store, renew, log: silentLogger, now: () => clock.at });
  return { store, clock, asked, here: tokens(), there: tokens() };
}

const never = () => Promise.reject<StoredToken>(new Error('not asked for'));
const revoked = (code: string): Failure => ({ kind: 'revoked', code, error: new TryLater(code) });

test('a token that does not end is read once, and again after a new login', async () => {
  const { store, here } = world({ access: 'first' }, never);
  assert.equal(await here.tokenOf(team, ann), 'first');
  store.tokens.set(ann, { access: 'unheard of' });
  assert.equal(await here.tokenOf(team, ann), 'first');
  store.put(team, ann, { access: 'second' });
  assert.equal(await here.tokenOf(team, ann), 'second');
});

test('a token is renewed before it ends, once for all processes', async () => {
  const next = { access: 'second', refresh: 'r2', expiresAt: 1_000_000 + 12 * hour };
  const { clock, asked, here, there } = world(
    { access: 'first', refresh: 'r1', expiresAt: 1_000_000 + hour },
    () => Promise.resolve(next),
  );
  assert.equal(await here.tokenOf(team, ann), 'first');
  clock.at += hour - 60_000;
  const got = [here, here, there, there].map((tokens) => tokens.tokenOf(team, ann));
  assert.deepEqual(await Promise.all(got), ['second', 'second', 'second', 'second']);
  assert.deepEqual(asked, ['r1']);
});

test('a renewal that fails does no harm while the token works, and holds things up after that', async () => {
  const { clock, asked, here } = world(
    { access: 'first', refresh: 'r1', expiresAt: 1_000_000 + 60_000 },
    () => Promise.reject(new TryLater('Slack is away')),
  );
  assert.equal(await here.tokenOf(team, ann), 'first');
  assert.equal(await here.tokenOf(team, ann), 'first');
  assert.deepEqual(asked, ['r1']);
  clock.at += 60_000;
  await assert.rejects(here.tokenOf(team, ann), TryLater);
});

test('a token that Slack does not take puts its login in trouble, and what was to be done is tried again', async () => {
  const { store, here } = world({ access: 'first' }, never);
  const used = { team, user: ann, token: await here.tokenOf(team, ann) };
  assert.ok((await here.afterFailure(used, revoked('token_revoked'))) instanceof TryLater);
  assert.match(store.troubles.get(ann) ?? '', /doesn’t take your login/);
});

test('an old token that fails does no harm to the one of a new login', async () => {
  const { store, here } = world({ access: 'first' }, never);
  const used = { team, user: ann, token: await here.tokenOf(team, ann) };
  store.put(team, ann, { access: 'second' });
  assert.ok((await here.afterFailure(used, revoked('token_revoked'))) instanceof TryLater);
  assert.equal(store.troubles.size, 0);
  assert.equal(await here.tokenOf(team, ann), 'second');
});

test('a token that ended is renewed; one whose renewal is refused is in trouble', async () => {
  const results: (() => Promise<StoredToken>)[] = [
    () => Promise.resolve({ access: 'second', refresh: 'r2' }),
    () => Promise.reject(new CannotBridge('invalid_refresh_token', 'no')),
  ];
  const { store, here } = world({ access: 'first', refresh: 'r1' }, () => results.shift()?.() ?? never());
  const fail = async () =>
    here.afterFailure({ team, user: ann, token: await here.tokenOf(team, ann) }, revoked('token_expired'));
  assert.ok((await fail()) instanceof TryLater);
  assert.equal(store.troubles.size, 0);
  assert.ok((await fail()) instanceof TryLater);
  assert.match(store.troubles.get(ann) ?? '', /run out/);
});

test('a permission that somebody did not give is remembered; other failures stay what they are', async () => {
  const { store, clock, here } = world({ access: 'first' }, never);
  const used = { team, user: ann, token: 'first' };
  const error = new CannotBridge('missing_scope', 'no');
  const refused = { kind: 'refused', code: 'missing_scope', error } as const;
  assert.ok((await here.afterFailure(used, { ...refused, needed: 'pins:write' })) instanceof TryLater);
  assert.deepEqual(
    store.lacking.map(({ scope }) => scope),
    ['pins:write'],
  );
  assert.equal(await here.afterFailure(used, refused), error);
  const other = { ...refused, needed: 'groups:write,pins:write' };
  assert.ok((await here.afterFailure(used, other)) instanceof TryLater);
  clock.at += 10_000;
  assert.equal(await here.afterFailure(used, other), error, 'whoever asks knows, and can’t do without');
});

test('for somebody who is not linked nothing can be done', async () => {
  const { here } = world({ access: 'first' }, never);
  await assert.rejects(here.tokenOf(team, slackUserId('UEVE')), TryLater);
});
