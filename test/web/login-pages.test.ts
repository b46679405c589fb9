import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { silentLogger } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createLoginPages } from '../../src/web/login/handler.ts';
import type { LoginDesk, Outcome, Question, Refusal } from '../../src/web/login/ports.ts';
import { startWebServer } from '../../src/web/server.ts';
import type { WebServer } from '../../src/web/server.ts';

const secret = 's'.repeat(43);
const slack = 'https://slack.example/oauth/v2/authorize?client_id=1.2&state=abc';
const retry = `${slack}&again=1`;
const question: Question = {
  kind: 'person',
  matrixUser: '@alice:example.org',
  workspace: 'Acme',
  scopes: ['chat:write', 'im:history', 'im:read', 'im:write'],
  double: true,
  bot: '@slackbot:example.org',
};

/** What the pages asked the bridge, and what it answers next. */
let asked: string[];
let found: Question | Refusal;
let outcome: Outcome | Error;

const desk: LoginDesk = {
  look: (given) => {
    asked.push(`look ${given}`);
    return Promise.resolve(found);
  },
  begin: (given, browser) => {
    asked.push(`begin ${given} ${browser}`);
    return Promise.resolve('type' in found ? found : { slack });
  },
  answer: (state, browser, result) => {
    asked.push(`answer ${state} ${browser} ${'code' in result ? result.code : result.error}`);
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  },
};

function serve(publicUrl: string): Promise<WebServer> {
  return startWebServer({
    host: '127.0.0.1',
    port: 0,
    health: () => Promise.resolve({}),
    metrics: createMetrics({ process: false }),
    login: createLoginPages({ desk, publicUrl, log: silentLogger }),
    log: silentLogger,
  });
}

let web: WebServer;
before(async () => {
  web = await serve('https://bridge.example.org/slack/');
});
after(() => web.stop());
beforeEach(() => {
  asked = [];
  found = question;
  outcome = { type: 'stale' };
});

const open = (path: string, headers: Record<string, string> = {}) => fetch(`${web.url}${path}`, { headers });
const press = (token: string, headers: Record<string, string>) =>
  fetch(`${web.url}/login/${secret}`, { method: 'POST', body: new URLSearchParams({ token }), headers });

/** The page's cookie, as a browser sends it back, and what its button sends along. */
async function visit(): Promise<{ readonly cookie: string; readonly token: string }> {
  const response = await open(`/login/${secret}`);
  const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';');
  const token = /name="token" value="([^"]+)"/.exec(await response.text())?.[1] ?? '';
  return { cookie, token };
}

test('the login pages say who asks, for which workspace, what Slack is asked for and why, and how to leave', async () => {
  const response = await open(`/login/${secret}`);
  assert.equal(response.status, 200);
  const text = await response.text();
  for (const words of ['@alice:example.org', 'Acme', 'Write in your name', 'direct messages', 'logout'])
    assert.ok(text.includes(words), words);
  assert.ok(!text.includes('<script'));
  assert.deepEqual(asked, [`look ${secret}`]);
});

test('the login pages are kept by nobody, framed by nobody, load nothing, and tell no other site their address', async () => {
  const { headers } = await open(`/login/${secret}`);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('referrer-policy'), 'no-referrer');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  const policy = headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /form-action 'self'/);
  assert.doesNotMatch(policy, /unsafe|script/);
  const cookie = headers.get('set-cookie') ?? '';
  assert.match(
    cookie,
    /^__Secure-slack-login=[\w-]{43}; Max-Age=3600; Path=\/slack\/login; HttpOnly; SameSite=Lax; Secure$/,
  );
});

test('the login pages have a cookie that plain HTTP takes, where the bridge is reached so', async () => {
  const plain = await serve('http://127.0.0.1:9995');
  const response = await fetch(`${plain.url}/login/${secret}`);
  await response.text();
  assert.match(
    response.headers.get('set-cookie') ?? '',
    /^slack-login=[\w-]{43}; Max-Age=3600; Path=\/login; HttpOnly; SameSite=Lax$/,
  );
  await plain.stop();
});

