import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, directChat, roomWithBot } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;
/** Alice's chat with the bot. */
let chat: string;

before(async () => {
  scene = await startScene();
  scene.slack.newChannel('village');
  scene.slack.newChannel('secrets', { private: true, withApp: true });
  linked = await scene.linkedRoom('town');
  chat = await directChat(scene.alice, scene.bot);
});
after(() => scene?.close());

const names = ['help', 'link', 'unlink', 'list', 'status', 'set'];

describe('what the bot understands', () => {
  test('invited, it greets with what it can do', async () => {
    const { alice, bot } = scene;
    const greeting = await alice.waitForText(chat, /I join rooms to Slack channels/);
    assert.equal(greeting.kind, 'm.notice');
    assert.equal(greeting.sender, bot);
    for (const name of names) assert.match(greeting.html ?? '', new RegExp(`<li><code>${name}\\b`));
  });

  test('help shows each command, in a room with the prefix', async () => {
    const answer = await command(scene.alice, linked.room, '!slack help');
    for (const name of names) assert.match(answer.html ?? '', new RegExp(`<li><code>!slack ${name}\\b`));
    assert.equal((await command(scene.alice, linked.room, '!slack')).body, answer.body);
  });

  test('in a chat with the bot alone each works without the prefix, and with it', async () => {
    const short = await command(scene.alice, chat, 'list');
    assert.match(short.body, /#town/);
    assert.equal((await command(scene.alice, chat, '!slack list')).body, short.body);
  });

  test('in a room people’s words without the prefix are messages', async () => {
    const { alice, slack } = scene;
    await alice.say(linked.room, 'help');
    await slack.waitForText(linked.channel, 'help');
  });

  test('commands and their answers stay in Matrix', async () => {
    const { alice, slack } = scene;
    await command(alice, linked.room, '!slack status');
    await alice.say(linked.room, 'after the command');
    await slack.waitForText(linked.channel, 'after the command');
    const texts = slack.posts(linked.channel).map(({ text }) => text);
    assert.deepEqual(
      texts.filter((text) => /!slack|Waiting for|I join rooms/.test(text)),
      [],
    );
  });

  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['!slack lnik #town', /There is no command “lnik”\. Did you mean “link”\?/],
    ['!slack statsu', /Did you mean “status”\?/],
    ['!slack dance', /There is no command “dance”\. “!slack help” shows those that there are\./],
    ['!slack link', /channel is missing: !slack link <channel>/],
    ['!slack set directoin both', /Did you mean “direction”\?/],
    ['!slack set direction sideways', /direction can be: both, to-matrix, to-slack\./],
    ['!slack link #town Acmee', /There is no workspace “Acmee” here\. Did you mean “Acme”\?/],
    ['!slack link #nowhere', /There is no channel “#nowhere” that I can see\. .*\/invite/],
    ['!slack help me now', /That is too much: !slack help/],
  ];
  for (const [words, wanted] of mistakes) {
    test(`“${words}” is answered with what was meant or may be said`, async () => {
      assert.match((await command(scene.alice, linked.room, words)).body, wanted);
    });
  }
});

describe('looking around', () => {
  test('list shows channels and rooms, those with the words asked for, and private ones only to administrators', async () => {
    const { alice, bob, bot } = scene;
    const all = await command(alice, chat, 'list');
    assert.match(all.body, /Acme/);
    assert.match(all.body, /#secrets \(private\)/);
    assert.match(all.html ?? '', new RegExp(`#town → <a href="https://matrix.to/#/${linked.room}">`));
    const some = await command(alice, chat, 'list vill');
    assert.match(some.body, /#village/);
    assert.doesNotMatch(some.body, /#town/);
    const bobsChat = await directChat(bob, bot);
    const forBob = await command(bob, bobsChat, 'list');
    assert.match(forBob.body, /#village/);
    assert.doesNotMatch(forBob.body, /secrets/);
  });

  test('status tells of the room’s link, of one that is named, and of the whole bridge', async () => {
    const { alice, bot } = scene;
    const here = await command(alice, linked.room, '!slack status');
    assert.match(here.body, /#town in Acme\*\*: live\./);
    assert.match(here.body, /Waiting for Slack: nothing/);
    assert.match(here.body, /Slack, Acme: fine/);
    assert.match(here.body, /Homeserver: fine/);
    assert.match((await command(alice, chat, 'status #town')).body, /#town in Acme\*\*: live\./);
    const elsewhere = await roomWithBot(alice, bot, 'elsewhere');
    assert.match((await command(alice, elsewhere, '!slack status')).body, /Linked channels: 1 live/);
  });
});

describe('set', () => {
  test('what is set counts for what is written from then on', async () => {
    const { alice, slack } = scene;
    const { room, channel } = linked;
    const answer = await command(alice, room, '!slack set direction to-matrix');
    assert.match(answer.body, /#town in Acme: direction is now to-matrix/);
    await alice.say(room, 'only for us here');
    await command(alice, room, '!slack set direction both');
    await alice.say(room, 'for all again');
    await slack.waitForText(channel, 'for all again');
    assert.ok(!slack.posts(channel).some(({ text }) => text.includes('only for us here')));
  });

  test('without a word it shows how things stand', async () => {
    const { alice } = scene;
    await command(alice, linked.room, '!slack set notices on');
    const answer = await command(alice, linked.room, '!slack set');
    assert.match(answer.body, /direction: both/);
    assert.match(answer.body, /notices: on/);
    assert.match(answer.body, /other-bridges: off/);
  });

  test('who has too little power in the room is told how much it takes, and whom to ask', async () => {
    const answer = await command(scene.bob, linked.room, '!slack set direction to-slack');
    assert.match(answer.body, /You need a power level of 50 in the room for this, and have 0\. Ask/);
    const shown = await command(scene.bob, linked.room, '!slack set');
    assert.match(shown.body, /direction: both/);
  });
});

describe('in the room of a paused link', () => {
  test('commands work, messages wait, and both go on when the channel is back', async () => {
    const { alice, slack } = scene;
    const { room, channel } = await scene.linkedRoom('seasonal');
    slack.control.archive({ channel: channel.id, user: slack.ann });
    const notice = await alice.waitForText(room, /The bridge to Slack is paused/);
    assert.match(notice.body, /#seasonal is archived\. Bring it back there to go on\./);
    await alice.say(room, 'see you in spring');

    const status = await command(alice, room, '!slack status');
    assert.match(status.body, /#seasonal in Acme\*\*: paused\. The Slack channel #seasonal is archived/);
    assert.match(status.body, /Waiting for Slack: 1,/);
    assert.match((await command(alice, room, '!slack list seas')).body, /#seasonal → .* \(paused\)/);
    assert.match((await command(alice, room, '!slack set bots off')).body, /bots is now off/);

    slack.control.unarchive({ channel: channel.id, user: slack.ann });
    await alice.waitForText(room, /The bridge to Slack goes on; what was written meanwhile follows/);
    await slack.waitForText(channel, 'see you in spring');
    assert.match((await command(alice, room, '!slack status')).body, /#seasonal in Acme\*\*: live/);
  });

  test('it can be unlinked', async () => {
    const { alice, slack } = scene;
    const { room, channel } = await scene.linkedRoom('over');
    slack.control.archive({ channel: channel.id, user: slack.ann });
    await alice.waitForText(room, /The bridge to Slack is paused/);
    assert.match(
      (await command(alice, room, '!slack unlink yes')).body,
      /#over in Acme is not linked any more/,
    );
  });
});
