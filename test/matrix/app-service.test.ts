import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { CannotStart } from '../../src/errors.ts';
import { IntakeAppService } from '../../src/matrix/app-service.ts';
import { createLibraryBridge } from '../../src/matrix/library.ts';
import { makeRegistrations, readRegistration } from '../../src/matrix/registration.ts';
import { freePort } from '../support/ports.ts';
import { recordingIntake, recordingLog } from './support.ts';

const names = { domain: 'example.org', bot: 'slackbot', prefix: 'slack_', withTeam: false };
const expected = { domain: 'example.org', bot: 'slackbot', ghostPrefix: 'slack_' };
const registration = readRegistration(
  makeRegistrations({ ...expected, url: 'http://127.0.0.1:1' }).bridge,
  expected,
);
const log = recordingLog();
let intake = recordingIntake();
const seen: unknown[] = [];
const stored: boolean[] = [];
let pings = 0;
let base = '';
let port = 0;

function newAppService(): IntakeAppService {
  return new IntakeAppService({
    hsToken: registration.hsToken,
    intake: { store: (deliveries) => intake.store(deliveries) },
    isOwn: ({ sender }) => String(sender).startsWith('@slack'),
    onEvent: (event) => seen.push(event),
    onStored: (was) => stored.push(was),
    onPing: () => (pings += 1),
    log,
  });
}

async function library() {
  return createLibraryBridge({ homeserverUrl: 'http://127.0.0.1:1', names, registration, log });
}

let bridge: Awaited<ReturnType<typeof library>>;

before(async () => {
  bridge = await library();
  port = await freePort();
  base = `http://127.0.0.1:${port}`;
  await bridge.listen(port, '127.0.0.1', 10, newAppService());
});

after(() => bridge.close());

beforeEach(() => {
  intake = recordingIntake();
  seen.length = 0;
  stored.length = 0;
});

const event = { type: 'm.room.message', event_id: '$1', room_id: '!r', sender: '@ann:x', content: {} };

async function ask(
  method: string,
  path: string,
  body?: unknown,
  token: string | undefined = registration.hsToken,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(base + path, {
    method,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

const transaction = '/_matrix/app/v1/transactions/1';

test('a transaction is acknowledged when its events are stored, and told of after that', async () => {
  assert.deepEqual(await ask('PUT', transaction, { events: [event] }), { status: 200, body: {} });
  assert.deepEqual(intake.events(), [event]);
  assert.deepEqual(seen, [event]);
});

test('when they can not be stored the homeserver is told to come again, and nobody else of them', async () => {
  intake.down = true;
  const { status, body } = await ask('PUT', transaction, { events: [event] });
  assert.equal(status, 503);
  assert.equal(body['errcode'], 'M_UNAVAILABLE');
  assert.deepEqual(seen, []);
  intake.down = false;
  assert.equal((await ask('PUT', transaction, { events: [event] })).status, 200);
  assert.deepEqual(stored, [false, true]);
});

test('a ping of the homeserver is told of, one without its token is not', async () => {
  pings = 0;
  assert.equal((await ask('POST', '/_matrix/app/v1/ping', {}, 'x'.repeat(64))).status, 403);
  assert.equal(pings, 0);
  assert.equal((await ask('POST', '/_matrix/app/v1/ping', {})).status, 200);
  assert.equal(pings, 1);
});

test('the same transaction id with other events is not taken for a repetition', async () => {
  await ask('PUT', transaction, { events: [event] });
  await ask('PUT', transaction, { events: [{ ...event, event_id: '$2' }] });
  assert.deepEqual(
    intake.deliveries.map(({ deliveryKey }) => deliveryKey),
    ['matrix:$1', 'matrix:$2'],
  );
});

test('a request without the token, or with another, is refused, whatever it asks', async () => {
  const requests = [
    ['PUT', transaction],
    ['POST', '/_matrix/app/v1/ping'],
    ['GET', '/_matrix/app/v1/users/@slack_u1:example.org'],
  ] as const;
  for (const [method, path] of requests) {
    const body = method === 'GET' ? undefined : { events: [event] };
    assert.equal((await ask(method, path, body, '')).status, 401);
    assert.equal((await ask(method, path, body, 'x'.repeat(64))).status, 403);
    assert.equal((await ask(method, path, body, registration.asToken)).status, 403);
  }
  assert.deepEqual(intake.deliveries, []);
});

test('old homeservers are understood: the token in the query, paths without a prefix', async () => {
  const query = `?access_token=${registration.hsToken}`;
  const { status } = await ask('PUT', `/transactions/7${query}`, { events: [event] }, '');
  assert.equal(status, 200);
  assert.equal(intake.deliveries.length, 1);
});

test('bad events, and bodies that are none, are kept and acknowledged: a refusal would be repeated for ever', async () => {
  assert.equal((await ask('PUT', transaction, { events: [event, { odd: true }, 7] })).status, 200);
  assert.equal((await ask('PUT', transaction, '{"events":')).status, 200);
  assert.deepEqual(
    intake.deliveries.map(({ malformed }) => malformed !== undefined),
    [false, true, true, true],
  );
});

test('the largest transaction of a homeserver is taken, and one beyond all measure refused', async () => {
  const events = Array.from({ length: 100 }, (_, index) => ({
    ...event,
    event_id: `$${index}`,
    content: { body: 'x'.repeat(64_000) },
  }));
  assert.equal((await ask('PUT', transaction, { events })).status, 200);
  assert.equal(intake.deliveries.length, 100);
  const { status, body } = await ask('PUT', transaction, `"${'x'.repeat(17 * 1024 * 1024)}"`);
  assert.equal(status, 413);
  assert.equal(body['errcode'], 'M_TOO_LARGE');
});

test('a ping is answered', async () => {
  const answer = await ask('POST', '/_matrix/app/v1/ping', { transaction_id: 'x' });
  assert.deepEqual(answer, { status: 200, body: {} });
});

test('users and rooms that are asked for do not exist, nor does anything unknown', async () => {
  for (const path of [
    '/_matrix/app/v1/users/@slack_u1:example.org',
    '/_matrix/app/v1/rooms/%23slack_x:example.org',
    '/users/@slack_u1:example.org',
  ]) {
    const { status, body } = await ask('GET', path);
    assert.deepEqual([status, body['errcode']], [404, 'M_NOT_FOUND'], path);
  }
  for (const path of ['/', '/_matrix/app/v1/thirdparty/protocol/slack', '/_matrix/app/v1/new']) {
    const { status, body } = await ask('GET', path);
    assert.deepEqual([status, body['errcode']], [404, 'M_UNRECOGNIZED'], path);
  }
});

test('an address that is taken is said together with what to do', async () => {
  const second = await library();
  await assert.rejects(
    second.listen(port, '127.0.0.1', 10, newAppService()),
    (error) => error instanceof CannotStart && /another process listens there/.test(error.message),
  );
  await second.close();
});
