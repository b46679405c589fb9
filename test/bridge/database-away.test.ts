import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import type { EmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { arrivalOf, complete } from '../support/bridge/arrival.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { arrivalsFromMatrix, lateAmong } from '../support/bridge/late.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { waitForReadiness } from '../support/bridge/web-side.ts';
import { silentLog } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A PostgreSQL of this file's own: other tests use the one of the run. */
const folder = temporaryFolder('postgres');
let postgres: EmbeddedPostgres;
let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  postgres = await startPostgres();
  scene = await startScene({ transport: 'http', databaseUrl: postgres.url });
  linked = await scene.linkedRoom('town');
});
after(async () => {
  await scene?.close();
  await postgres?.stop();
  await folder.remove();
});

/** On the same data and at the same address each time. */
function startPostgres(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir: folder.path, database: 'bridge', log: silentLog });
}

test('while PostgreSQL is down nothing is acknowledged, and afterwards all is there, once', async () => {
  const { slack, alice, bridge, webUrl } = scene;
  slack.control.settings({ retryDelaysMs: [0, 1_000, 2_000, 4_000, 8_000] });
  const pid = bridge.pid();
  await postgres.stop();
  const texts = Array.from({ length: 20 }, (_, number) => `in Slack ${number}`);
  for (const text of texts) slack.say(linked.channel, text);
  const said = alice.say(linked.room, 'in Matrix');
  const attempts = () => slack.control.log({ kind: 'event', name: 'message', limit: 2_000 });
  await eventually(
    () => attempts().some(({ details }) => details['retry'] === 2),
    () => 'Slack did not try again.',
  );
  const outcomes = attempts().filter(({ details }) => /in Slack \d/.test(String(details['body'])));
  assert.ok(outcomes.length >= texts.length);
  assert.deepEqual(
    outcomes.filter(({ outcome }) => outcome === 'ok'),
    [],
  );
  await waitForReadiness(webUrl, ({ parts }) => parts['database']?.ok === false);

  postgres = await startPostgres();
  await said;
  for (const text of texts) await alice.waitForText(linked.room, text, 30_000);
  await slack.waitForText(linked.channel, 'in Matrix', 60_000);
  await slack.control.idle({});
  const bodies = alice
    .room(linked.room)
    .messages()
    .map(({ body }) => body);
  assert.deepEqual(bodies.filter((body) => body.startsWith('in Slack')).toSorted(), texts.toSorted());
  assert.equal(
    slack
      .posts(linked.channel)
      .map(shown)
      .filter((text) => text === 'in Matrix').length,
    1,
  );
  assert.equal(bridge.pid(), pid, 'the same process went on');
  await waitForReadiness(webUrl, ({ status }) => status === 200);
});

test('a PostgreSQL that restarts amidst messages costs none of them', async () => {
  const { slack, alice } = scene;
  const texts = Array.from({ length: 100 }, (_, number) => `both ways ${number}`);
  const written = new Map<string, string>();
  const writing = (async () => {
    for (const text of texts) {
      slack.say(linked.channel, `S ${text}`);
      written.set(await alice.say(linked.room, `M ${text}`), `M ${text}`);
    }
  })();
  await slack.waitForText(linked.channel, 'M both ways 20', 30_000);
  await postgres.stop();
  postgres = await startPostgres();
  await writing;
  await slack.waitForText(linked.channel, 'M both ways 99', 60_000);
  for (const text of texts) await alice.waitForText(linked.room, `S ${text}`, 30_000);
  await slack.control.idle({});
  const inMatrix = alice
    .room(linked.room)
    .messages()
    .map(({ body }) => body);
  // What a Synapse that comes back leaves lying is found in the room, after what it sent meanwhile.
  const late = lateAmong([...written.keys()], await arrivalsFromMatrix(postgres.url));
  assert.deepEqual(
    arrivalOf(
      [...written.values()],
      slack.posts(linked.channel).map(shown),
      new Set(late.map((id) => written.get(id) ?? id)),
    ),
    complete,
  );
  assert.equal(inMatrix.filter((text) => text.startsWith('S both')).length, texts.length);
});
