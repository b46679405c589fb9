import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command } from '../support/bridge/matrix-side.ts';
import { linkPerson } from './support/link-person.ts';
import { readMetrics, waitForMetric, waitForReadiness } from '../support/bridge/web-side.ts';

let scene: Scene;
let linked: LinkedRoom;

/** By which Bob acts in Slack himself: his own token, and the one that it is renewed with. */
let ownTokens: readonly string[];

/** What people wrote, in every way that there is; each text is unique. */
const written: string[] = [];

function unique(what: string): string {
  const text = `${what} ${randomBytes(6).toString('hex')}`;
  written.push(text);
  return text;
}

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
  await writeInSlack();
  await writeInMatrix();
  await writeAsOneself();
  await writeWhatFails();
  await writeWhatWaits();
});
after(() => scene?.close());

async function writeInSlack(): Promise<void> {
  const { slack, alice } = scene;
  const channel = linked.channel.id;
  const [text, edit, last] = [unique('from Slack'), unique('edited in Slack'), unique('a reply in Slack')];
  const ts = slack.say(linked.channel, text);
  slack.control.edit({ channel, ts, text: edit });
  const files = [{ name: `${unique('file')}.txt`, title: unique('title'), size: 10 }];
  slack.control.post({ channel, user: slack.ben, text: unique('with a file'), files });
  const { id: app } = slack.control.createApp({ name: 'Weather' });
  slack.control.postAsApp({ channel, app, attachments: [{ fallback: 'x', text: unique('attached') }] });
  slack.say(linked.channel, last, { thread: ts });
  await alice.waitForText(linked.room, last);
}

async function writeInMatrix(): Promise<void> {
  const { slack, alice } = scene;
  const event = await alice.say(linked.room, unique('from Matrix'));
  await alice.edit(linked.room, event, unique('edited in Matrix'));
  await alice.say(linked.room, { body: unique('plain'), html: `<b>${unique('bold')}</b>` });
  await command(alice, linked.room, `!slack ${unique('frobnicate')}`);
  const last = unique('a reply in Matrix');
  await alice.sayInThread(linked.room, event, last);
  await slack.waitForText(linked.channel, last);
}

async function writeAsOneself(): Promise<void> {
  const { slack, bob } = scene;
  const refresh = `xoxe-1-${randomBytes(24).toString('hex')}`;
  ownTokens = [await linkPerson(scene, { matrix: bob.userId, slack: slack.ben, refresh }), refresh];
  const [text, edited] = [unique('from Bob himself'), unique('edited by himself')];
  const event = await bob.say(linked.room, text);
  const post = await slack.waitForText(linked.channel, text);
  assert.equal(post.user, slack.ben);
  await bob.edit(linked.room, event, edited);
  await slack.waitForText(linked.channel, edited);
}

/** What can't be read, and what Slack refuses: dead letters, with their payloads. */
async function writeWhatFails(): Promise<void> {
  const { slack, alice, webUrl } = scene;
  const event = {
    type: 'message',
    user: unique('author'),
    text: unique('unreadable'),
    channel: linked.channel.id,
  };
  const payload = { team_id: slack.team.id, type: 'event_callback', event_id: 'EvODD', event_time: 1, event };
  slack.control.sendPayload({ payload });
  await waitForMetric(webUrl, 'dead_letters_total', { from: 'slack', reason: 'malformed' }, 1);
  slack.control.addFault({
    on: 'api',
    match: { method: 'chat.postMessage', count: 1 },
    fault: { type: 'slack_error', error: 'no_text' },
  });
  await alice.say(linked.room, unique('refused'));
  await alice.waitForText(linked.room, /not bridged to Slack/);
}

/** What is stored and can't be posted now. */
async function writeWhatWaits(): Promise<void> {
  const { slack, alice, webUrl } = scene;
  slack.control.revokeTokens({});
  await waitForReadiness(webUrl, ({ ok }) => !ok);
  await alice.say(linked.room, unique('waiting for a token'));
  await waitForMetric(webUrl, 'queue_items', { from: 'matrix', state: 'ready' }, 1);
}

async function tokens(): Promise<readonly string[]> {
  const { slack, slot, configFile } = scene;
  const key = await readFile(join(dirname(configFile), 'data', 'secrets.key'), 'utf8');
  const { botToken, appToken, signingSecret } = slack.app;
  const ofMatrix = [slot.asToken, slot.hsToken, slot.puppetToken];
  return [botToken, appToken, signingSecret, ...ofMatrix, ...ownTokens, key.trim()];
}

/** The texts of which something is in `place`: as they are, or as the bytes of a column are shown. */
function foundIn(place: string, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => place.includes(text) || place.includes(Buffer.from(text).toString('hex')));
}

/** Every row of every table, as text. */
async function dump(): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = new pg.Client({ connectionString: scene.databaseUrl });
  await client.connect();
  try {
    const named = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const tables = new Map<string, readonly string[]>();
    for (const { name } of named.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      tables.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return tables;
  } finally {
    await client.end();
  }
}

test('the log, with all its details, holds nothing that people wrote, and no token', async () => {
  const log = await scene.log();
  assert.match(log, / DEBUG /);
  assert.deepEqual(foundIn(log, written), []);
  assert.deepEqual(foundIn(log, await tokens()), []);
});

test('the database holds nothing that people wrote, and no token, while it holds their messages sealed', async () => {
  const tables = await dump();
  const sealed = (tables.get('public.inbox') ?? []).filter((row) => row.includes('\\x'));
  assert.ok(sealed.length >= 3, `${sealed.length} payloads`);
  const everything = [...tables.values()].flat().join('\n');
  assert.deepEqual(foundIn(everything, written), []);
  assert.deepEqual(foundIn(everything, await tokens()), []);
});

test('the metrics hold nothing that people wrote, and no token', async () => {
  const { text } = await readMetrics(scene.webUrl);
  assert.deepEqual(foundIn(text, written), []);
  assert.deepEqual(foundIn(text, await tokens()), []);
});
