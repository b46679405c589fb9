import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { shown } from '../support/bridge/slack-side.ts';

let scene: Scene;

before(async () => {
  scene = await startScene();
});
after(() => scene?.close());

type ApiFault = Extract<
  Parameters<Scene['slack']['control']['addFault']>[0],
  { readonly on: 'api' }
>['fault'];

/** The next posts to this channel go wrong in this way. */
function nextPost({ channel }: LinkedRoom, fault: ApiFault, count = 1): void {
  scene.slack.control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', channel: channel.id, count },
    fault,
  });
}

const unclear: readonly (readonly [string, ApiFault])[] = [
  ['Slack answers with an error and has posted the message', { type: 'http_error', applied: true }],
  ['Slack never answers and has posted the message', { type: 'timeout', applied: true, ms: 500 }],
  ['the connection breaks and Slack has posted the message', { type: 'reset', applied: true }],
  [
    'Slack says “internal error” and has posted the message',
    { type: 'slack_error', error: 'internal_error', applied: true },
  ],
  ['the event about the post comes before Slack’s answer', { type: 'event_first' }],
];

describe('a message is in Slack just once, in its place, and can still be changed, when', () => {
  for (const [index, [what, fault]] of unclear.entries()) {
    test(what, async () => {
      const { alice, slack } = scene;
      const linked = await scene.linkedRoom(`unclear-${index}`);
      const { room, channel } = linked;
      await alice.say(room, 'before');
      await slack.waitForText(channel, 'before');
      nextPost(linked, fault);
      const event = await alice.say(room, 'the message');
      await alice.say(room, 'after');
      await slack.waitForText(channel, 'after', 30_000);
      await alice.edit(room, event, 'the message, changed');
      await slack.waitForText(channel, 'the message, changed');
      assert.deepEqual(spoken(linked), ['before', 'the message, changed', 'after']);
      await slack.control.idle({});
      const ghosts = alice
        .room(room)
        .messages()
        .filter(({ body }) => /^(before|the message|after)/.test(body));
      assert.equal(ghosts.length, 3, 'nothing came back');
    });
  }
});

test('a channel that Slack limits rests as long as Slack says, and other channels go on', async () => {
  const { alice, slack } = scene;
  const limited = await scene.linkedRoom('limited');
  const free = await scene.linkedRoom('free');
  nextPost(limited, { type: 'rate_limited', retryAfterSeconds: 3 });
  await alice.say(limited.room, 'one');
  await alice.say(limited.room, 'two');
  await alice.say(free.room, 'meanwhile');
  await slack.waitForText(free.channel, 'meanwhile');
  assert.deepEqual(spoken(limited), []);
  await slack.waitForText(limited.channel, 'two');
  assert.deepEqual(spoken(limited), ['one', 'two']);
  const calls = slack.control
    .log({ kind: 'api', name: 'chat.postMessage', limit: 2_000 })
    .filter(({ details }) => JSON.stringify(details).includes(limited.channel.id));
  const [refused, again] = calls;
  assert.ok(refused && again && again.at - refused.at >= 3_000);
});

function spoken({ channel }: LinkedRoom): readonly string[] {
  return scene.slack
    .posts(channel)
    .filter(({ username }) => username !== undefined)
    .map(shown);
}
