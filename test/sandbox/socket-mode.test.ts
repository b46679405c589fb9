import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SocketModeClient } from '@slack/socket-mode';
import { openSocket, textsOf } from './socket.ts';
import { silent, startTeam, until } from './start.ts';

test("Slack's own socket client gets hello and events, and its acknowledgements end them", async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  const clientOptions = { slackApiUrl: sandbox.apiUrl };
  const client = new SocketModeClient({ appToken: app.appToken, clientOptions, logger: silent });
  const texts: string[] = [];
  client.on('message', ({ ack, event }: { ack: () => Promise<void>; event: { text: string } }) => {
    texts.push(event.text);
    void ack();
  });
  await client.start();
  control.post({ channel: channel.id, user: ann.id, text: 'over the socket' });
  await control.idle({});
  assert.deepEqual(texts, ['over the socket']);
  assert.equal(control.sockets({})[0]?.unacknowledged, 0);
  await client.disconnect();
});

test('each event goes to one of the open sockets, in turn', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  const one = await openSocket(context, sandbox.apiUrl, app.appToken);
  const two = await openSocket(context, sandbox.apiUrl, app.appToken);
  assert.deepEqual([one.messages[0]?.num_connections, two.messages[0]?.num_connections], [1, 2]);
  for (const text of ['1', '2', '3', '4']) control.post({ channel: channel.id, user: ann.id, text });
  await control.idle({});
  assert.equal(textsOf(one).length, 2);
  assert.deepEqual([...textsOf(one), ...textsOf(two)].map(String).toSorted(), ['1', '2', '3', '4']);
  assert.equal(one.messages[1]?.type, 'events_api');
  assert.equal(one.messages[1]?.accepts_response_payload, false);
});

test('an event that is not acknowledged in time comes again with its attempt', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  control.settings({ ackTimeoutMs: 50, retryDelaysMs: [0, 10] });
  const socket = await openSocket(context, sandbox.apiUrl, app.appToken);
  socket.acknowledges = false;
  control.post({ channel: channel.id, user: ann.id, text: 'again' });
  await until(() => textsOf(socket).length === 2);
  socket.acknowledges = true;
  await control.idle({});
  const attempts = socket.messages.slice(1).map((message) => message.retry_attempt);
  assert.deepEqual(attempts, [0, 1, 2]);
  assert.equal(new Set(socket.messages.slice(1).map(({ payload }) => payload?.event_id)).size, 1);
});

test('what a cut socket had not acknowledged comes over another', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  const one = await openSocket(context, sandbox.apiUrl, app.appToken);
  one.acknowledges = false;
  control.post({ channel: channel.id, user: ann.id, text: 'moved' });
  await until(() => textsOf(one).length === 1);
  const [open] = control.sockets({});
  const two = await openSocket(context, sandbox.apiUrl, app.appToken);
  assert.deepEqual(control.cutSockets({ id: open?.id }), { count: 1 });
  await control.idle({});
  assert.deepEqual(textsOf(two), ['moved']);
});

test('a half-open socket stays open and says nothing, not even to a ping', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  control.settings({ ackTimeoutMs: 40, retryDelaysMs: [] });
  const socket = await openSocket(context, sandbox.apiUrl, app.appToken);
  let pongs = 0;
  socket.socket.on('pong', () => {
    pongs += 1;
  });
  socket.socket.ping();
  await until(() => pongs === 1);
  control.halfOpenSockets({});
  socket.socket.ping();
  control.post({ channel: channel.id, user: ann.id, text: 'unheard' });
  await control.idle({});
  assert.equal(pongs, 1);
  assert.deepEqual(textsOf(socket), []);
  assert.equal(socket.closed, false);
});

test('a socket whose peer answers no ping is closed', async (context) => {
  const { sandbox, control, app } = await startTeam(context);
  control.settings({ pingIntervalMs: 20 });
  const socket = await openSocket(context, sandbox.apiUrl, app.appToken);
  socket.socket.pause(); // a process that is stopped reads nothing
  await until(() => control.sockets({}).length === 0);
});

test('a connection can be taken without a greeting', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  control.settings({ ackTimeoutMs: 40, retryDelaysMs: [] });
  control.muteSockets({ count: 1 });
  let greeted = false;
  void openSocket(context, sandbox.apiUrl, app.appToken).then(() => {
    greeted = true;
  });
  await until(() => control.sockets({}).length === 1);
  assert.equal(control.sockets({})[0]?.state, 'half_open');
  control.post({ channel: channel.id, user: ann.id, text: 'unheard' });
  await control.idle({});
  assert.equal(greeted, false);
  const next = await openSocket(context, sandbox.apiUrl, app.appToken);
  assert.equal(next.messages[0]?.type, 'hello');
});

test('an acknowledgement over another socket than the envelope counts for nothing', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  control.settings({ ackTimeoutMs: 60, retryDelaysMs: [] });
  const [one, two] = [
    await openSocket(context, sandbox.apiUrl, app.appToken),
    await openSocket(context, sandbox.apiUrl, app.appToken),
  ];
  one.acknowledges = false;
  two.acknowledges = false;
  control.post({ channel: channel.id, user: ann.id, text: 'hello' });
  await until(() => textsOf(one).length + textsOf(two).length === 1);
  const [from, to] = textsOf(one).length === 1 ? [one, two] : [two, one];
  to.socket.send(JSON.stringify({ envelope_id: from.messages[1]?.envelope_id }));
  await control.idle({});
  assert.equal(control.log({ kind: 'event', name: 'message' })[0]?.outcome, 'timeout');
  const strays = control.log({ kind: 'socket' }).filter(({ outcome }) => outcome === 'stray_ack');
  assert.equal(strays.length, 1);
});

test('a socket that is to be refreshed is told so, and closed after the grace', async (context) => {
  const { sandbox, control, app, ann, channel } = await startTeam(context);
  const old = await openSocket(context, sandbox.apiUrl, app.appToken);
  control.disconnectSockets({ reason: 'refresh_requested', graceMs: 60 });
  await until(() => old.messages.length === 2);
  assert.deepEqual([old.messages[1]?.type, old.messages[1]?.reason], ['disconnect', 'refresh_requested']);
  const fresh = await openSocket(context, sandbox.apiUrl, app.appToken);
  control.post({ channel: channel.id, user: ann.id, text: 'to the new one' });
  await control.idle({});
  assert.deepEqual(textsOf(fresh), ['to the new one']);
  await until(() => old.closed);
});

test('an address works once, and the eleventh socket is sent away', async (context) => {
  const { sandbox, app } = await startTeam(context);
  const sockets = await Promise.all(
    Array.from({ length: 10 }, () => openSocket(context, sandbox.apiUrl, app.appToken)),
  );
  const used = sockets[0]?.socket.url ?? '';
  assert.equal((await fetch(used.replace(/^ws/, 'http'))).status, 404);
  const eleventh = await openSocket(context, sandbox.apiUrl, app.appToken);
  assert.equal(eleventh.messages[0]?.reason, 'too_many_websockets');
});
