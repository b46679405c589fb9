import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startScene } from '../support/bridge.ts';
import type { Scene } from '../support/bridge.ts';
import { arrivalOf, complete } from '../support/bridge/arrival.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { sayForSure } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { waitForReadiness } from '../support/bridge/web-side.ts';
import { homeserverVariable, startSharedSynapse } from '../support/synapse.ts';
import type { SharedSynapse } from '../support/synapse.ts';

/** A homeserver of this file's own: other tests use the one of the run. */
let own: SharedSynapse;
let scene: Scene;

before(async () => {
  own = await startSharedSynapse(1, (line) => console.error(line));
  process.env[homeserverVariable] = own.file;
  scene = await startScene();
});
after(async () => {
  await scene?.close();
  await own?.stop();
});

/** What single people were told in Slack. */
function toldInSlack({ control }: Scene['slack']): readonly string[] {
  return control.log({ kind: 'ephemeral', limit: 100 }).map(({ details }) => String(details['text']));
}

test('while the homeserver is away, what people write in Slack waits, and then arrives once and in order', async () => {
  const { slack, alice, webUrl } = scene;
  const linked = await scene.linkedRoom('town');
  const texts = Array.from({ length: 60 }, (_, number) => `message ${number}`);
  for (const text of texts.slice(0, 20)) slack.say(linked.channel, text);
  await own.synapse.kill('SIGKILL');
  for (const text of texts.slice(20, 40)) slack.say(linked.channel, text);
  await waitForReadiness(webUrl, ({ parts }) => parts['homeserver']?.ok === false, 60_000);
  await slack.control.idle({}); // all is acknowledged: it is stored
  const told = await eventually(
    () => toldInSlack(slack)[0],
    () => 'Nobody was told that Matrix is away.',
    30_000,
  );
  await own.synapse.restart();
  for (const text of texts.slice(40)) slack.say(linked.channel, text);
  await alice.waitForText(linked.room, 'message 59', 60_000);
  const bodies = alice
    .room(linked.room)
    .messages()
    .map(({ body }) => body);
  assert.deepEqual(
    bodies.filter((body) => body.startsWith('message ')),
    texts,
  );
  assert.match(told, /^Matrix can't be reached just now/);
  await waitForReadiness(webUrl, ({ status }) => status === 200, 60_000);
  assert.equal(toldInSlack(slack).length, 1, 'Ann is told once');
});

test('a homeserver that restarts while people write in Slack costs none of it', async () => {
  const { slack, alice } = scene;
  const rooms = [await scene.linkedRoom('one'), await scene.linkedRoom('two')];
  const texts = Array.from({ length: 60 }, (_, number) => `through a restart ${number}`);
  const writing = rooms.map(async ({ channel }) => {
    for (const [index, text] of texts.entries()) {
      slack.say(channel, text, { user: index % 2 === 0 ? slack.ann : slack.ben });
      await sleep(30);
    }
  });
  await alice.waitForText(rooms[0]?.room ?? '', 'through a restart 10');
  await own.synapse.restart();
  await Promise.all(writing);
  for (const { room, channel } of rooms) {
    await alice.waitForText(room, 'through a restart 59', 60_000);
    const bodies = alice
      .room(room)
      .messages()
      .map(({ body }) => body);
    assert.deepEqual(arrivalOf(texts, bodies), complete);
    await sayForSure(alice, room, 'on we go');
    await slack.waitForText(channel, 'on we go', 30_000);
  }
});

test('a homeserver that is killed again and again while people write in Matrix costs none of it', async () => {
  const { slack, alice, bob } = scene;
  const rooms = [await scene.linkedRoom('three'), await scene.linkedRoom('four')];
  const texts = Array.from({ length: 90 }, (_, number) => `between kills ${number}`);
  let said = 0;
  const writing = rooms.map(async ({ room }) => {
    for (const [index, text] of texts.entries()) {
      await sayForSure(index % 2 === 0 ? alice : bob, room, text);
      said += 1;
    }
  });
  for (const share of [0.2, 0.45, 0.7]) {
    await eventually(
      () => said > share * texts.length * rooms.length,
      () => `${said} were said`,
      60_000,
    );
    await own.synapse.kill('SIGKILL');
    await own.synapse.restart();
  }
  await Promise.all(writing);
  for (const { channel } of rooms) {
    const shownIn = (): readonly string[] => slack.posts(channel).map(shown);
    await eventually(
      () => texts.every((text) => shownIn().includes(text)),
      () => `In Slack: ${shownIn().join(', ')}`,
      90_000,
      250,
    );
    const { lost, doubled } = arrivalOf(texts, shownIn());
    assert.deepEqual({ lost, doubled }, { lost: [], doubled: [] });
  }
});
