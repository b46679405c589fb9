import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { readMetrics, waitForMetric } from '../support/bridge/web-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

type Json = Readonly<Record<string, unknown>>;

/** What people wrote, so that the log must not hold it. */
const secret = 'the launch code is 4711';

function fromSlack(event: unknown, more: Json = {}): Json {
  const { team, app } = scene.slack;
  const id = `Ev${randomUUID().slice(0, 8).toUpperCase()}`;
  const seconds = Math.floor(Date.now() / 1000);
  return {
    team_id: team.id,
    api_app_id: app.id,
    type: 'event_callback',
    event_id: id,
    event_time: seconds,
    event,
    ...more,
  };
}

let sequence = 0;

/** A message of Ann's; `change` makes it odd. */
function message(change: Json): Json {
  sequence += 1;
  const ts = `${Math.floor(Date.now() / 1000)}.${String(sequence).padStart(6, '0')}`;
  const { slack } = scene;
  return {
    type: 'message',
    channel: linked.channel.id,
    user: slack.ann,
    text: secret,
    ts,
    event_ts: ts,
    ...change,
  };
}

async function deadLetters(from: 'slack' | 'matrix'): Promise<number> {
  return (await readMetrics(scene.webUrl)).value('dead_letters_total', { from });
}

/** So many more were set aside as malformed; one that its sender repeated may count twice. */
async function waitForMalformed(from: 'slack' | 'matrix', wanted: number): Promise<void> {
  const count = async () =>
    (await readMetrics(scene.webUrl)).value('dead_letters_total', { from, reason: 'malformed' });
  let last = 0;
  await eventually(
    async () => (last = await count()) >= wanted,
    () => `${last} events are set aside as malformed instead of ${wanted}.`,
  );
}

/** People on both sides write, and both are read: nothing is stuck behind what was odd. */
async function goesOn(text: string): Promise<void> {
  const { slack, alice } = scene;
  slack.say(linked.channel, `${text}, says Ann`);
  await alice.say(linked.room, `${text}, says Alice`);
  await alice.waitForText(linked.room, `${text}, says Ann`);
  await slack.waitForText(linked.channel, `${text}, says Alice`);
}

async function linesWith(text: string): Promise<number> {
  return (await scene.log()).split(text).length - 1;
}

async function waitForLines(text: string, wanted: number): Promise<void> {
  let lines = 0;
  await eventually(
    async () => {
      lines = await linesWith(text);
      return lines >= wanted;
    },
    () => `The log has ${lines} lines with "${text}" instead of at least ${wanted}.`,
  );
}

test('what Slack sends and nobody can read is set aside, counted and logged, and the rest goes on', async () => {
  const { slack } = scene;
  const before = await deadLetters('slack');
  const unreadable: readonly Json[] = [
    fromSlack({ text: secret }),
    fromSlack(secret),
    fromSlack(null),
    fromSlack(message({}), { type: 'something_new' }),
    fromSlack(message({}), { event_id: undefined }),
    fromSlack(message({ ts: secret, event_ts: secret }), { event_time: undefined }),
  ];
  const inAChannel: readonly Json[] = [
    message({ user: secret }),
    message({ thread_ts: secret }),
    message({ subtype: 'message_deleted', deleted_ts: secret }),
    message({ subtype: 'message_changed', message: secret }),
    message({ type: 'reaction_added', item: { type: 'message', channel: linked.channel.id, ts: secret } }),
    message({ type: 'reaction_added', reaction: 'eyes', item: { type: 'message', ts: '1.000000' } }),
  ];
  for (const payload of unreadable) slack.control.sendPayload({ payload });
  for (const event of inAChannel) slack.control.sendPayload({ payload: fromSlack(event) });
  await slack.control.idle({});
  const wanted = before + unreadable.length + inAChannel.length;
  await waitForMalformed('slack', wanted);
  await waitForLines('Slack sent an event that can not be read', unreadable.length);
  await waitForLines('an event that cannot be read was set aside', inAChannel.length);
  await goesOn('After odd events of Slack');
});

test('what Slack sends with odd content is shown as well as it can be', async () => {
  const { slack, alice } = scene;
  const before = await deadLetters('slack');
  let nested: unknown = { type: 'rich_text_section', elements: [{ type: 'text', text: 'deep' }] };
  for (let depth = 0; depth < 500; depth += 1) nested = { type: 'rich_text_quote', elements: [nested] };
  const odd: readonly Json[] = [
    { text: 'odd 0', blocks: 'none' },
    { text: 'odd 1', blocks: [null, 7, { type: 'rich_text', elements: 'none' }] },
    { text: 'odd 2', attachments: [null, 3, { fields: 'none' }] },
    { text: 'odd 3', files: [null, { id: 5 }, { id: 'F1', mode: 'tombstone' }] },
    { text: 'odd 4', blocks: [{ type: 'rich_text', elements: [nested] }] },
    { text: 'odd 5 \u0000 \ud800', bot_profile: 'none', edited: 'never', metadata: [] },
    { text: `odd 6 ${'<@U1|'.repeat(5_000)}` },
    { text: 'odd 7', subtype: 'never_heard_of' },
  ];
  for (const change of odd) slack.control.sendPayload({ payload: fromSlack(message(change)) });
  for (const index of [0, 2, 3, 6, 7]) await alice.waitForText(linked.room, new RegExp(`odd ${index}`));
  await goesOn('After odd messages of Slack');
  assert.equal(await deadLetters('slack'), before);
});

