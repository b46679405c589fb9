import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { appId, slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { HttpIntake } from '../../src/slack/http-intake.ts';
import { startHttpIntake } from '../../src/slack/http-intake.ts';
import { createIntake } from '../../src/slack/intake.ts';
import { createInteractions } from '../../src/slack/interactions.ts';
import { noMetrics } from '../../src/slack/metrics.ts';
import type { ConnectedTeam } from '../../src/slack/teams.ts';
import { createTeams } from '../../src/slack/teams.ts';
import { recordingIntake } from './support/adapter.ts';
import { callback, written } from './support/payloads.ts';
import type { Json } from './support/payloads.ts';

function team(id: string, app: string, signingSecret: string): ConnectedTeam {
  const about = { name: id, url: `https://${id}.slack.com/`, botId: `B${id}` };
  return {
    team: { ...about, id: teamId(id), appId: appId(app), bot: slackUserId(`U${id}`) },
    botToken: `xoxb-${id}`,
    signingSecret,
  };
}

const one = team('T1', 'A1', 'secret one');
const two = team('T2', 'A2', 'secret two');
const store = recordingIntake();
let server: HttpIntake;

before(async () => {
  const teams = createTeams([one, two]);
  const answering = {
    slash: () => Promise.resolve({ response_type: 'ephemeral', text: '`/matrix help`' } as const),
    shortcuts: {
      answer: () => assert.fail('nobody uses shortcuts here'),
      respond: () => Promise.resolve(),
      log: silentLogger,
    },
  };
  const answer = createInteractions(teams, 'http://127.0.0.1:9/api/', silentLogger, answering);
  const common = { metrics: noMetrics, log: silentLogger };
  server = await startHttpIntake({
    ...common,
    host: '127.0.0.1',
    port: 0,
    path: '/slack/events',
    sources: [one, two].map((each) => ({ secret: each.signingSecret ?? '', members: () => [each] })),
    intake: createIntake({
      ...common,
      store,
      answer,
      accessChanged: () => undefined,
      heard: () => undefined,
    }),
  });
});
afterEach(() => {
  store.deliveries.length = 0;
  store.refusals = 0;
});
after(() => server.stop());

interface Request {
  readonly secret?: string;
  readonly path?: string;
  readonly method?: string;
  readonly type?: string;
  readonly at?: number;
  readonly signature?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send(content: Json | string, request: Request = {}) {
  const body = typeof content === 'string' ? content : JSON.stringify(content);
  const timestamp = String(Math.floor((request.at ?? Date.now()) / 1000));
  const digest = createHmac('sha256', request.secret ?? 'secret one')
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  const method = request.method ?? 'POST';
  const response = await fetch(`http://127.0.0.1:${server.port}${request.path ?? '/slack/events'}`, {
    method,
    headers: {
      'content-type': request.type ?? 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': request.signature ?? `v0=${digest}`,
      ...request.headers,
    },
    ...(method === 'POST' && { body }),
  });
  return { status: response.status, text: await response.text() };
}

const event = callback(written('hello'));

describe('an event', () => {
  test('that is signed is stored byte for byte and answered with 200', async () => {
    const body = JSON.stringify(event).replace('hello', '\\u0068ello');
    assert.equal((await send(body)).status, 200);
    assert.equal(store.deliveries[0]?.payload.toString(), body);
  });

  test('that is a retry is stored like any other', async () => {
    const headers = { 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' };
    assert.equal((await send(event, { headers })).status, 200);
    assert.equal(store.deliveries.length, 1);
  });

  test('that can’t be stored is answered with 503', async () => {
    store.refusals = 1;
    assert.equal((await send(event)).status, 503);
    assert.equal((await send(event)).status, 200);
  });

  test('that isn’t stored while Slack waits is answered with 503', async () => {
    const stalled = Promise.withResolvers<void>();
    store.stall = stalled.promise;
    try {
      assert.equal((await send(event)).status, 503);
    } finally {
      store.stall = undefined;
      stalled.resolve();
    }
  });

  test('that nests without end is stored', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const changed = { ts: '1700000000.000100', user: 'U1', blocks: 'deep' };
    const body = JSON.stringify(
      callback(written('hello', { subtype: 'message_changed', message: changed })),
    ).replace('"deep"', deep);
    assert.equal((await send(body)).status, 200);
    assert.equal(store.deliveries[0]?.payload.toString(), body);
  });

  test('for a workspace under another’s secret is not stored', async () => {
    assert.equal((await send(event, { secret: 'secret two' })).status, 200);
    assert.deepEqual(store.deliveries, []);
  });

  test('for a workspace by another app is not stored', async () => {
    assert.equal((await send({ ...event, api_app_id: 'A2' })).status, 200);
    assert.deepEqual(store.deliveries, []);
  });
});

describe('a request', () => {
  for (const [what, request, status] of [
    ['with a wrong secret', { secret: 'guess' }, 401],
    ['with a signature of another kind', { signature: 'v1=00' }, 401],
    ['from six minutes ago', { at: Date.now() - 360_000 }, 401],
    ['from six minutes ahead', { at: Date.now() + 360_000 }, 401],
    ['to another path', { path: '/slack/event' }, 404],
    ['that only asks', { method: 'GET' }, 405],
  ] as const)
    test(`${what} is answered with ${status} and nothing is stored`, async () => {
      assert.equal((await send(event, request)).status, status);
      assert.deepEqual(store.deliveries, []);
    });

  test('that is signed and no JSON is answered with 400', async () => {
    assert.equal((await send('{')).status, 400);
    assert.equal((await send('[]')).status, 400);
  });

  test('that is too large is answered with 413', async () => {
    assert.equal((await send('x'.repeat(5 * 1024 * 1024))).status, 413);
  });

  test('that breaks off leaves the server standing', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const timestamp = Math.floor(Date.now() / 1000);
    const head = [
      'POST /slack/events HTTP/1.1',
      'Host: x',
      'Content-Length: 100',
      `X-Slack-Request-Timestamp: ${timestamp}`,
      `X-Slack-Signature: v0=${'0'.repeat(64)}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"half"`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    assert.equal((await send(event)).status, 200);
  });
});

test('the challenge is given back, only to who can sign', async () => {
  const challenge = { type: 'url_verification', token: 'x', challenge: 'abc123' };
  assert.deepEqual(await send(challenge), { status: 200, text: 'abc123' });
  assert.equal((await send(challenge, { secret: 'guess' })).status, 401);
});

describe('what people do besides writing', () => {
  const form = 'application/x-www-form-urlencoded';

  test('a slash command is answered, to its sender only, with the way that there is', async () => {
    const command = new URLSearchParams({
      command: '/matrix',
      text: 'help',
      team_id: 'T1',
      api_app_id: 'A1',
      user_id: 'U1',
      channel_id: 'C1',
      trigger_id: '1.2.a',
      response_url: 'https://hooks.slack.com/commands/x',
    });
    const { status, text } = await send(command.toString(), { type: form });
    assert.equal(status, 200);
    const answer: unknown = JSON.parse(text);
    assert.ok(typeof answer === 'object' && answer !== null && 'response_type' in answer);
    assert.equal(answer.response_type, 'ephemeral');
    assert.match(text, /\/matrix help/);
  });

  for (const [what, payload] of [
    ['a button', { type: 'block_actions', actions: [{ type: 'button', action_id: 'a', block_id: 'b' }] }],
    ['a message shortcut', { type: 'message_action', callback_id: 'c', message: {} }],
    ['a form', { type: 'view_submission', view: { callback_id: 'v', state: {} } }],
  ] as const)
    test(`${what} is acknowledged with nothing`, async () => {
      const body = { ...payload, team: { id: 'T1' }, user: { id: 'U1' }, api_app_id: 'A1' };
      const content = new URLSearchParams({ payload: JSON.stringify(body) }).toString();
      assert.deepEqual(await send(content, { type: form }), { status: 200, text: '' });
      assert.deepEqual(store.deliveries, []);
    });

  test('a payload that is no JSON is answered with 400', async () => {
    assert.equal((await send('payload=%7B', { type: form })).status, 400);
  });
});
