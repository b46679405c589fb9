import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { readMetrics, waitForMetric } from '../support/bridge/web-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

/** The bodies in the room that begin so, in the room's order. */
function bodies(prefix: string): readonly string[] {
  const all = scene.alice.room(linked.room).messages();
  return all.map(({ body }) => body).filter((body) => body.startsWith(prefix));
}

/** Writes while no event gets through: they are never sent again. */
function unheard(work: () => void): void {
  const { id } = scene.slack.control.addFault({ on: 'event', fault: { type: 'drop' } });
  work();
  scene.slack.control.clearFaults({ id });
}

test('what was written while the bridge was down, and no event tells, arrives in order', async () => {
  const { slack, alice, bridge } = scene;
  await bridge.stop();
  const texts = Array.from({ length: 12 }, (_, index) => `down ${index}`);
  unheard(() => {
    for (const text of texts) slack.say(linked.channel, text);
  });
  await bridge.start();
  await alice.waitForText(linked.room, 'down 11', 30_000);
  assert.deepEqual(bodies('down '), texts);
});

test('replies, edits, deletes and reactions that happened meanwhile are there after it, too', async () => {
  const { slack, alice, bridge } = scene;
  const channel = linked.channel.id;
  const edited = slack.say(linked.channel, 'to be edited');
  const deleted = slack.say(linked.channel, 'to be deleted');
  const root = slack.say(linked.channel, 'a root');
  const ofBob = await scene.bob.say(linked.room, 'Bob, to be deleted by an admin');
  const copy = await slack.waitForText(linked.channel, 'Bob, to be deleted by an admin');
  const event = (await alice.waitForText(linked.room, 'to be deleted')).eventId;
  await alice.waitForText(linked.room, 'a root');
  await bridge.stop();
  unheard(() => {
    slack.control.edit({ channel, ts: edited, text: 'edited meanwhile' });
    slack.control.delete({ channel, ts: deleted });
    slack.control.delete({ channel, ts: copy.ts });
    slack.control.react({ channel, ts: root, user: slack.ben, name: 'tada' });
    slack.say(linked.channel, 'a reply', { thread: root });
  });
  await bridge.start();
  await waitForMessage(alice, linked.room, ({ body }) => body === 'edited meanwhile');
  await waitUntilGone(alice, linked.room, event);
  await waitUntilGone(alice, linked.room, ofBob);
  await waitForMessage(alice, linked.room, ({ body, reactions }) => body === 'a root' && reactions.has('🎉'));
  const reply = await alice.waitForText(linked.room, 'a reply');
  assert.equal(reply.thread, (await alice.waitForText(linked.room, 'a root')).eventId);
});

test('after a gap without a connection, what was missed in it arrives', async () => {
  const { slack, alice, webUrl } = scene;
  const before = (await readMetrics(webUrl)).value('found_total', { from: 'slack', kind: 'message' });
  const { id } = slack.control.addFault({
    on: 'api',
    match: { method: 'apps.connections.open' },
    fault: { type: 'http_error', status: 503, applied: false },
  });
  slack.control.cutSockets({});
  unheard(() => void slack.say(linked.channel, 'in the gap'));
  slack.control.clearFaults({ id });
  await alice.waitForText(linked.room, 'in the gap', 30_000);
  await waitForMetric(scene.webUrl, 'found_total', { from: 'slack', kind: 'message' }, before + 1);
});

test('when Slack keeps events back because there are too many, what they would have told arrives', async () => {
  const { slack, alice } = scene;
  slack.control.settings({ rateLimits: true, eventsPerHour: 1 });
  const texts = ['too', 'many', 'events'].map((text) => `${text} ${Date.now()}`);
  for (const text of texts) slack.say(linked.channel, text);
  for (const text of texts) await alice.waitForText(linked.room, text, 30_000);
  slack.control.settings({ rateLimits: false, eventsPerHour: 30_000 });
});

test('what was written while the app was out of the channel arrives when it is back', async () => {
  const { slack, alice } = scene;
  const channel = linked.channel.id;
  slack.control.removeApp({ channel, by: slack.ann });
  await alice.waitForText(linked.room, /is paused/, 30_000);
  slack.say(linked.channel, 'without the app');
  slack.control.inviteApp({ channel, by: slack.ann });
  await alice.waitForText(linked.room, 'without the app', 30_000);
});
