import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { command, directChat, ghostOf, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';

let scene: Scene;

before(async () => {
  scene = await startScene();
});
after(() => scene?.close());

/** From now on Slack refuses what is posted to this channel; the result ends it. */
function refusePosts({ channel }: LinkedRoom): () => void {
  const { control } = scene.slack;
  const rule = control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', channel: channel.id },
    fault: { type: 'slack_error', error: 'restricted_action' },
  });
  return () => control.clearFaults({ id: rule.id });
}

function postedTexts({ channel }: LinkedRoom): readonly string[] {
  return scene.slack
    .posts(channel)
    .filter(({ username }) => username !== undefined)
    .map(shown);
}

const refused =
  /^⚠️ This message was not bridged to Slack: the workspace’s settings don’t let the bot do this/;

describe('what Slack refuses', () => {
  test('is told to its sender, can be tried again in its place, and then the notice says that it arrived', async () => {
    const { alice, bob, slack } = scene;
    const linked = await scene.linkedRoom('restricted');
    const { room, channel } = linked;
    const allow = refusePosts(linked);
    const event = await bob.say(room, 'first');
    const notice = await bob.waitForText(room, refused);
    assert.equal(notice.replyTo, event);
    const list = await command(alice, room, '!slack dead-letters');
    assert.match(
      list.body,
      new RegExp(`message by ${bob.userId}, from Matrix to Slack, \\d+ s ago: the workspace`),
    );
    assert.doesNotMatch(list.body, /first/);
    const [number] = /\d+(?=: message)/.exec(list.body) ?? [];
    assert.match((await command(alice, room, '!slack status')).body, /Given up: 1/);

    assert.match(
      (await command(alice, room, `!slack retry ${number}`)).body,
      /failed again: the workspace’s settings/,
    );
    allow();
    assert.match((await command(bob, room, `!slack retry ${number}`)).body, /power level of 50/);
    assert.match((await command(alice, room, `!slack retry ${number}`)).body, /has arrived/);
    await slack.waitForText(channel, 'first');
    await alice.waitForText(room, /^✅ It was bridged to Slack after all/);
    assert.match(
      (await command(alice, room, '!slack dead-letters')).body,
      /^Nothing is given up for #restricted/,
    );
  });

  test('goes with its notice when its sender removes it', async () => {
    const { alice } = scene;
    const linked = await scene.linkedRoom('regretted');
    const allow = refusePosts(linked);
    const event = await alice.say(linked.room, 'a slip');
    const notice = await alice.waitForText(linked.room, refused);
    await alice.redact(linked.room, event);
    await waitUntilGone(alice, linked.room, notice.eventId);
    assert.match((await command(alice, linked.room, '!slack retry all')).body, /^Nothing is given up/);
    allow();
    assert.deepEqual(postedTexts(linked), []);
  });

  test('is one notice more for all that fail at once, and all of it can be tried again in order', async () => {
    const { alice, slack } = scene;
    const linked = await scene.linkedRoom('flooded');
    const { room, channel } = linked;
    const allow = refusePosts(linked);
    const texts = Array.from({ length: 8 }, (_, number) => `flood ${number}`);
    for (const text of texts) await alice.say(room, text);
    await alice.waitForText(room, /^⚠️ More is not bridged to Slack just now/);
    await eventually(
      async () => /: 8\b/.test((await command(alice, room, '!slack dead-letters')).body),
      () => 'Not all of it was given up.',
    );
    const notices = alice
      .room(room)
      .messages()
      .filter(({ body }) => refused.test(body));
    assert.equal(notices.length, 3);
    allow();
    assert.match((await command(alice, room, '!slack retry all')).body, /^Tried again: 8 arrived\./);
    await slack.waitForText(channel, 'flood 7');
    assert.deepEqual(postedTexts(linked), texts);
  });
});

describe('what Matrix refuses', () => {
  test('is told to its sender in Slack alone, and an administrator can let it go', async () => {
    const { alice, bot, slack } = scene;
    const { room, channel } = await scene.linkedRoom('muted');
    slack.say(channel, 'I may speak');
    await alice.waitForText(room, 'I may speak');
    const levels = await alice.waitFor(room, (seen) => seen.state('m.room.power_levels'));
    const { users } = levels;
    const people = { ...(typeof users === 'object' ? users : {}), [ghostOf(scene, slack.ann)]: -1 };
    await alice.setState(room, 'm.room.power_levels', { ...levels, users: people });
    slack.say(channel, 'I may not');
    const told = await eventually(
      () => slack.control.log({ kind: 'ephemeral', limit: 100 }).find(({ name }) => name === channel.id),
      () => 'Ann was told nothing.',
    );
    assert.equal(told.details['user'], slack.ann);
    assert.match(
      String(told.details['text']),
      /^Your message is not shown in the Matrix room: .*does not allow it/,
    );

    const chat = await directChat(alice, bot);
    const list = (await command(alice, chat, 'dead-letters')).body;
    const [, number] = /(\d+): message by Ann in #muted in Acme, from Slack to Matrix/.exec(list) ?? [];
    assert.match((await command(alice, chat, `skip ${number} yes`)).body, /^Let go/);
    assert.doesNotMatch((await command(alice, chat, 'dead-letters')).body, /#muted/);
  });
});
