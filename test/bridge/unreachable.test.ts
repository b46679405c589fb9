import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { gateTo, gateToDatabase } from '../support/bridge/gate.ts';
import type { Gate } from '../support/bridge/gate.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { waitForMessage } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { readMetrics, waitForReadiness } from '../support/bridge/web-side.ts';

let scene: Scene;
let linked: LinkedRoom;
let gates: { readonly homeserver: Gate; readonly slack: Gate; readonly database: Gate };

before(async () => {
  scene = await startScene({ startBridge: false });
  const { homeserver, slack, configFile } = scene;
  const database = await gateToDatabase(scene.databaseUrl);
  gates = {
    homeserver: await gateTo({ port: Number(new URL(homeserver.url).port) }),
    slack: await gateTo({ port: Number(new URL(slack.sandbox.apiUrl).port) }),
    database: database.gate,
  };
  const config = await readFile(configFile, 'utf8');
  const throughGates = config
    .replaceAll(new URL(homeserver.url).host, `127.0.0.1:${gates.homeserver.port}`)
    .replaceAll(new URL(slack.sandbox.apiUrl).host, `127.0.0.1:${gates.slack.port}`)
    .replace(JSON.stringify(scene.databaseUrl).slice(1, -1), database.url);
  await writeFile(configFile, throughGates);
  await scene.bridge.start();
  linked = await scene.linkedRoom('town');
});
after(async () => {
  await scene?.close();
  for (const gate of Object.values(gates ?? {})) await gate.shut();
});

interface Outage {
  readonly gate: Gate;
  /** The part's name in /readyz, and what that says of it. */
  readonly part: string;
  readonly reason: RegExp;
  /** Its gauge in /metrics. */
  readonly gauge: string;
}

/** The part is named as ill while it is away, all goes on when it is back, and what was written meanwhile comes once. */
async function assertGoesOn({ gate, part, reason, gauge }: Outage): Promise<void> {
  const { webUrl, slack, alice } = scene;
  const [ann, alices] = [`${part} is away, says Ann`, `${part} is away, says Alice`];
  await gate.shut();
  slack.say(linked.channel, ann);
  await alice.say(linked.room, alices);
  const { status, parts } = await waitForReadiness(webUrl, (each) => each.parts[part]?.ok === false);
  assert.equal(status, 503);
  assert.match(parts[part]?.reason ?? '', reason);
  assert.deepEqual(
    Object.keys(parts).filter((name) => parts[name]?.ok === false),
    [part],
  );
  assert.equal((await readMetrics(webUrl)).value(gauge), 0);
  assert.equal((await fetch(`${webUrl}/healthz`)).status, 200);

  await gate.open();
  await alice.waitForText(linked.room, ann, 40_000);
  await slack.waitForText(linked.channel, alices, 40_000);
  await waitForReadiness(webUrl, ({ ok }) => ok);
  assert.equal((await readMetrics(webUrl)).value(gauge), 1);
  assert.equal(textsInMatrix().filter((text) => text === ann).length, 1);
  assert.equal(
    slack
      .posts(linked.channel)
      .map(shown)
      .filter((text) => text === alices).length,
    1,
  );
}

function textsInMatrix(): readonly string[] {
  return scene.alice
    .room(linked.room)
    .messages()
    .map(({ body }) => body);
}

test('when the homeserver is away, /readyz names it, and nothing is lost or doubled', async () => {
  const reason = /homeserver at .* can't be reached/;
  await assertGoesOn({ gate: gates.homeserver, part: 'homeserver', reason, gauge: 'homeserver_up' });
});

test('when PostgreSQL is away, /readyz names it, and nothing is lost or doubled', async () => {
  await assertGoesOn({ gate: gates.database, part: 'database', reason: /PostgreSQL/, gauge: 'database_up' });
});

test('when Slack is away, /readyz names the workspace, and nothing is lost or doubled', async () => {
  const part = `slack ${scene.slack.team.id} (Acme)`;
  await assertGoesOn({ gate: gates.slack, part, reason: /Slack can’t be reached/, gauge: 'team_up' });
});

test('a bridge that starts while Slack is away takes what the homeserver tells, and goes on when Slack is back', async () => {
  const { bridge, slack, alice, webUrl } = scene;
  await bridge.stop();
  await gates.slack.shut();
  const ready = bridge.start();
  const part = `slack ${slack.team.id} (Acme)`;
  const isUp = () =>
    fetch(`${webUrl}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually(isUp, () => 'The bridge did not come up.', 30_000);
  await waitForReadiness(
    webUrl,
    ({ parts }) => parts[part]?.ok === false && parts['homeserver']?.ok === true,
  );
  slack.say(linked.channel, 'nobody hears Ann');
  await alice.say(linked.room, 'Slack is away, says Alice at the start');
  await eventually(
    async () =>
      (await readMetrics(webUrl)).value('deliveries_total', { from: 'matrix', outcome: 'stored' }) > 0,
    () => 'What Alice said was not stored.',
  );
  assert.deepEqual(
    slack.posts(linked.channel).filter((post) => shown(post).includes('at the start')),
    [],
  );
  await gates.slack.open();
  await ready;
  await slack.waitForText(linked.channel, 'Slack is away, says Alice at the start', 40_000);
  await alice.waitForText(linked.room, 'nobody hears Ann', 40_000);
});

test('what was taken back in Slack unheard while its own event still waited is taken back in Matrix too', async () => {
  const { slack, alice, webUrl } = scene;
  const channel = linked.channel.id;
  const read = async (): Promise<number> =>
    (await readMetrics(webUrl)).value('history_readings_total', { from: 'slack', outcome: 'read' });
  const root = slack.say(linked.channel, 'a root');
  const { eventId } = await alice.waitForText(linked.room, 'a root');
  await gates.homeserver.shut();
  slack.control.react({ channel, ts: root, user: slack.ben, name: 'tada' });
  const reply = slack.say(linked.channel, 'the only reply', { thread: root });
  await slack.control.idle({}); // both are stored, and wait
  const { id } = slack.control.addFault({ on: 'event', fault: { type: 'drop' } });
  slack.control.unreact({ channel, ts: root, user: slack.ben, name: 'tada' });
  slack.control.delete({ channel, ts: reply });
  slack.control.clearFaults({ id });
  const before = await read();
  slack.control.cutSockets({}); // the history is read after it
  await eventually(
    async () => (await read()) > before,
    () => 'The history was not read.',
  );
  await gates.homeserver.open();
  slack.say(linked.channel, 'after all');
  await alice.waitForText(linked.room, 'after all', 40_000);
  await waitForMessage(alice, linked.room, (each) => each.eventId === eventId && each.reactions.size === 0);
  await eventually(
    () => !textsInMatrix().includes('the only reply'),
    () => 'The reply still stands.',
    30_000,
  );
});
