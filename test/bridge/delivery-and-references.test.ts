import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { highlights } from '../support/bridge/highlights.ts';
import { command, waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';

let scene: Scene;

before(async () => {
  scene = await startScene();
});
after(() => scene?.close());

const patience = 30_000;

/** From now on Slack limits posts in the channel, each time for some seconds; the result ends it. */
function limitPosts({ channel }: LinkedRoom): () => void {
  const { control } = scene.slack;
  const rule = control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', channel: channel.id },
    fault: { type: 'rate_limited', retryAfterSeconds: 3 },
  });
  return () => control.clearFaults({ id: rule.id });
}

/** Whether Bob sees the bot's ⏳ on the message. */
async function waitForMark(room: string, event: string, there: boolean): Promise<void> {
  await waitForMessage(
    scene.bob,
    room,
    ({ eventId, reactions }) =>
      eventId === event && (reactions.get('⏳') ?? []).includes(scene.bot) === there,
    patience,
  );
}

test('messages that wait say so, also those of a bridge that was killed meanwhile, and nothing of that stays', async () => {
  const { bob, bridge, slack } = scene;
  const linked = await scene.linkedRoom('limited');
  const { room, channel } = linked;
  await bob.say(room, 'before');
  await slack.waitForText(channel, 'before');
  const allow = limitPosts(linked);
  const event = await bob.say(room, 'patience 0');
  await waitForMark(room, event, true);
  for (const number of [1, 2, 3, 4]) await bob.say(room, `patience ${number}`);
  const notice = await bob.waitForText(
    room,
    /^⏳ 5 messages or changes wait to be sent to Slack: Slack limits how much/,
    patience,
  );
  await bridge.kill();
  allow();
  await bridge.start();
  await slack.waitForText(channel, 'patience 4', patience);
  await waitForMark(room, event, false);
  await waitUntilGone(bob, room, notice.eventId, patience);
  const marks = bob
    .room(room)
    .messages()
    .filter(({ reactions }) => reactions.size > 0);
  assert.deepEqual(marks, []);
  assert.deepEqual(
    slack
      .posts(channel)
      .filter(({ username }) => username !== undefined)
      .map(shown),
    ['before', ...[0, 1, 2, 3, 4].map((number) => `patience ${number}`)],
  );
});

test('what failed is tried again by a 🔁 to its notice, which says when it arrived; failing again is told', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = await scene.linkedRoom('refused');
  const rule = slack.control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', channel: channel.id },
    fault: { type: 'slack_error', error: 'restricted_action' },
  });
  await bob.say(room, 'once more');
  const notice = await bob.waitForText(room, /React with 🔁 to try again, or say “!slack retry \d+”\.$/);
  await alice.react(room, notice.eventId, '🔁');
  await bob.waitForText(room, /^⚠️ It failed again: the workspace’s settings/, patience);
  slack.control.clearFaults({ id: rule.id });
  await bob.react(room, notice.eventId, '🔁');
  await slack.waitForText(channel, 'once more', patience);
  await bob.waitForText(room, /^✅ It was bridged to Slack after all/, patience);
});

test('addresses of messages lead to their copies, both ways, and usergroups have their names', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = await scene.linkedRoom('addresses');
  slack.say(channel, 'the plan');
  const plan = await alice.waitForText(room, 'the plan');
  const post = slack.posts(channel).find((each) => shown(each) === 'the plan');
  assert.ok(post);
  const inSlack = `https://acme.slack.com/archives/${channel.id}/p${post.ts.replace('.', '')}`;
  slack.say(channel, `see <${inSlack}|the plan>`);
  const linked = await alice.waitFor(room, (seen) =>
    seen.messages().find(({ html }) => html?.includes('https://matrix.to/') === true),
  );
  assert.ok(linked.html?.includes(encodeURIComponent(plan.eventId)), linked.html);
  const { id } = slack.control.createUsergroup({ handle: 'builders', users: [slack.ann] });
  slack.say(channel, `ask <!subteam^${id}>`);
  await alice.waitForText(room, 'ask @builders');
  await bob.say(room, `I wrote https://matrix.to/#/${room}/${plan.eventId}`);
  await slack.waitFor(channel, (each) => shown(each).includes(inSlack));
});

test('the bot’s reaction counts for all of Matrix, and says in a thread who they are where that is wanted', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = await scene.linkedRoom('counted');
  await command(alice, room, '!slack set reaction-names on');
  const at = slack.say(channel, 'shall we?');
  const { eventId } = await alice.waitForText(room, 'shall we?');
  const first = await alice.react(room, eventId, '👍');
  const second = await bob.react(room, eventId, '👍');
  const note = await slack.waitForText(channel, /Alice, Bob/, patience);
  assert.equal(note.thread_ts, at);
  const given = (): number | undefined =>
    slack
      .posts(channel)
      .find(({ ts }) => ts === at)
      ?.reactions?.find(({ name }) => name === '+1')?.count;
  assert.equal(given(), 1);
  await alice.redact(room, first);
  await slack.waitUntil(channel, (posts) => posts.some((post) => shown(post).endsWith('Bob')), patience);
  assert.equal(given(), 1);
  await bob.redact(room, second);
  await slack.waitUntil(channel, (posts) => posts.every((post) => post.ts !== note.ts), patience);
  assert.equal(given(), undefined);
  await alice.react(room, eventId, '🎉');
  const again = await slack.waitForText(channel, /In Matrix:[^]*Alice/, patience);
  await command(alice, room, '!slack set reaction-names off');
  await slack.waitUntil(channel, (posts) => posts.every((post) => post.ts !== again.ts), patience);
});

test('an @channel rings for everybody in the room where that is wanted, and nowhere else', async () => {
  const { alice, bob, slack } = scene;
  const { room, channel } = await scene.linkedRoom('loud');
  slack.say(channel, '<!channel> quiet');
  await bob.waitForText(room, '@channel quiet');
  assert.equal(await highlights(bob, room), 0);
  await command(alice, room, '!slack set everyone on');
  slack.say(channel, '<!channel> loud');
  await bob.waitForText(room, /^📣 @channel/);
  assert.equal(await highlights(bob, room), 1);
});

test('how people are told is their choice', async () => {
  const { alice } = scene;
  const { room } = await scene.linkedRoom('chosen');
  assert.match((await command(alice, room, '!slack set waiting notice')).body, /waiting is now notice/);
  assert.match((await command(alice, room, '!slack set waiting')).body, /reaction, notice, off/);
});
