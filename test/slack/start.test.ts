import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { CannotStart } from '../../src/errors.ts';
import { silentLogger } from '../../src/log.ts';
import { startSlack } from '../../src/slack/start.ts';
import type { SlackSettings } from '../../src/slack/settings.ts';
import { freePort } from '../support/ports.ts';
import {
  memoryEmoji,
  recordingIntake,
  rememberingTeams,
  settingsFor,
  startWorkspace,
} from './support/adapter.ts';
import type { Workspace } from './support/adapter.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

let workspace: Workspace;
beforeEach(async () => {
  workspace = await startWorkspace();
});
afterEach(() => workspace.sandbox.stop());

function start(changes: Partial<SlackSettings> = {}, knownTeams = rememberingTeams()) {
  const settings = settingsFor(workspace, changes);
  return startSlack({
    settings,
    intake: recordingIntake(),
    knownTeams,
    puppets: new MemoryTokens(),
    emojiStore: memoryEmoji(),
    log: silentLogger,
  });
}

async function refusesWith(changes: Partial<SlackSettings>, words: RegExp): Promise<void> {
  await assert.rejects(start(changes), (error) => {
    assert.ok(error instanceof CannotStart);
    assert.match(error.message, words);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
}

test('a workspace is known with its name, address, bot and app', async () => {
  const slack = await start();
  const { app, place } = workspace;
  assert.deepEqual(slack.teams(), [
    {
      id: place.team,
      name: 'Example',
      url: 'https://example.slack.com/',
      appId: app.id,
      bot: app.botUserId,
      botId: app.botId,
    },
  ]);
});

test('a wrong bot token is named with its place and where to get a right one', async () => {
  await refusesWith(
    { teams: [{ botToken: 'xoxb-wrong', appToken: workspace.app.appToken }] },
    /slack\.teams\[0\]\.bot_token \(invalid_auth\).*OAuth & Permissions/,
  );
});

test('an app token in the place of a bot token is refused', async () => {
  const { appToken } = workspace.app;
  await refusesWith({ teams: [{ botToken: appToken, appToken }] }, /slack\.teams\[0\]\.bot_token/);
});

test('missing permissions are named', async () => {
  const { sandbox, app } = workspace;
  const scopes = app.scopes.filter((scope) => scope !== 'reactions:write' && scope !== 'users:read');
  await sandbox.control.configureApp({ app: app.id, scopes });
  await refusesWith({}, /lacks the permissions reactions:write, users:read/);
});

test('the same workspace twice is refused', async () => {
  const { botToken, appToken } = workspace.app;
  const entry = { botToken, appToken };
  await refusesWith(
    { teams: [entry, entry] },
    /slack\.teams\[0\] and slack\.teams\[1\] are the same workspace, Example/,
  );
});

test('without a workspace, an app token or a signing secret there is nothing to start', async () => {
  const { botToken } = workspace.app;
  await refusesWith({ teams: [] }, /slack\.teams is empty/);
  await refusesWith({ teams: [{ botToken }] }, /slack\.app_token is missing/);
  await refusesWith({ teams: [{ botToken }], transport: 'http' }, /slack\.signing_secret is missing/);
});

test('an address where nobody answers is named', { timeout: 30_000 }, async () => {
  const apiUrl = `http://127.0.0.1:${await freePort()}/api/`;
  await refusesWith({ apiUrl }, new RegExp(`can't be reached at ${apiUrl}.*ECONNREFUSED.*slack\\.api_url`));
});

test(
  'a workspace that worked before comes up when nobody answers, and says so',
  { timeout: 30_000 },
  async () => {
    const known = rememberingTeams();
    const before = await start({}, known);
    const away = await start({ apiUrl: `http://127.0.0.1:${await freePort()}/api/` }, known);
    assert.deepEqual(away.teams(), before.teams());
    const [health] = away.health();
    assert.equal(health?.ok, false);
    assert.match(health.trouble ?? '', /Slack can’t be reached/);
    assert.equal(before.health()[0]?.ok, true);
  },
);

test('a wrong app token stops the start, with where to get a right one', async () => {
  const { botToken } = workspace.app;
  const slack = await start({ teams: [{ botToken, appToken: 'xapp-wrong' }] });
  await assert.rejects(slack.listen(), (error) => {
    assert.ok(error instanceof CannotStart);
    assert.match(error.message, /slack\.app_token \(invalid_auth\).*connections:write/);
    return true;
  });
});

test('a port that is taken is named', async () => {
  const { sandbox } = workspace;
  const slack = await start({
    transport: 'http',
    http: { host: '127.0.0.1', port: sandbox.port, path: '/slack/events' },
  });
  await assert.rejects(slack.listen(), (error) => {
    assert.ok(error instanceof CannotStart);
    assert.match(error.message, new RegExp(`port ${sandbox.port} \\(EADDRINUSE\\)`));
    return true;
  });
});
