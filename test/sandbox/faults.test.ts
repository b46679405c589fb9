import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOf, startReceiver, startTeam } from './start.ts';

test('a call that fails is applied or not, as the rule says', async (context) => {
  const { control, client, channel } = await startTeam(context);
  const faults = [
    { type: 'http_error', applied: false },
    { type: 'http_error', applied: true },
    { type: 'reset', applied: false },
    { type: 'reset', applied: true },
    { type: 'timeout', applied: true, ms: 20 },
    { type: 'slack_error', error: 'internal_error', applied: true },
    { type: 'slack_error', error: 'fatal_error', applied: false },
    { type: 'rate_limited', retryAfterSeconds: 3 },
  ] as const;
  for (const [index, fault] of faults.entries()) {
    control.addFault({ on: 'api', match: { method: 'chat.postMessage', count: 1 }, fault });
    assert.notEqual(
      await errorOf(client.chat.postMessage({ channel: channel.id, text: String(index) })),
      'none',
    );
  }
  const applied = control.messages({ channel: channel.id }).map(({ text }) => text);
  assert.deepEqual(applied, ['1', '3', '4', '5']);
  assert.deepEqual(control.faults({}), []);
});

test('429 carries Retry-After', async (context) => {
  const { control, sandbox } = await startTeam(context);
  control.addFault({ on: 'api', match: {}, fault: { type: 'rate_limited', retryAfterSeconds: 7 } });
  const answer = await fetch(`${sandbox.apiUrl}auth.test`, { method: 'POST' });
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), '7');
});

test('a rule acts only on what it names, skips what it should, and rolls the same dice for the same seed', async (context) => {
  const { control, client, channel } = await startTeam(context);
  const other = control.createChannel({ name: 'other' });
  const fault = { type: 'slack_error', error: 'internal_error' } as const;
  control.addFault({ on: 'api', match: { channel: channel.id, skip: 1 }, fault });
  const post = (id: string) => errorOf(client.chat.postMessage({ channel: id, text: 'x' }));
  assert.deepEqual([await post(channel.id), await post(channel.id)], ['none', 'internal_error']);
  assert.equal(await post(other.id), 'none');

  control.clearFaults({});
  control.addFault({ on: 'api', match: { probability: 0.5 }, fault });
  const roll = async () => {
    control.seedFaults({ seed: 4 });
    const results: string[] = [];
    for (let index = 0; index < 12; index += 1) results.push(await post(channel.id));
    return results;
  };
  const first = await roll();
  assert.deepEqual(await roll(), first);
  assert.equal(new Set(first).size, 2);
});

test('events are dropped, doubled, delayed and reordered', async (context) => {
  const { control, ann, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  const post = (text: string) => control.post({ channel: channel.id, user: ann.id, text });
  const rule = { on: 'event', match: { eventType: 'message', count: 1 } } as const;
  const arrived = async () => {
    await control.idle({});
    return received.splice(0).map(({ payload }) => payload.event.text);
  };

  control.addFault({ ...rule, fault: { type: 'drop' } });
  post('dropped');
  post('kept');
  assert.deepEqual(await arrived(), ['kept']);

  control.addFault({ ...rule, fault: { type: 'duplicate', copies: 2 } });
  post('twice more');
  assert.deepEqual(await arrived(), ['twice more', 'twice more', 'twice more']);

  control.addFault({ ...rule, fault: { type: 'delay', ms: 60 } });
  post('late');
  post('on time');
  assert.deepEqual(await arrived(), ['on time', 'late']);

  control.addFault({ ...rule, fault: { type: 'reorder', events: 2, ms: 10_000 } });
  post('first');
  post('second');
  post('third');
  post('fourth');
  const order = await arrived();
  assert.ok(order.indexOf('first') > order.indexOf('second'));
});

test('scattered events come several times and in any order, but each of them comes', async (context) => {
  const { control, ann, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  control.addFault({ on: 'event', match: {}, fault: { type: 'scatter', copies: 4, ms: 100 } });
  const texts = Array.from({ length: 30 }, (_, number) => `message ${number}`);
  for (const text of texts) control.post({ channel: channel.id, user: ann.id, text });
  await control.idle({});
  const came = received.map(({ payload }) => payload.event.text ?? '');
  const first = [...new Set(came)];
  assert.deepEqual(first.toSorted(), texts.toSorted());
  assert.notDeepEqual(first, texts);
  const counts = texts.map((text) => came.filter((each) => each === text).length);
  assert.deepEqual(new Set(counts), new Set([1, 2, 3, 4]));
});

test('an event can come before the answer to the call that caused it', async (context) => {
  const { control, client, channel } = await startTeam(context);
  const { url, received } = await startReceiver(context);
  await control.configureApp({ requestUrl: url });
  control.addFault({ on: 'api', match: { method: 'chat.postMessage' }, fault: { type: 'event_first' } });
  await client.chat.postMessage({ channel: channel.id, text: 'x' });
  assert.equal(received.length, 1);
});

test('with limits on, a channel takes about one post a second after a short burst, and other channels go on', async (context) => {
  const { sandbox, control, app, channel } = await startTeam(context, { rateLimits: true });
  const other = control.createChannel({ name: 'other' });
  const post = async (id: string) => {
    const body = new URLSearchParams({ channel: id, text: 'x', token: app.botToken });
    const answer = await fetch(`${sandbox.apiUrl}chat.postMessage`, { method: 'POST', body });
    return [answer.status, answer.headers.get('retry-after')] as const;
  };
  const answers: (readonly [number, string | null])[] = [];
  for (let index = 0; index < 8; index += 1) answers.push(await post(channel.id));
  assert.deepEqual(answers[0], [200, null]);
  assert.deepEqual(answers.at(-1), [429, '1']);
  assert.deepEqual(await post(other.id), [200, null]);
  control.settings({ rateLimits: false });
  assert.deepEqual(await post(channel.id), [200, null]);
});
