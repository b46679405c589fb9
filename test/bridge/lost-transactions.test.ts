import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { Scene } from '../support/bridge.ts';
import { arrivalOf, complete } from '../support/bridge/arrival.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { command, roomWithBot } from '../support/bridge/matrix-side.ts';
import { lossyDoor } from '../support/bridge/lossy-door.ts';
import type { LossyDoor } from '../support/bridge/lossy-door.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { readMetrics } from '../support/bridge/web-side.ts';
import { freePort } from '../support/ports.ts';

/** What the homeserver sends goes through a door that can lose it. */
let scene: Scene;
let door: LossyDoor;

before(async () => {
  const port = await freePort();
  scene = await startScene({ startBridge: false, config: { appservice: { port } } });
  door = await lossyDoor(scene.slot.port, port);
  await scene.bridge.start();
});
after(async () => {
  await scene?.close();
  await door?.close();
});

test('what the homeserver never sent is found in the room: messages in order, edits, reactions, deletions', async () => {
  const { slack, alice, bob } = scene;
  const { room, channel } = await scene.linkedRoom('town');
  await alice.say(room, 'before');
  await slack.waitForText(channel, 'before');
  const changed = await alice.say(room, 'to be changed');
  const removed = await bob.say(room, 'to be removed');
  await slack.waitForText(channel, 'to be removed');

  const texts = Array.from({ length: 130 }, (_, number) => `said unheard ${number}`);
  await whileLossy(async () => {
    for (const text of texts) await alice.say(room, text);
    await alice.edit(room, changed, 'was changed');
    await bob.react(room, changed, '👍');
    await bob.redact(room, removed);
    await bob.redact(room, await bob.say(room, 'said and removed'));
    await untilAllIsLost();
  });
  const before = await found(); // what a reading after the start came upon
  await scene.bridge.restart();

  await slack.waitForText(channel, 'was changed', 60_000);
  await eventually(
    () => !slack.posts(channel).map(shown).includes('to be removed'),
    () => 'what was removed is still there',
    20_000,
  );
  const posts = slack.posts(channel);
  assert.deepEqual(arrivalOf(texts, posts.map(shown)), complete);
  assert.ok(!posts.map(shown).includes('said and removed'));
  const { reactions } = posts.find((post) => shown(post) === 'was changed') ?? {};
  assert.deepEqual(
    reactions?.map(({ name }) => name),
    ['+1'],
  );
  assert.ok(before + (await found()) > 0, 'they are counted');

  await alice.say(room, 'heard again');
  await slack.waitForText(channel, 'heard again');
  assert.deepEqual(arrivalOf(texts, slack.posts(channel).map(shown)), complete);
});

test('what was said before the link stays where it is, also when nobody had heard it', async () => {
  const { slack, alice, bot, bridge } = scene;
  const channel = slack.newChannel('quiet');
  const room = await roomWithBot(alice, bot, 'quiet');
  await whileLossy(() => alice.say(room, 'among ourselves'));
  const answer = await command(alice, room, '!slack link #quiet');
  assert.match(answer.body, /^Linked to/);
  await whileLossy(() => alice.say(room, 'to everybody'));
  await bridge.restart();
  await slack.waitForText(channel, 'to everybody', 30_000);
  const texts = slack.posts(channel).map(shown);
  assert.ok(!texts.includes('among ourselves'), texts.join(', '));
});

async function found(): Promise<number> {
  return (await readMetrics(scene.webUrl)).value('found_total', { from: 'matrix' });
}

/** What is done meanwhile, the homeserver sends into nothing. */
async function whileLossy(work: () => Promise<unknown>): Promise<void> {
  const before = door.lost();
  door.lossy = true;
  await work();
  await eventually(
    () => door.lost() > before,
    () => 'no transaction was lost',
    20_000,
  );
  door.lossy = false;
}

/** The homeserver has sent all, when it has sent nothing for a while. */
async function untilAllIsLost(): Promise<void> {
  let last = { lost: -1, at: Date.now() };
  await eventually(
    () => {
      if (door.lost() !== last.lost) last = { lost: door.lost(), at: Date.now() };
      return Date.now() - last.at > 1_500;
    },
    () => 'the homeserver goes on sending',
    60_000,
  );
}
