import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { App, HTTPReceiver } from '@slack/bolt';
import { startReceiver, startTeam, until } from './start.ts';

test('an event is signed, enveloped and sent once when it is acknowledged', async (context) => {
  const { control, app, ann, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  const { ts } = control.post({ channel: channel.id, user: ann.id, text: 'hello' });
  await control.idle({});
  assert.equal(received.length, 1);
  const [first] = received;
  assert.ok(first);
  const { headers, body, payload } = first;
  const timestamp = String(headers['x-slack-request-timestamp']);
  const expected = createHmac('sha256', app.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  assert.equal(headers['x-slack-signature'], `v0=${expected}`);
  assert.equal(payload.type, 'event_callback');
  assert.equal(payload.event.ts, ts);
  assert.deepEqual(Object.keys(JSON.parse(body) as object), [
    'token',
    'team_id',
    'context_team_id',
    'context_enterprise_id',
    'api_app_id',
    'event',
    'type',
    'event_id',
    'event_time',
    'authorizations',
    'is_ext_shared_channel',
    'event_context',
  ]);
});

test('an event that fails is repeated with number and reason, and given up after the third repetition', async (context) => {
  const { control, ann, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context, [500, 'never', 503, 500]);
  await control.configureApp({ requestUrl: url });
  control.settings({ retryDelaysMs: [0, 10, 20], ackTimeoutMs: 60 });
  control.post({ channel: channel.id, user: ann.id, text: 'hello' });
  await control.idle({});
  const tries = received.map(({ headers }) => [
    headers['x-slack-retry-num'],
    headers['x-slack-retry-reason'],
  ]);
  assert.deepEqual(tries, [
    [undefined, undefined],
    ['1', 'http_error'],
    ['2', 'http_timeout'],
    ['3', 'http_error'],
  ]);
  assert.equal(new Set(received.map(({ payload }) => payload.event_id)).size, 1);
  assert.equal(control.log({ kind: 'event' }).at(-1)?.outcome, 'given_up');
});

test('a request URL that does not return the challenge is refused', async (context) => {
  const { control, sandbox } = await startTeam(context);
  await assert.rejects(
    control.configureApp({ requestUrl: `${sandbox.url}/nowhere` }),
    /wasn't accepted: .* 404/,
  );
});

test("Slack's own HTTP receiver takes the events and answers the challenge", async (context) => {
  const { control, app, ann, channel, sandbox } = await startTeam(context);
  const receiver = new HTTPReceiver({ signingSecret: app.signingSecret });
  const texts: (string | undefined)[] = [];
  const clientOptions = { slackApiUrl: sandbox.apiUrl };
  const bolt = new App({ token: app.botToken, receiver, clientOptions });
  bolt.message(async ({ message }) => {
    texts.push('text' in message ? message.text : undefined);
    return Promise.resolve();
  });
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  context.after(() => receiver.stop());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await control.configureApp({ requestUrl: `http://127.0.0.1:${address.port}/slack/events` });
  control.post({ channel: channel.id, user: ann.id, text: 'to Bolt' });
  await control.idle({});
  await until(() => texts.length > 0);
  assert.deepEqual(texts, ['to Bolt']);
});

test('events go only to apps that are in the channel, have the scope and subscribed to them', async (context) => {
  const { control, app, ann, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  const elsewhere = control.createChannel({ name: 'elsewhere', members: [ann.id], withApp: false });
  await control.idle({});
  received.length = 0;
  const seen = async (work: () => void) => {
    work();
    await control.idle({});
    return received.splice(0).map(({ payload }) => payload.event.type);
  };
  const post = (id: string) => () => void control.post({ channel: id, user: ann.id, text: 'x' });
  assert.deepEqual(await seen(post(elsewhere.id)), []);
  assert.deepEqual(await seen(post(channel.id)), ['message']);
  await control.configureApp({ subscriptions: ['message.groups', 'reaction_added'] });
  assert.deepEqual(await seen(post(channel.id)), []);
  await control.configureApp({ subscriptions: ['message.channels'] });
  assert.deepEqual(await seen(post(channel.id)), ['message']);
  await control.configureApp({
    subscriptions: null,
    scopes: app.scopes.filter((scope) => scope !== 'channels:history'),
  });
  assert.deepEqual(await seen(post(channel.id)), []);
});
