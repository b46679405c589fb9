import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { failpointFile } from '../faults/support/failpoint-names.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { shown } from '../support/bridge/slack-side.ts';
import type { SlackPost } from '../support/bridge/slack-side.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('unusual');
const armed = join(folder.path, 'armed');
let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  const environment = { ...process.env, [failpointFile]: armed };
  scene = await startScene({ process: { nodeArguments: ['--conditions=failpoints'], environment } });
  linked = await scene.linkedRoom('town');
});
after(async () => {
  await scene?.close();
  await folder.remove();
});

/** Each `&` takes five characters in Slack: it would take more than ten posts. */
const long = Array.from({ length: 4_000 }, (_, index) => `${index}&&&&&&&`).join(' ');

interface File {
  readonly name: string;
  readonly url_private: string;
  readonly mode: string;
}

/** The posts of the channel that show a file which is there. */
function shares(): readonly (SlackPost & { readonly file: File })[] {
  return scene.slack.posts(linked.channel).flatMap((post) => {
    const [file] = (post.files ?? []) as unknown as readonly File[];
    return file && file.mode !== 'tombstone' ? [{ ...post, file }] : [];
  });
}

async function content({ file }: { readonly file: File }): Promise<string> {
  const headers = { authorization: `Bearer ${scene.slack.app.botToken}` };
  return (await fetch(file.url_private, { headers })).text();
}

test('a text that would take more than ten posts comes as its beginning and a file; both go when it is redacted', async () => {
  const { alice, slack } = scene;
  const event = await alice.say(linked.room, long);
  await slack.waitUntil(linked.channel, () => shares().length === 1);
  const [share] = shares();
  assert.ok(share);
  assert.equal(share.username, 'Alice (Matrix)');
  assert.equal(await content(share), long);
  const post = slack.posts(linked.channel).find((each) => shown(each).startsWith('0&amp;'));
  assert.match(post ? shown(post) : '', /The whole text is in the file\._$/);
  assert.equal(post?.username, 'Alice (Matrix)');
  await alice.redact(linked.room, event);
  await slack.waitUntil(linked.channel, (posts) => posts.every((each) => !shown(each).startsWith('0&amp;')));
  await slack.waitUntil(linked.channel, () => shares().length === 0);
});

test('killed between the file and its commit, the bridge shares it once', async () => {
  const { alice, slack, bridge } = scene;
  await writeFile(armed, 'slack.after:files.completeUploadExternal 1');
  const text = `again ${long}`;
  await alice.say(linked.room, text);
  await bridge.ended();
  await bridge.start();
  await alice.say(linked.room, 'and after it');
  await slack.waitForText(linked.channel, 'and after it', 60_000);
  const [share, ...more] = shares();
  assert.ok(share);
  assert.equal(await content(share), text);
  assert.deepEqual(more, []);
});

test('a place on earth is a link to a map', async () => {
  const { alice, slack } = scene;
  const place = { msgtype: 'm.location', body: 'Big Ben', geo_uri: 'geo:51.5008,-0.1247' };
  await alice.send(linked.room, place);
  const post = await slack.waitForText(linked.channel, /Big Ben/);
  const map = 'https://www.openstreetmap.org/?mlat=51.5008&amp;mlon=-0.1247#map=16/51.5008/-0.1247';
  assert.equal(shown(post), `📍 Big Ben: <${map}|51.5008, -0.1247>`);
});

const poll = 'org.matrix.msc3381.poll';

test('a poll shows its votes in Slack as they come, and its end', async () => {
  const { alice, bob, slack } = scene;
  const answers = ['Pizza', 'Pasta'].map((answer) => ({ id: answer, 'org.matrix.msc1767.text': answer }));
  const start = {
    question: { 'org.matrix.msc1767.text': 'Lunch?' },
    kind: `${poll}.disclosed`,
    max_selections: 1,
    answers,
  };
  const text = 'Lunch?\n1. Pizza\n2. Pasta';
  const content = { [`${poll}.start`]: start, 'org.matrix.msc1767.text': text };
  const event = await alice.send(linked.room, content, `${poll}.start`);
  const relation = { 'm.relates_to': { rel_type: 'm.reference', event_id: event } };
  const vote = (answer: string) => ({ ...relation, [`${poll}.response`]: { answers: [answer] } });
  const post = await slack.waitForText(linked.channel, /Lunch\?/);
  assert.equal(
    shown(post),
    '📊 *Lunch?*\n1. Pizza — 0 votes\n2. Pasta — 0 votes\n_0 people voted in Matrix so far._',
  );
  await alice.send(linked.room, vote('Pizza'), `${poll}.response`);
  await bob.send(linked.room, vote('Pizza'), `${poll}.response`);
  await bob.send(linked.room, vote('Pasta'), `${poll}.response`);
  const counted = /Pizza — 1 vote\n2\. Pasta — 1 vote\n_2 people voted/;
  assert.equal((await slack.waitForText(linked.channel, counted)).ts, post.ts);
  await alice.send(linked.room, { ...relation, [`${poll}.end`]: {} }, `${poll}.end`);
  const ended = await slack.waitForText(linked.channel, /The poll has ended: 2 people voted/);
  assert.equal(ended.ts, post.ts);
  assert.equal(ended.username, 'Alice (Matrix)');
});

