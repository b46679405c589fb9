import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, directChat } from '../support/bridge/matrix-side.ts';
import { slashCommand } from '../support/bridge/slash-command.ts';
import { query } from '../store/query.ts';
import { plainBrowser } from './support/plain-browser.ts';
import type { PlainBrowser, ReadPage } from './support/plain-browser.ts';

let scene: Scene;
let linked: LinkedRoom;
let chats: ReadonlyMap<MatrixUser, string>;

before(async () => {
  scene = await startScene({ transport: 'http' });
  linked = await scene.linkedRoom('town');
  const [alice, bob] = await Promise.all([scene.alice, scene.bob].map((each) => directChat(each, scene.bot)));
  chats = new Map([
    [scene.alice, alice ?? ''],
    [scene.bob, bob ?? ''],
  ]);
});
after(() => scene?.close());

/** Says something to the bot where nobody else reads it. */
const say = (person: MatrixUser, words: string) => command(person, chats.get(person) ?? '', words);

async function newLink(person: MatrixUser): Promise<string> {
  const { body } = await say(person, 'login');
  return /http:\S+\/login\/[\w-]{43}/.exec(body)?.[0] ?? assert.fail(body);
}

/** Opens the link and presses the button; resolves with the address of Slack's question. */
async function toSlack(browser: PlainBrowser, link: string): Promise<string> {
  const page = await browser.open(link);
  return browser.next(await browser.press(page));
}

function reads(page: ReadPage, words: RegExp, status = 200): void {
  assert.match(page.text, words);
  assert.equal(page.status, status, page.text);
}

test('who gets a link, goes through Slack’s question and comes back writes in Slack as themselves', async () => {
  const { alice, slack } = scene;
  const link = await newLink(alice);
  const browser = plainBrowser();
  await plainBrowser().open(link); // a chat app shows what is behind a link: that changes nothing
  const page = await browser.open(link);
  reads(page, new RegExp(`${alice.userId} asks to use your Slack account in the workspace Acme`));
  reads(page, /Write in your name.*Read what you can read.*How to end it/);
  const back = await browser.decide(browser.next(await browser.press(page)), { user: slack.ann });
  reads(await browser.open(back), new RegExp(`${alice.userId} writes .* written by Ann from now on`));
  reads(await browser.open(back), /used already/, 410);
  reads(await browser.open(link), /used already/, 410);
  reads(await browser.press(page), /used already/, 410);

  await alice.waitForText(chats.get(alice) ?? '', /Your Slack account Ann in Acme is linked/);
  assert.match((await say(alice, 'whoami')).body, /Ann in Acme\*\* \(U\w+\)[^]*written by you/);
  await alice.say(linked.room, 'as myself');
  const post = await slack.waitForText(linked.channel, 'as myself');
  assert.deepEqual([post.user, post.username], [slack.ann, undefined]);
});

test('a link is for one browser, and Slack’s answer counts there only', async () => {
  const { bob, slack } = scene;
  const link = await newLink(bob);
  const [browser, other] = [plainBrowser(), plainBrowser()];
  const question = await toSlack(browser, link);
  reads(await other.press(await other.open(link)), /belongs to another browser/, 403);
  const back = await other.decide(question, { user: slack.ben });
  reads(await other.open(back), /belongs to another browser/, 403);
  reads(await plainBrowser().open(back), /belongs to another browser/, 403);
  reads(await browser.open(back.replace(/state=[^&]+/, 'state=guessed')), /fits no question/, 400);
  reads(await browser.press(await browser.open(link)), /On to Slack/);
  reads(await browser.open(back), /fits no question/, 400); // the browser asked anew since
  reads(await browser.open(`${link.slice(0, -4)}AAAA`), /isn’t known/, 404);
  assert.match((await say(bob, 'whoami')).body, /no Slack account of yours is linked/);
});

