import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { WebClient } from '@slack/web-api';
import { systemClock } from '../../sandbox/slack/clock.ts';
import { startSlackSandbox } from '../../sandbox/slack/server.ts';
import { clientOf, errorOf, silent, startTeam } from './start.ts';

const redirectUrl = 'https://bridge.example/login/callback';

/** A team whose app may send people back; `hurry` makes time pass. */
async function startAsking(context: TestContext) {
  let ahead = 0;
  const system = systemClock();
  const clock = { ...system, now: () => system.now() + ahead };
  const team = await startTeam(context, { clock });
  const { sandbox, control, app } = team;
  await control.configureApp({ redirectUrls: [redirectUrl] });
  const query = (more: Readonly<Record<string, string>> = {}) =>
    new URLSearchParams({
      client_id: app.clientId,
      user_scope: 'chat:write,im:history',
      redirect_uri: redirectUrl,
      state: 's&1',
      ...more,
    });
  const page = async (fields: URLSearchParams) => {
    const answer = await fetch(`${sandbox.authorizeUrl}?${fields.toString()}`, { redirect: 'manual' });
    return { status: answer.status, text: await answer.text() };
  };
  /** What the browser is sent to. */
  const decide = async (user: string, decision: string, more?: Readonly<Record<string, string>>) => {
    const body = query({ user, decision, ...more });
    const answer = await fetch(sandbox.authorizeUrl, { method: 'POST', body, redirect: 'manual' });
    assert.equal(answer.status, 302);
    return new URL(answer.headers.get('location') ?? '');
  };
  const web = new WebClient(undefined, {
    slackApiUrl: sandbox.apiUrl,
    retryConfig: { retries: 0 },
    logger: silent,
  });
  const client = { client_id: app.clientId, client_secret: app.clientSecret };
  const codeOf = async (user: string, more?: Readonly<Record<string, string>>) =>
    (await decide(user, 'allow', more)).searchParams.get('code') ?? '';
  const access = (code: string, more: object = {}) =>
    web.oauth.v2.access({ ...client, code, redirect_uri: redirectUrl, ...more });
  const refresh = (token: string) =>
    web.oauth.v2.access({ ...client, grant_type: 'refresh_token', refresh_token: token });
  const hurry = (ms: number) => {
    ahead += ms;
  };
  return { ...team, query, page, decide, codeOf, access, refresh, hurry };
}

test('the page names the app, the workspace and what it may do, and allows once', async (context) => {
  const { page, query, decide, access, sandbox, ann, team, app, channel, control } =
    await startAsking(context);
  const { status, text } = await page(query());
  assert.equal(status, 200);
  for (const words of ['Bridge', 'Ann (Acme)', 'Send messages', 'Read direct messages'])
    assert.ok(text.includes(words), words);

  const back = await decide(ann.id, 'allow');
  assert.equal(back.origin + back.pathname, redirectUrl);
  assert.equal(back.searchParams.get('state'), 's&1');
  const answer = await access(back.searchParams.get('code') ?? '');
  const { access_token: token = '', ...person } = answer.authed_user ?? {};
  assert.deepEqual(person, { id: ann.id, scope: 'chat:write,im:history', token_type: 'user' });
  assert.equal(answer.access_token, undefined);
  assert.deepEqual(answer.team, { id: team.id, name: 'Acme' });
  assert.equal(answer.app_id, app.id);
  assert.equal(answer.is_enterprise_install, false);
  const posted = await clientOf(sandbox, token).chat.postMessage({ channel: channel.id, text: 'hi' });
  assert.equal(posted.message?.user, ann.id);

  const shown = JSON.stringify(control.log({}));
  for (const secret of [token, app.clientSecret, back.searchParams.get('code') ?? ''])
    assert.ok(!shown.includes(secret));
});

test('cancelling sends the browser back with access_denied', async (context) => {
  const { decide, ann } = await startAsking(context);
  const back = await decide(ann.id, 'deny');
  assert.equal(back.searchParams.get('error'), 'access_denied');
  assert.equal(back.searchParams.get('state'), 's&1');
  assert.equal(back.searchParams.get('code'), null);
});