test('the login pages bind the browser at the button, not before, and send it to Slack without a script', async () => {
  const { cookie, token } = await visit();
  await open(`/login/${secret}`, { cookie });
  assert.deepEqual(asked, [`look ${secret}`, `look ${secret}`]);
  const response = await press(token, { cookie });
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.ok(text.includes(`content="0; url=${slack.replace('&', '&amp;')}"`), text);
  assert.equal(asked.at(-1), `begin ${secret} ${cookie.split('=')[1]}`);
});

test('the login pages keep the browser’s cookie when the link is opened again', async () => {
  const { cookie, token } = await visit();
  const again = await open(`/login/${secret}`, { cookie: `a=1; ${cookie}; b=2` });
  assert.ok((again.headers.get('set-cookie') ?? '').startsWith(cookie));
  assert.ok((await again.text()).includes(token));
});

test('the login pages take no button that another site, another link or another browser pressed', async () => {
  const { cookie, token } = await visit();
  const other = await visit();
  const tries: readonly (readonly [string, Record<string, string>])[] = [
    [token, {}],
    ['', { cookie }],
    [other.token, { cookie }],
    [token, { cookie: other.cookie }],
    [token, { cookie, 'sec-fetch-site': 'cross-site' }],
    [token, { cookie, 'sec-fetch-site': 'same-site' }],
    [token, { cookie, 'content-type': 'text/plain' }],
    ['x'.repeat(5000), { cookie }],
  ];
  for (const [value, headers] of tries) {
    const response = await press(value, headers);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /kept no cookie/);
  }
  assert.ok(asked.every((each) => each.startsWith('look')));
});

test('the login pages hand Slack’s answer on with the browser it came from', async () => {
  const { cookie } = await visit();
  const browser = cookie.split('=')[1] ?? '';
  await open('/login/callback?state=abc&code=123', { cookie });
  await open('/login/callback?state=abc&code=123');
  await open('/login/callback?state=abc&error=access_denied', { cookie });
  await open('/login/callback?state=abc', { cookie });
  assert.deepEqual(asked.slice(1), [
    `answer abc ${browser} 123`,
    'answer abc  123',
    `answer abc ${browser} access_denied`,
    `answer abc ${browser} no answer`,
  ]);
  const without = await open('/login/callback?code=123', { cookie });
  assert.equal(without.status, 400);
  assert.equal(asked.length, 5);
});

