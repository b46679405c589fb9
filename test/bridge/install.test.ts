import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, directChat, roomWithBot } from '../support/bridge/matrix-side.ts';
import type { SlackChannel } from '../support/bridge/slack-side.ts';
import { plainBrowser } from './support/plain-browser.ts';

let scene: Scene;
let town: LinkedRoom;
let chat: string;
/** Another workspace, and Zoe in it. */
let globex: string;
let zoe: string;

before(async () => {
  scene = await startScene();
  const { alice, bot, slack } = scene;
  town = await scene.linkedRoom('town');
  chat = await directChat(alice, bot);
  const { control, app } = slack;
  await control.configureApp({ app: app.id, distributed: true });
  globex = control.createWorkspace({ name: 'Globex' }).id;
  zoe = control.createUser({ team: globex, name: 'zoe', displayName: 'Zoe' }).id;
});
after(() => scene?.close());

/** Alice asks for a link, and goes through its pages and Slack's, as Zoe; resolves with what she reads at the end. */
async function install(): Promise<string> {
  const { body } = await command(scene.alice, chat, 'install');
  const link = /http:\S+\/login\/[\w-]{43}/.exec(body)?.[0] ?? assert.fail(body);
  const browser = plainBrowser();
  const page = await browser.open(link);
  assert.match(page.text, new RegExp(`${scene.alice.userId} asks to install the bridge’s Slack app`));
  const question = browser.next(await browser.press(page));
  return (await browser.open(await browser.decide(question, { user: zoe }))).text;
}

let room: string;
let there: SlackChannel;

test('an administrator installs the app in another workspace, whose channels can be linked at once', async () => {
  const { alice, bob, bot, slack } = scene;
  const { control } = slack;
  assert.match((await command(bob, town.room, '!slack install')).body, /administrator/);
  assert.match(await install(), /The bridge uses the Slack workspace Globex from now on/);
  assert.match((await command(alice, chat, 'status')).body, /Acme.*Globex/s);

  const { id } = control.createChannel({ team: globex, name: 'there', members: [zoe] });
  there = { id, name: 'there' };
  room = await roomWithBot(alice, bot, 'there');
  assert.match((await command(alice, room, '!slack link #there Globex')).body, /^Linked to/);
  control.post({ channel: there.id, user: zoe, text: 'from Globex' });
  await alice.waitForText(room, 'from Globex');
  await alice.say(room, 'to Globex');
  assert.equal((await slack.waitForText(there, 'to Globex')).username, 'Alice (Matrix)');
  slack.say(town.channel, 'from Acme');
  await alice.waitForText(town.room, 'from Acme');
});

test('where the app is removed the rooms pause, until it is installed again; the other workspace goes on', async () => {
  const { alice, slack } = scene;
  slack.control.uninstallApp({ app: slack.app.id, team: globex });
  await alice.waitForText(room, /^The bridge to Slack is paused/, 30_000);
  await alice.say(room, 'written meanwhile');
  await alice.say(town.room, 'Acme goes on');
  await slack.waitForText(town.channel, 'Acme goes on');
  assert.match(await install(), /uses the Slack workspace Globex/);
  await alice.waitForText(room, /^The bridge to Slack goes on/, 30_000);
  await slack.waitForText(there, 'written meanwhile', 30_000);
});

test('an installed workspace is there after a restart', async () => {
  const { alice, bridge, slack } = scene;
  await bridge.restart();
  slack.control.post({ channel: there.id, user: zoe, text: 'after the restart' });
  await alice.waitForText(room, 'after the restart', 30_000);
  await alice.say(room, 'welcome back');
  await slack.waitForText(there, 'welcome back', 30_000);
  const log = await scene.log();
  for (const secret of ['xoxb-', slack.app.clientSecret]) assert.ok(!log.includes(secret), secret);
});
