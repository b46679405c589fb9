import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { textDoc } from '../../src/format/doc.ts';
import { slackUserId } from '../../src/ids.ts';
import type { SlackUserId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { startSlack } from '../../src/slack/start.ts';
import type { RunningAdapter } from './support/adapter.ts';
import {
  memoryEmoji,
  recordingIntake,
  rememberingTeams,
  settingsFor,
  startAdapter,
} from './support/adapter.ts';
import { outgoing, stored } from './support/channel.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

const puppets = new MemoryTokens();
let running: RunningAdapter;
let ann: SlackUserId;
before(async () => {
  running = await startAdapter({ puppets });
  ann = slackUserId(running.user);
  link();
});
after(() => running.stop());

/** Ann logs in, or does so again. */
function link(scopes?: string[]): void {
  const { token } = running.sandbox.control.grantUserToken({ user: ann, ...(scopes && { scopes }) });
  puppets.put(running.place.team, ann, { access: token });
}

/** As Ann's own: without a name of its own. */
function asAnn(text: string, opKey = 'key') {
  const { as: _, ...post } = outgoing(text, { opKey });
  return { ...post, by: ann };
}

test('a post by somebody’s own token is theirs, has our key, and only that token changes and removes it', async () => {
  const { slack, place } = running;
  const ts = await slack.post(place, asAnn('hello', 'own1'));
  const message = await slack.message(place, ts);
  assert.deepEqual(message?.author, { type: 'user', id: ann, team: place.team });
  assert.equal(message.opKey, 'own1');
  assert.ok(slack.isOurs(message));
  const now = { since: Date.now(), until: Date.now() };
  assert.deepEqual(await slack.findByOpKey(place, 'own1', now), [ts]);
  await assert.rejects(slack.update(place, ts, outgoing('by the bot')), CannotBridge);
  await slack.update(place, ts, asAnn('hello you'));
  assert.equal(stored(running, place, ts)['text'], 'hello you');
  await slack.remove(place, ts, { by: ann });
  assert.equal(await slack.message(place, ts), undefined);
});

test('reactions, pins and topics are theirs, and so is how far they have read', async () => {
  const { slack, place, sandbox } = running;
  const earlier = await slack.post(place, outgoing('before'));
  const ts = await slack.post(place, outgoing('by the bot'));
  await slack.react(place, ts, 'wave', ann);
  await slack.react(place, ts, 'wave');
  const posts = sandbox.control.messages({ channel: place.channel, all: true });
  const [reaction] = posts.find((post) => post.ts === ts)?.reactions ?? [];
  assert.deepEqual(new Set(reaction?.users), new Set([ann, slack.team(place.team)?.bot]));
  await slack.unreact(place, ts, 'wave', ann);
  await slack.pin(place, ts, ann);
  await slack.unpin(place, ts, ann);
  await slack.setTopic(place, 'by Ann', ann);
  await slack.markRead(place, ts, ann);
  await slack.markRead(place, earlier, ann); // she has read more
  const said = sandbox.control.messages({ channel: place.channel, all: true });
  assert.equal(said.find(({ subtype }) => subtype === 'channel_topic')?.user, ann);
  const channels = sandbox.control.world({}).teams.flatMap((team) => team.channels);
  assert.equal(channels.find(({ id }) => id === place.channel)?.lastRead[ann], ts);
});

test('files are staged, shared and deleted by the account whose they are', async () => {
  const { slack, place } = running;
  const file = { name: 'a.txt', length: 5, body: Buffer.from('hello') };
  const id = await slack.stage(place.team, file, ann);
  const files = [{ id }] as const;
  await assert.rejects(slack.share(place, { files }), CannotBridge);
  await slack.share(place, { files, text: textDoc('mine'), by: ann });
  const now = { since: Date.now(), until: Date.now() };
  const [ts = ''] = await slack.findByOpKey(place, `file:${id}`, now);
  assert.equal(stored(running, place, ts)['user'], ann);
  await slack.removeFile(place.team, id, ann);
});

test('the chat of two people is the same one each time', async () => {
  const { slack, place, sandbox } = running;
  const ben = slackUserId(sandbox.control.createUser({ team: place.team, name: 'ben' }).id);
  const chat = await slack.openChat(place.team, [ben], ann);
  assert.match(chat, /^D/);
  assert.equal(await slack.openChat(place.team, [ben], ann), chat);
  const group = slackUserId(sandbox.control.createUser({ team: place.team, name: 'cleo' }).id);
  assert.notEqual(await slack.openChat(place.team, [ben, group], ann), chat);
});

test('a permission that they did not give, and a token that was revoked, are known after the call', async () => {
  const { slack, place, sandbox } = running;
  const ts = await slack.post(place, outgoing('by the bot'));
  sandbox.control.revokeUserToken({ user: ann });
  await assert.rejects(slack.react(place, ts, 'wave', ann), TryLater);
  assert.match(puppets.troubles.get(ann) ?? '', /doesn’t take your login/);
  link(['chat:write']);
  await assert.rejects(slack.react(place, ts, 'wave', ann), TryLater);
  assert.deepEqual(
    puppets.lacking.map(({ scope }) => scope),
    ['reactions:write'],
  );
});

test('Slack’s word that somebody’s token is gone is tried, for it may be old news', async () => {
  const { slack, place, sandbox } = running;
  puppets.troubles.clear();
  link();
  const event = { type: 'tokens_revoked', tokens: { oauth: [ann], bot: [] }, event_ts: '1.000000' };
  const told = { team_id: place.team, type: 'event_callback', event_id: 'Ev1', event_time: 1, event };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(slack.read(Buffer.from(JSON.stringify(told))).type, 'logins-revoked');
  await settled();
  assert.equal(puppets.troubles.size, 0);
  sandbox.control.revokeUserToken({ user: ann });
  slack.read(Buffer.from(JSON.stringify(told)));
  for (let tries = 0; tries < 100 && puppets.troubles.size === 0; tries += 1) await settled();
  assert.equal(puppets.troubles.size, 1);
});

const back = 'https://bridge.example/login/callback';

test('a token that ends is renewed in time, each refresh token used once, and the login lasts', async (context) => {
  const { sandbox, place, app } = running;
  await sandbox.control.configureApp({ app: app.id, tokenLifeSeconds: 1, redirectUrls: [back] });
  context.after(() => sandbox.control.configureApp({ app: app.id, tokenLifeSeconds: null }));
  const { clientId, clientSecret, botToken, appToken } = app;
  const rotating = new MemoryTokens();
  const slack = await startSlack({
    intake: recordingIntake(),
    knownTeams: rememberingTeams(),
    emojiStore: memoryEmoji(),
    log: silentLogger,
    puppets: rotating,
    settings: settingsFor(running, {
      authorizeUrl: sandbox.authorizeUrl,
      teams: [{ botToken, appToken, client: { id: clientId, secret: clientSecret } }],
    }),
  });
  const consent = { userScopes: ['chat:write', 'reactions:write'], state: 's', redirectUri: back };
  const { searchParams: query } = new URL(slack.oauth.authorizeUrl(place.team, consent));
  query.set('user', ann);
  query.set('decision', 'allow');
  const answer = await fetch(sandbox.authorizeUrl, { method: 'POST', body: query, redirect: 'manual' });
  const code = new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const grant = await slack.oauth.exchange(place.team, code, back);
  rotating.put(place.team, ann, grant.token);
  const ts = await slack.post(place, outgoing('by the bot'));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await Promise.all(['wave', 'eyes', 'tada'].map((name) => slack.react(place, ts, name, ann)));
  const now = rotating.tokens.get(ann);
  assert.notEqual(now?.access, grant.token.access);
  assert.notEqual(now?.refresh, grant.token.refresh);
  assert.equal(rotating.troubles.size, 0);
  sandbox.control.revokeUserToken({ user: ann });
  await assert.rejects(slack.unreact(place, ts, 'wave', ann), TryLater);
  assert.equal(rotating.troubles.size, 1);
});