test('who refuses, allows too little, or is somebody else is told so, and may try again', async () => {
  const { bob, alice, slack } = scene;
  const browser = plainBrowser();
  const decide = async (question: string, answer: Parameters<PlainBrowser['decide']>[1]) =>
    browser.open(await browser.decide(question, answer));
  const denied = await decide(await toSlack(browser, await newLink(bob)), {
    user: slack.ben,
    decision: 'deny',
  });
  reads(denied, /You didn’t allow it/);
  const little = await decide(browser.next(denied), { user: slack.ben, scopes: 'users:read' });
  reads(little, /didn’t allow enough.*chat:write/, 403);
  await slack.control.configureApp({ app: slack.app.id, distributed: true });
  const { id: elsewhere } = slack.control.createWorkspace({ name: 'Globex' });
  const { id: eve } = slack.control.createUser({ team: elsewhere, name: 'eve' });
  const other = await decide(browser.next(little), { user: eve });
  reads(other, /another workspace than Acme/, 403);
  const taken = await decide(browser.next(other), { user: slack.ann });
  reads(taken, new RegExp(`belongs to the Matrix account ${alice.userId}`), 409);
  slack.control.addFault({
    on: 'api',
    match: { method: 'oauth.v2.access', count: 1 },
    fault: { type: 'http_error', status: 503, applied: false },
  });
  const away = await decide(browser.next(taken), { user: slack.ben });
  reads(away, /Slack doesn’t answer/, 502);
  assert.match((await say(bob, 'whoami')).body, /no Slack account of yours is linked/);
  const some = await decide(browser.next(away), { user: slack.ben, scopes: 'chat:write,users:read' });
  reads(some, /are linked.*didn’t give all that was asked for.*im:history/);
  reads(await decide(browser.next(some), { user: slack.ben }), /Your accounts are linked/);
  assert.doesNotMatch((await say(bob, 'whoami')).body, /didn’t allow/);
});

test('what is linked ends with “logout”: Slack takes the token back, and the bot relays again', async () => {
  const { bob, slack } = scene;
  await bob.say(linked.room, 'still myself');
  assert.equal((await slack.waitForText(linked.channel, 'still myself')).user, slack.ben);
  assert.match((await say(bob, 'logout')).body, /not linked any more\. Slack has taken back/);
  await bob.say(linked.room, 'through the bot');
  assert.equal((await slack.waitForText(linked.channel, 'through the bot')).username, 'Bob (Matrix)');
  const revoked = slack.control.log({ kind: 'api', name: 'auth.revoke' });
  assert.equal(revoked.at(-1)?.outcome, 'ok');
  assert.match((await say(bob, 'logout')).body, /No Slack account of yours is linked/);
});

test('a link is good for ten minutes', async () => {
  const { bob, slack } = scene;
  const browser = plainBrowser();
  const link = await newLink(bob);
  const back = await browser.decide(await toSlack(browser, link), { user: slack.ben });
  await query(scene.databaseUrl, `update login set expires_at = now() where used_at is null`);
  reads(await browser.open(back), /too old/, 410);
  reads(await browser.open(link), /too old/, 410);
});

test('who begins in Slack proves who they are in Matrix by a code, which others can’t use', async () => {
  const { alice, bob, slack } = scene;
  const link = /<(http:[^|]+)\|/.exec(await slashCommand(scene, 'login', slack.ben))?.[1] ?? assert.fail();
  const browser = plainBrowser();
  reads(await browser.open(link), /Ben asked in the Slack workspace Acme/);
  const wrong = await browser.open(await browser.decide(await toSlack(browser, link), { user: slack.ann }));
  reads(wrong, /another person of Acme/, 403);
  const right = await browser.open(await browser.decide(browser.next(wrong), { user: slack.ben }));
  const code = /!slack login ((?:\w{4}-){2}\w{4})/.exec(right.text)?.[1] ?? assert.fail(right.text);
  const question = await say(bob, `!slack login ${code}`);
  assert.match(question.body, /from the Slack account Ben[^]*yes/);
  assert.match((await say(alice, `login ${code} yes`)).body, /good for nothing/);
  assert.match((await say(bob, `login ${code} yes`)).body, /written by Ben from now on/);
  assert.match((await say(bob, `login ${code} yes`)).body, /written by Ben from now on/);
  await bob.say(linked.room, 'from the other side');
  assert.equal((await slack.waitForText(linked.channel, 'from the other side')).user, slack.ben);
  assert.match(await slashCommand(scene, 'help', slack.ann), /\/matrix login/);
});

test('nothing that opens an account is in the log', async () => {
  const log = await scene.log();
  assert.doesNotMatch(log, /xoxp-|xoxe|\/login\/[\w-]{20}/);
  const secrets = JSON.stringify(
    await query(scene.databaseUrl, `select encode(sealed, 'escape') from secret`),
  );
  assert.doesNotMatch(secrets, /xoxp/);
});