test('questions that are wrong are refused on the page', async (context) => {
  const { page, query, control, decide, ann } = await startAsking(context);
  const errorOn = async (more: Readonly<Record<string, string>>) => {
    const { status, text } = await page(query(more));
    assert.equal(status, 400);
    return /<code>(\w+)<\/code>/.exec(text)?.[1];
  };
  assert.equal(await errorOn({ client_id: '1.2' }), 'invalid_client_id');
  assert.equal(
    await errorOn({ redirect_uri: 'https://elsewhere.example/login/callback' }),
    'bad_redirect_uri',
  );
  assert.equal(await errorOn({ redirect_uri: 'https://bridge.example/login/callbacks' }), 'bad_redirect_uri');
  assert.equal(await errorOn({ user_scope: 'channels:join' }), 'invalid_scope');
  assert.equal(await errorOn({ scope: 'channels:write' }), 'invalid_scope');
  assert.equal(await errorOn({ user_scope: '' }), 'missing_scope');
  const below = await decide(ann.id, 'allow', { redirect_uri: `${redirectUrl}/deep` });
  assert.equal(below.pathname, '/login/callback/deep');
  const guest = control.createUser({ name: 'guest', realName: 'Gus Guest', isRestricted: true });
  assert.ok((await page(query())).text.includes(guest.id));
  assert.ok(!(await page(query({ scope: 'chat:write' }))).text.includes(guest.id));
});

test('a code counts once, for ten minutes, for its app and its address', async (context) => {
  const { codeOf, access, control, ann, hurry, sandbox, app } = await startAsking(context);
  const code = await codeOf(ann.id);
  assert.equal(await errorOf(access(code, { client_id: '1.2' })), 'invalid_client_id');
  assert.equal(await errorOf(access(code, { client_secret: 'wrong' })), 'bad_client_secret');
  assert.equal(await errorOf(access(code, { redirect_uri: `${redirectUrl}/2` })), 'bad_redirect_uri');
  assert.equal(await errorOf(access('nonsense')), 'invalid_code');
  assert.equal(await errorOf(access(code, { grant_type: 'password' })), 'invalid_grant_type');
  const other = control.createApp({ name: 'Other', transport: 'none' });
  const foreign = access(code, { client_id: other.clientId, client_secret: other.clientSecret });
  assert.equal(await errorOf(foreign), 'invalid_code');

  const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64');
  const answer = await fetch(`${sandbox.apiUrl}oauth.v2.access`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ code, redirect_uri: redirectUrl }),
  });
  const { ok } = (await answer.json()) as { ok: boolean };
  assert.equal(ok, true);
  assert.equal(await errorOf(access(code)), 'code_already_used');

  const late = await codeOf(ann.id);
  hurry(601_000);
  assert.equal(await errorOf(access(late)), 'invalid_code');
});

test('what a person allowed before stays allowed, and their token stays the same', async (context) => {
  const { codeOf, access, ann } = await startAsking(context);
  const first = (await access(await codeOf(ann.id))).authed_user;
  const second = (await access(await codeOf(ann.id, { user_scope: 'im:read' }))).authed_user;
  assert.equal(second?.access_token, first?.access_token);
  assert.equal(second?.scope, 'chat:write,im:history,im:read');
});

test('tokens that rotate are had anew, each by a refresh token that counts once', async (context) => {
  const { codeOf, access, refresh, control, ann, sandbox, hurry } = await startAsking(context);
  await control.configureApp({ tokenLifeSeconds: 43_200 });
  const first = (await access(await codeOf(ann.id))).authed_user;
  assert.match(first?.access_token ?? '', /^xoxe\.xoxp-/);
  assert.equal(first?.expires_in, 43_200);
  hurry(43_201_000);
  assert.equal(await errorOf(clientOf(sandbox, first.access_token ?? '').auth.test()), 'token_expired');

  const second = await refresh(first.refresh_token ?? '');
  assert.equal(second.token_type, 'user');
  assert.equal(second.scope, 'chat:write,im:history');
  assert.equal((await clientOf(sandbox, second.access_token ?? '').auth.test()).user_id, ann.id);
  const again = await refresh(first.refresh_token ?? '');
  assert.equal(again.access_token, second.access_token);
  assert.equal(again.refresh_token, second.refresh_token);
  hurry(121_000);
  assert.equal(await errorOf(refresh(first.refresh_token ?? '')), 'invalid_refresh_token');
  assert.equal((await refresh(second.refresh_token ?? '')).ok, true);
  control.revokeUserToken({ user: ann.id });
  assert.equal(await errorOf(refresh(second.refresh_token ?? '')), 'invalid_refresh_token');
});

