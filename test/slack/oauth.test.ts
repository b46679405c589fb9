import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { slackUserId, teamId } from '../../src/ids.ts';
import { createOAuth } from '../../src/slack/oauth.ts';
import type { ConnectedTeam } from '../../src/slack/teams.ts';

/** What Slack is asked, and what it answers next. */
let asked: { readonly method: string; readonly form: URLSearchParams; readonly token: string | undefined }[];
let answer: { readonly status?: number; readonly body: unknown };

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    const method = (request.url ?? '').split('/').at(-1) ?? '';
    asked.push({ method, form: new URLSearchParams(text), token: request.headers.authorization });
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
});

before(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const team = teamId('T1');
const acme: ConnectedTeam = {
  team: {
    id: team,
    name: 'Acme',
    url: 'https://acme.slack.com/',
    appId: 'A1',
    bot: slackUserId('U0BOT'),
    botId: 'B1',
  },
  botToken: 'xoxb-1',
  client: { id: '12.34', secret: 'the-client-secret' },
};
const { client: _none, ...withoutClient } = acme;

function oauth(connected: ConnectedTeam = acme) {
  asked = [];
  const { port } = server.address() as AddressInfo; // it listens
  return createOAuth(
    { apiUrl: `http://127.0.0.1:${port}/api/`, authorizeUrl: 'https://slack.example/oauth/v2/authorize' },
    { connected: () => [connected] },
  );
}

const back = 'https://bridge.example.org/login/callback';
const person = { id: 'U1', scope: 'chat:write,users:read', access_token: 'xoxp-1', token_type: 'user' };
const granted = { ok: true, app_id: 'A1', authed_user: person, team: { id: 'T1', name: 'Acme' } };

test('sends people to Slack’s question with all that it asks for, in their workspace', () => {
  const url = new URL(
    oauth().authorizeUrl(team, {
      userScopes: ['chat:write', 'im:read'],
      state: 'a&b',
      redirectUri: back,
    }),
  );
  assert.equal(url.origin + url.pathname, 'https://slack.example/oauth/v2/authorize');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: '12.34',
    scope: '',
    user_scope: 'chat:write,im:read',
    redirect_uri: back,
    state: 'a&b',
    team: 'T1',
  });
});

test('a workspace whose app can’t ask is known as such', async () => {
  const without = oauth(withoutClient);
  assert.equal(without.configured(team), false);
  assert.equal(oauth().configured(team), true);
  assert.equal(oauth().configured(teamId('T2')), false);
  const consent = { userScopes: [], state: 's', redirectUri: back };
  assert.throws(() => without.authorizeUrl(team, consent), { reason: 'no-client' });
  await assert.rejects(without.exchange(team, 'code', back), { reason: 'no-client' });
});

test('changes a code for the person’s token, with the app’s secret and without a token of its own', async () => {
  answer = { body: granted };
  const grant = await oauth().exchange(team, 'the-code', back);
  assert.deepEqual(grant, {
    team: 'T1',
    slackUser: 'U1',
    scopes: ['chat:write', 'users:read'],
    token: { access: 'xoxp-1' },
  });
  const [call] = asked;
  assert.equal(call?.method, 'oauth.v2.access');
  assert.equal(call?.token, undefined);
  assert.deepEqual(Object.fromEntries(call?.form ?? []), {
    client_id: '12.34',
    client_secret: 'the-client-secret',
    code: 'the-code',
    redirect_uri: back,
  });
});

test('keeps when a rotating token ends and what renews it, and renews it', async () => {
  const rotating = { access_token: 'xoxe.xoxp-1', refresh_token: 'xoxe-1', expires_in: 43_200 };
  answer = { body: { ...granted, authed_user: { ...person, ...rotating } } };
  const { token } = await oauth().exchange(team, 'code', back);
  assert.equal(token.refresh, 'xoxe-1');
  const left = (token.expiresAt ?? 0) - Date.now();
  assert.ok(left > 43_000_000 && left <= 43_200_000, `ends in ${left} ms`);
  answer = { body: { ok: true, ...rotating, access_token: 'xoxe.xoxp-2', token_type: 'user' } };
  const next = await oauth().refresh(team, 'xoxe-1');
  assert.equal(next.access, 'xoxe.xoxp-2');
  assert.equal(asked[0]?.form.get('grant_type'), 'refresh_token');
  assert.equal(asked[0]?.form.get('refresh_token'), 'xoxe-1');
});

test('says which code Slack doesn’t take, and when it answers nothing of use', async () => {
  answer = { body: { ok: false, error: 'code_already_used' } };
  await assert.rejects(oauth().exchange(team, 'code', back), (error) => {
    return error instanceof CannotBridge && error.reason === 'code_already_used';
  });
  for (const useless of [
    { body: '<html>proxy</html>' },
    { status: 502, body: 'Bad Gateway' },
    { body: { ok: true } },
    { body: { ...granted, authed_user: { id: 'U1' } } },
    { body: { ...granted, authed_user: { ...person, id: '../x' } } },
  ]) {
    answer = useless;
    await assert.rejects(oauth().exchange(team, 'code', back), TryLater, JSON.stringify(useless));
  }
});

test('ends a token; one that is gone already is no failure', async () => {
  answer = { body: { ok: true, revoked: true } };
  await oauth().revoke(team, 'xoxp-1');
  assert.deepEqual(
    asked.map(({ method, token }) => [method, token]),
    [['auth.revoke', 'Bearer xoxp-1']],
  );
  answer = { body: { ok: false, error: 'token_revoked' } };
  await oauth().revoke(team, 'xoxp-1');
  answer = { status: 503, body: '' };
  await assert.rejects(oauth().revoke(team, 'xoxp-1'), TryLater);
});
