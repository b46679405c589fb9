import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Ts } from '../../src/ids.ts';
import { ts } from '../../src/ids.ts';
import type { RunningAdapter } from './support/adapter.ts';
import { startAdapter } from './support/adapter.ts';

let running: RunningAdapter | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

function openSockets({ sandbox }: RunningAdapter): number {
  return sandbox.control.sockets({}).filter((socket) => socket.state === 'open').length;
}

async function until(what: string, condition: () => boolean, limit = 15_000): Promise<void> {
  const deadline = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('two connections are kept open, and the workspace is well', async () => {
  running = await startAdapter({ listen: true });
  const { slack } = running;
  await until('two sockets', () => slack.health()[0]?.sockets === 2);
  assert.equal(slack.health()[0]?.ok, true);
});

for (const reason of ['refresh_requested', 'warning'] as const)
  test(`when all connections are to end (${reason}) the next ones are open first, and no event is lost`, async () => {
    const sockets: number[] = [];
    running = await startAdapter({ listen: true, metrics: { sockets: (open) => void sockets.push(open) } });
    const { sandbox, intake, place, user, slack } = running;
    const { control } = sandbox;
    await until('two sockets', () => slack.health()[0]?.sockets === 2);
    const before = new Set(control.sockets({}).map((socket) => socket.id));
    sockets.length = 0;
    control.disconnectSockets({ reason, graceMs: 3000 });
    let posted = 0;
    while (control.sockets({}).some((socket) => before.has(socket.id))) {
      control.post({ channel: place.channel, user, text: `message ${posted}` });
      posted += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await intake.until(/^message:/, posted);
    await control.idle({});
    assert.ok(posted > 0);
    assert.ok(Math.min(...sockets) >= 2, `open connections went down to ${Math.min(...sockets)}`);
    await until('two new sockets', () => openSockets(running ?? assert.fail()) === 2);
  });

test('connections that are cut are opened again, and what came meanwhile arrives', async () => {
  running = await startAdapter({ listen: true });
  const { sandbox, intake, place, user, slack } = running;
  await until('two sockets', () => slack.health()[0]?.sockets === 2);
  sandbox.control.settings({ retryDelaysMs: [100, 1000, 1000], ackTimeoutMs: 500 });
  sandbox.control.cutSockets({});
  const { ts } = sandbox.control.post({ channel: place.channel, user, text: 'in between' });
  await intake.until(new RegExp(`^message:${ts}$`));
  await until('two sockets again', () => slack.health()[0]?.sockets === 2);
});

test('a connection whose other end has gone silent is replaced', async () => {
  running = await startAdapter({ listen: true });
  const { sandbox, slack } = running;
  await until('two sockets', () => slack.health()[0]?.sockets === 2);
  sandbox.control.halfOpenSockets({});
  await until('two live sockets', () => openSockets(running ?? assert.fail()) === 2);
});

test('what is no event does no harm', async () => {
  const refused: string[] = [];
  running = await startAdapter({
    listen: true,
    metrics: { refused: (_, reason) => void refused.push(reason) },
  });
  const { sandbox, intake, place, user, app } = running;
  const base = { team_id: place.team, api_app_id: app.id };
  for (const payload of [
    { ...base },
    { ...base, type: 'event_callback', event: null },
    { ...base, type: 'event_callback', event_id: 'Ev1', event: { type: 5 } },
  ])
    sandbox.control.sendPayload({ app: app.id, payload });
  const { ts } = sandbox.control.post({ channel: place.channel, user, text: 'still here' });
  await intake.until(new RegExp(`^message:${ts}$`));
  await sandbox.control.idle({});
  assert.equal(intake.deliveries.filter((each) => each.malformed !== undefined).length, 3);
  assert.deepEqual(refused, ['malformed', 'malformed', 'malformed']);
});

test('after stop no connection is left', async () => {
  running = await startAdapter({ listen: true });
  const { sandbox, slack } = running;
  await slack.stop();
  await until('no sockets', () => sandbox.control.sockets({}).length === 0);
});

test('a stop does not wait for a connection that Slack does not open', async () => {
  running = await startAdapter({ listen: true });
  const { sandbox, slack } = running;
  await until('two sockets', () => slack.health()[0]?.sockets === 2);
  const fault = { type: 'timeout', applied: false, ms: 60_000 } as const;
  sandbox.control.addFault({ on: 'api', match: { method: 'apps.connections.open', count: 2 }, fault });
  sandbox.control.cutSockets({});
  await until('no socket', () => slack.health()[0]?.sockets === 0);
  const start = performance.now();
  await slack.stop();
  assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
});

test('connections that can’t be opened are tried at once when a call to Slack goes through again', async () => {
  running = await startAdapter({ listen: true });
  const { sandbox, slack, place, user } = running;
  const { control } = sandbox;
  await until('two sockets', () => slack.health()[0]?.sockets === 2);
  const { ts: at } = control.post({ channel: place.channel, user, text: 'something' });
  const fault = { type: 'reset', applied: false } as const;
  control.addFault({ on: 'api', match: { method: 'apps.connections.open' }, fault });
  const tries = () => control.log({ kind: 'api', name: 'apps.connections.open', limit: 1000 }).length;
  control.cutSockets({});
  // Each failure makes the pause longer, after the sixth at least 15 s.
  for (let round = 0; round < 6; round += 1) {
    const before = tries();
    await comesBack(running, ts(at), round);
    await until('both tried', () => tries() >= before + 2, 6000);
  }
  control.clearFaults({});
  await comesBack(running, ts(at), 6);
  await until('two sockets again', () => slack.health()[0]?.sockets === 2);
});

/** One call gets no answer, the next one does. */
async function comesBack({ sandbox, slack, place }: RunningAdapter, at: Ts, round: number): Promise<void> {
  const fault = { type: 'reset', applied: false } as const;
  sandbox.control.addFault({ on: 'api', match: { method: 'reactions.add', count: 1 }, fault });
  await assert.rejects(slack.react(place, at, 'eyes'));
  await (round % 2 === 0 ? slack.react(place, at, 'wave') : slack.unreact(place, at, 'wave'));
}