test('the login pages show names as text, whatever stands in them', async () => {
  const evil = `<script>alert("x")</script>&'`;
  found = { ...question, matrixUser: evil, workspace: evil, scopes: [evil] };
  const texts = [await (await open(`/login/${secret}`)).text()];
  outcome = {
    type: 'linked',
    matrixUser: evil,
    slackName: evil,
    workspace: evil,
    double: true,
    lacks: [evil],
    bot: evil,
    retry: `javascript:"'><b>`,
  };
  texts.push(await (await open('/login/callback?state=a&code=b')).text());
  outcome = { type: 'code', code: evil, slackName: evil, workspace: evil, bot: evil };
  texts.push(await (await open('/login/callback?state=a&code=b')).text());
  for (const text of texts) {
    assert.ok(!text.includes('<script'), text);
    assert.ok(!text.includes('"\'><b>'), text);
    assert.ok(text.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;'));
  }
});

test('the login pages say what became of it: linked, with what Slack held back', async () => {
  const done = {
    matrixUser: '@alice:example.org',
    slackName: 'Ann',
    workspace: 'Acme',
    bot: '@b:example.org',
  };
  outcome = { type: 'linked', ...done, double: false, lacks: [] };
  const text = await (await open('/login/callback?state=a&code=b')).text();
  assert.match(text, /Your accounts are linked/);
  assert.ok(!text.includes('didn’t give all'));
  outcome = { type: 'linked', ...done, double: true, lacks: ['im:history'], retry };
  const lacking = await (await open('/login/callback?state=a&code=b')).text();
  assert.match(lacking, /didn’t give all/);
  assert.ok(lacking.includes('im:history') && lacking.includes('again=1'));
});

const about = { workspace: 'Acme', retry };
const refusals: readonly (readonly [Refusal, number, RegExp])[] = [
  [{ type: 'unknown' }, 404, /isn’t known/],
  [{ type: 'used' }, 410, /used already/],
  [{ type: 'expired' }, 410, /too old/],
  [{ type: 'other-browser' }, 403, /another browser/],
  [{ type: 'stale' }, 400, /fits no question/],
  [{ type: 'not-permitted' }, 403, /permission “user”/],
  [{ type: 'misconfigured' }, 500, /administrator finds in the bridge’s log/],
  [{ type: 'denied', ...about }, 200, /didn’t allow it[^]*again=1/],
  [{ type: 'away', ...about }, 502, /doesn’t answer[^]*again=1/],
  [{ type: 'code-refused', ...about }, 400, /took its own answer back[^]*again=1/],
  [
    { type: 'missing-scopes', ...about, scopes: ['chat:write'] },
    403,
    /Write in your name[^]*chat:write[^]*again=1/,
  ],
  [{ type: 'other-workspace', ...about }, 403, /another workspace[^]*Acme[^]*again=1/],
  [{ type: 'other-person', ...about }, 403, /another Slack account[^]*again=1/],
  [
    { type: 'linked-elsewhere', ...about, matrixUser: '@eve:example.org', bot: '@b:example.org' },
    409,
    /@eve:example\.org[^]*again=1/,
  ],
  [{ type: 'denied', workspace: 'Acme' }, 200, /you get a new link/],
];
for (const [refusal, status, words] of refusals) {
  test(`the login pages have words for what went wrong: ${refusal.type}${'retry' in refusal ? ', and a way on' : ''}`, async () => {
    outcome = refusal;
    const response = await open('/login/callback?state=a&code=b');
    assert.equal(response.status, status);
    assert.match((await response.text()).replace(/\s+/g, ' '), words);
    found = refusal;
    assert.equal((await open(`/login/${secret}`)).status, status);
  });
}

test('the login pages ask nothing about what can’t be a link, and say so when the bridge fails', async () => {
  for (const path of ['/login/', '/login/abc', `/login/${secret}/x`, `/login/${'ä'.repeat(43)}`])
    assert.equal((await open(path)).status, 404, path);
  assert.deepEqual(asked, []);
  outcome = new Error('the database is away');
  const response = await open('/login/callback?state=a&code=b');
  assert.equal(response.status, 500);
  const text = await response.text();
  assert.match(text, /Something went wrong/);
  assert.ok(!text.includes('database'));
});

test('the login pages answer HEAD without a page, and no other method', async () => {
  const head = await fetch(`${web.url}/login/${secret}`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
  assert.equal((await fetch(`${web.url}/login/${secret}`, { method: 'DELETE' })).status, 405);
});

test('an installation has pages of its own', async () => {
  found = {
    kind: 'install',
    matrixUser: '@root:example.org',
    scopes: ['chat:write', 'channels:read'],
    bot: '@slackbot:example.org',
  };
  const asking = await (await open(`/login/${secret}`)).text();
  for (const words of [
    'Install the app in a Slack workspace',
    '@root:example.org',
    'chat:write, channels:read',
  ])
    assert.ok(asking.includes(words), words);
  const answered = async (next: Outcome) => {
    outcome = next;
    const response = await open('/login/callback?state=s&code=c');
    return { status: response.status, text: await response.text() };
  };
  const done = await answered({ type: 'installed', workspace: 'Acme <3', bot: '@slackbot:example.org' });
  assert.equal(done.status, 200);
  assert.match(done.text, /The app is installed[\s\S]*Acme &lt;3/);
  const failed = await answered({ type: 'not-installed', why: 'Slack can’t be reached.', retry });
  assert.equal(failed.status, 400);
  assert.match(failed.text, /was not installed[\s\S]*Slack can’t be reached\.[\s\S]*again=1/);
  assert.match((await answered({ type: 'not-installed', why: 'No.' })).text, /Say <code>install<\/code>/);
});