test('events of a workspace that is not ours are refused and counted', async () => {
  const { slack, webUrl } = scene;
  const before = (await readMetrics(webUrl)).value('refused_requests_total', { reason: 'unknown-team' });
  slack.control.sendPayload({ payload: fromSlack(message({}), { team_id: 'T0STRANGER' }) });
  await waitForMetric(webUrl, 'refused_requests_total', { reason: 'unknown-team' }, before + 1);
});

/** As a homeserver: sent again when the bridge says so. */
async function transaction(body: string): Promise<number> {
  const { port, hsToken } = scene.slot;
  const url = `http://127.0.0.1:${port}/_matrix/app/v1/transactions/${randomUUID()}`;
  const send = () => fetch(url, { method: 'PUT', headers: { authorization: `Bearer ${hsToken}` }, body });
  const { status } = await send();
  return status === 503 ? (await send()).status : status;
}

/** An event of Alice's as a homeserver sends it; `change` makes it odd. */
function roomEvent(change: Json): Json {
  return {
    type: 'm.room.message',
    event_id: `$${randomUUID()}`,
    room_id: linked.room,
    sender: scene.alice.userId,
    origin_server_ts: Date.now(),
    content: { msgtype: 'm.text', body: secret },
    ...change,
  };
}

test('what a homeserver sends and nobody can read is acknowledged, set aside, counted and logged', async () => {
  const before = await deadLetters('matrix');
  const setAside = await linesWith('an event that cannot be read was set aside');
  const unreadable: readonly unknown[] = [
    null,
    [],
    secret,
    {},
    roomEvent({ type: 5 }),
    roomEvent({ sender: secret }),
    roomEvent({ room_id: secret }),
    roomEvent({ event_id: undefined }),
  ];
  const inTheRoom: readonly Json[] = [
    roomEvent({ type: 'm.room.redaction', content: { redacts: secret } }),
    roomEvent({
      type: 'm.reaction',
      content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: secret, key: '👍' } },
    }),
    roomEvent({ type: 'm.room.member', state_key: secret, content: { membership: 'join' } }),
  ];
  assert.equal(await transaction(`${secret}{`), 200);
  assert.equal(await transaction(JSON.stringify({ events: secret })), 200);
  assert.equal(await transaction(JSON.stringify({ events: [...unreadable, ...inTheRoom] })), 200);
  const wanted = before + 2 + unreadable.length + inTheRoom.length;
  await waitForMalformed('matrix', wanted);
  await waitForLines('the homeserver sent an event that cannot be read', 2 + unreadable.length);
  await waitForLines('an event that cannot be read was set aside', setAside + inTheRoom.length);
  await goesOn('After odd events of the homeserver');
});

test('what people’s clients send in odd forms is shown or left out, and never stops the rest', async () => {
  const { alice, slack } = scene;
  const before = await deadLetters('matrix');
  const html = (formatted: string, body: string) =>
    ({ msgtype: 'm.text', body, format: 'org.matrix.custom.html', formatted_body: formatted }) as const;
  const odd: readonly (readonly [type: string, content: Json])[] = [
    ['m.room.message', html('<b>'.repeat(5_000), 'odd 0')],
    ['m.room.message', html(`<ul><li>odd 1${'<ul><li>'.repeat(2_000)}`, 'odd 1')],
    ['m.room.message', { msgtype: 'm.text', body: 'odd 2', 'm.relates_to': 'none' }],
    ['m.room.message', { msgtype: 'm.never_heard_of', body: 'odd 3', info: 4, url: 5 }],
    ['m.room.message', { msgtype: 'm.image', body: 'odd 4', url: 'javascript:alert(1)', info: { size: -1 } }],
    [
      'm.room.message',
      { msgtype: 'm.text', body: 'odd 5', 'm.relates_to': { 'm.in_reply_to': { event_id: 'x' } } },
    ],
    ['m.room.message', { msgtype: 'm.text', body: 'odd 6 \u0000 \u202e', formatted_body: 3 }],
    ['m.sticker', { body: 'odd 7', url: '', info: {} }],
    ['m.room.message', { msgtype: 'm.text', body: '* x', 'm.relates_to': { rel_type: 'm.replace' } }],
    ['org.example.never_heard_of', { some: { deep: ['thing'] } }],
    ['m.reaction', { 'm.relates_to': 7 }],
    ['m.poll.start', {}],
  ];
  for (const [type, content] of odd) await alice.send(linked.room, content, type);
  for (const index of [0, 1, 2, 3, 4, 5, 6])
    await slack.waitForText(linked.channel, new RegExp(`odd ${index}`));
  await goesOn('After odd messages of Matrix');
  assert.equal(await deadLetters('matrix'), before);
});

test('the log says nothing of what people wrote in them', async () => {
  assert.ok(!(await scene.log()).includes(secret));
});