test('a message in a thread is shown in the channel, too, with “broadcast”; edits and redactions concern both', async () => {
  const { alice, bob, slack } = scene;
  const root = await bob.say(linked.room, 'Who comes?');
  const reply = await alice.sayInThread(linked.room, root, 'I do');
  const post = await slack.waitForText(linked.channel, 'I do');
  const inThread = { rel_type: 'm.thread', event_id: root, is_falling_back: false };
  await alice.send(linked.room, {
    msgtype: 'm.text',
    body: '!slack broadcast',
    'm.relates_to': { ...inThread, 'm.in_reply_to': { event_id: reply } },
  });
  await alice.waitForText(linked.room, /^Your message is shown in #town/);
  const inChannel = () => slack.control.messages({ channel: linked.channel.id, limit: 5 }).at(-1);
  const shownThere = inChannel();
  assert.equal(shownThere?.ts, post.ts);
  assert.equal(shownThere?.username, 'Alice (Matrix)');
  await alice.edit(linked.room, reply, 'I do, too');
  await slack.waitForText(linked.channel, 'I do, too');
  assert.equal(inChannel()?.ts, post.ts);
  await alice.redact(linked.room, reply);
  await slack.waitUntil(linked.channel, (posts) => posts.every(({ ts }) => ts !== post.ts));
  const own = (text: string) =>
    alice
      .room(linked.room)
      .messages()
      .filter((each) => each.body === text);
  assert.deepEqual(
    own('I do, too').filter(({ sender }) => sender !== alice.userId),
    [],
    'it never came back',
  );
});

/** An event as Slack tells it, of what nobody can do in the sandbox. */
function tell(event: Readonly<Record<string, unknown>>): void {
  const { app, control } = scene.slack;
  const team = scene.slack.team.id;
  const { ts, event_ts: at = ts } = event;
  const told = {
    type: 'message',
    channel: linked.channel.id,
    channel_type: 'channel',
    event_ts: at,
    ...event,
  };
  const authorizations = [
    { team_id: team, user_id: app.botUserId, is_bot: true, is_enterprise_install: false },
  ];
  const envelope = { type: 'event_callback', team_id: team, api_app_id: app.id, authorizations };
  control.sendPayload({ app: app.id, payload: { ...envelope, event_id: `Ev${String(at)}`, event: told } });
}

/** A ts of now, so many microseconds later. */
function soon(micros: number): string {
  return `${Math.floor(Date.now() / 1000)}.${String(micros).padStart(6, '0')}`;
}

test('a huddle is a line with a link to join it, which then says how long it was', async () => {
  const { alice, slack } = scene;
  const [ts, end] = [soon(100), soon(200)];
  const permalink = 'https://app.slack.com/huddle/T1/C1';
  const room = { id: 'R1', created_by: slack.ann, date_start: 1_700_000_000, call_family: 'huddle' };
  const begun = { subtype: 'huddle_thread', user: slack.ann, ts, text: 'A huddle started', permalink };
  const before = { ...begun, room: { ...room, date_end: 0, has_ended: false } };
  tell(before);
  const line = await alice.waitForText(linked.room, /A huddle is on/);
  assert.match(line.html ?? '', /<a href="https:\/\/app\.slack\.com\/huddle\/T1\/C1">join it in Slack<\/a>/);
  const message = { ...before, room: { ...room, date_end: 1_700_000_600, has_ended: true } };
  tell({ subtype: 'message_changed', ts: end, message, previous_message: before });
  const over = await alice.waitForText(linked.room, /The huddle ended after 10 minutes/);
  assert.equal(over.eventId, line.eventId);
});

test('a call of an app has its name and a link to join it', async () => {
  const { alice, slack } = scene;
  const call = { id: 'R2', name: 'Standup', join_url: 'https://calls.example/42', date_start: 1_700_000_000 };
  const blocks = [{ type: 'call', call_id: 'R2', call: { v1: call } }];
  tell({
    user: slack.ann,
    ts: soon(300),
    text: 'Join',
    attachments: [{ id: 1, fallback: 'a call', blocks }],
  });
  const said = await alice.waitForText(linked.room, /Standup/);
  assert.match(said.html ?? '', /<a href="https:\/\/calls\.example\/42">/);
});