test('an app is installed by OAuth, also into another workspace if it is distributed', async (context) => {
  const { control, codeOf, access, page, query, ann, app, sandbox } = await startAsking(context);
  const scope = 'chat:write,channels:history,channels:read,users:read';
  const bots = { scope, user_scope: '' };
  const other = control.createWorkspace({ name: 'Other' });
  const zoe = control.createUser({ team: other.id, name: 'zoe' });
  assert.ok(!(await page(query({ team: other.id }))).text.includes(zoe.id));
  await control.configureApp({ app: app.id, distributed: true });
  const installed = await access(await codeOf(zoe.id, { ...bots, team: other.id }));
  assert.equal(installed.token_type, 'bot');
  assert.equal(installed.scope, scope);
  assert.deepEqual(installed.team, { id: other.id, name: 'Other' });
  assert.deepEqual(installed.authed_user, { id: zoe.id });
  assert.equal(installed.app_id, app.id);
  const bot = clientOf(sandbox, installed.access_token ?? '');
  const who = await bot.auth.test();
  assert.equal(who.team_id, other.id);
  assert.equal(who.user_id, installed.bot_user_id);
  assert.notEqual(who.user_id, app.botUserId);
  assert.equal(await errorOf(bot.emoji.list()), 'missing_scope');

  const place = control.createChannel({ team: other.id, name: 'there', members: [zoe.id] });
  assert.equal((await clientOf(sandbox, app.appToken).apps.connections.open({})).ok, true);
  control.post({ channel: place.id, user: zoe.id, text: 'from there' });
  control.giveUpEvents({});
  assert.equal((await bot.conversations.history({ channel: place.id })).messages?.length, 1);

  control.uninstallApp({ app: app.id, team: other.id });
  assert.match(await errorOf(bot.auth.test()), /token_revoked|account_inactive/);
  assert.equal((await clientOf(sandbox, app.botToken).auth.test()).ok, true);
  const again = await access(await codeOf(zoe.id, bots));
  assert.notEqual(again.access_token, installed.access_token);
  assert.equal(again.bot_user_id, installed.bot_user_id);
  const home = await access(await codeOf(ann.id, { ...bots, user_scope: 'chat:write' }));
  assert.equal(home.access_token, app.botToken);
  assert.equal(home.authed_user?.token_type, 'user');
});

test('what was allowed is there after a restart', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const first = await startSlackSandbox({ folder });
  const { app } = first.control.createTeam({
    name: 'Acme',
    app: { distributed: true, tokenLifeSeconds: 600 },
  });
  const ann = first.control.createUser({ name: 'ann' });
  const ben = first.control.createUser({ name: 'ben' });
  const other = first.control.createWorkspace({ name: 'Other' });
  const zoe = first.control.createUser({ team: other.id, name: 'zoe' });
  await first.control.configureApp({ app: app.id, redirectUrls: [redirectUrl] });
  const fields = { client_id: app.clientId, scope: 'chat:write', user: zoe.id, decision: 'allow' };
  const body = new URLSearchParams(fields);
  const asked = await fetch(first.authorizeUrl, { method: 'POST', body, redirect: 'manual' });
  const code = new URL(asked.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const { token, expiresAt } = first.control.grantUserToken({ user: ann.id });
  const { id: dm } = first.control.openDirect({ users: [ann.id, ben.id] });
  const { ts } = first.control.post({ channel: dm, user: ben.id, text: 'kept' });
  await clientOf(first, token).conversations.mark({ channel: dm, ts });
  await first.stop();

  const second = await startSlackSandbox({ folder });
  context.after(async () => {
    await second.stop();
    await rm(folder, { recursive: true });
  });
  assert.ok((expiresAt ?? 0) > Date.now());
  const byAnn = clientOf(second, token);
  const { messages } = await byAnn.conversations.history({ channel: dm });
  assert.equal(messages?.[0]?.text, 'kept');
  assert.equal((await byAnn.conversations.info({ channel: dm })).channel?.last_read, ts);
  const web = new WebClient(undefined, { slackApiUrl: second.apiUrl, logger: silent });
  const access = await web.oauth.v2.access({
    client_id: app.clientId,
    client_secret: app.clientSecret,
    code,
  });
  assert.equal(access.team?.id, other.id);
  assert.match(access.access_token ?? '', /^xoxe\.xoxb-/);
});
