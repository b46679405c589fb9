import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { channelId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { plainText } from '../../src/format/doc.ts';
import { createInstalling } from '../../src/slack/installing.ts';
import type { Installation, Installations } from '../../src/slack/ports.ts';
import type { SlackSettings } from '../../src/slack/settings.ts';
import { startSlack } from '../../src/slack/start.ts';
import { createTeams } from '../../src/slack/teams.ts';
import { freePort } from '../support/ports.ts';
import {
  memoryEmoji,
  recordingIntake,
  rememberingTeams,
  settingsFor,
  startWorkspace,
} from './support/adapter.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

const back = 'https://bridge.example/login/callback';

/** Kept by several adapters, as by several processes. */
function memoryInstallations(): Installations & { readonly kept: Map<string, Installation> } {
  const kept = new Map<string, Installation>();
  return {
    kept,
    all: () => Promise.resolve([...kept.values()]),
    save: async (team, botToken) => void kept.set(team, { team, botToken }),
    whenChanged: () => undefined,
  };
}

/** A workspace whose app is configured, and another one that could install it. `connect` starts an adapter. */
async function startTwo(context: TestContext, transport: 'socket' | 'http' = 'socket') {
  const workspace = await startWorkspace();
  const ends: (() => Promise<void>)[] = [() => workspace.sandbox.stop()];
  context.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const { control, authorizeUrl } = workspace.sandbox;
  const { id: appId, clientId, clientSecret, appToken, signingSecret } = workspace.app;
  await control.configureApp({ app: appId, distributed: true, redirectUrls: [back] });
  const other = control.createWorkspace({ name: 'Other' });
  const zoe = control.createUser({ team: other.id, name: 'zoe' });
  const installations = memoryInstallations();
  const known = rememberingTeams();
  const connect = async (changes: Partial<SlackSettings> = {}) => {
    const intake = recordingIntake();
    const port = transport === 'http' ? await freePort() : 0;
    const slack = await startSlack({
      settings: settingsFor(workspace, {
        transport,
        http: { host: '127.0.0.1', port, path: '/slack/events' },
        authorizeUrl,
        app: { client: { id: clientId, secret: clientSecret }, appToken, signingSecret },
        ...changes,
      }),
      intake,
      installations,
      knownTeams: known,
      puppets: new MemoryTokens(),
      emojiStore: memoryEmoji(),
      log: silentLogger,
    });
    await slack.listen();
    ends.push(() => slack.stop());
    if (transport === 'http')
      await control.configureApp({ app: appId, requestUrl: `http://127.0.0.1:${port}/slack/events` });
    return { slack, intake };
  };
  /** What a browser brings back when this person allows it. */
  const allowed = async (address: string, user: string): Promise<string> => {
    const body = new URLSearchParams([
      ...new URL(address).searchParams,
      ['user', user],
      ['decision', 'allow'],
    ]);
    const answer = await fetch(authorizeUrl, { method: 'POST', body, redirect: 'manual' });
    return new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  };
  return { ...workspace, control, other, zoe, installations, known, connect, allowed };
}

for (const transport of ['socket', 'http'] as const)
  test(`a workspace in which the app is installed is used at once, over ${transport}`, async (context) => {
    const { control, other, zoe, installations, connect, allowed } = await startTwo(context, transport);
    const { slack, intake } = await connect({ teams: [] });
    assert.deepEqual(slack.teams(), []);
    const code = await allowed(slack.installing.authorizeUrl('s', back), zoe.id);
    const team = await slack.installing.finish(code, back);
    assert.equal(team.name, 'Other');
    assert.equal(installations.kept.size, 1);
    assert.deepEqual(
      slack.health().map(({ name, ok }) => ({ name, ok })),
      [{ name: 'Other', ok: true }],
    );
    const channel = control.createChannel({ team: other.id, name: 'there', members: [zoe.id] });
    control.join({ channel: channel.id, user: team.bot });
    const { ts } = control.post({ channel: channel.id, user: zoe.id, text: 'from there' });
    const [delivery] = await intake.until(new RegExp(`^message:${ts}$`));
    assert.equal(delivery?.route.team, other.id);
    const event = slack.read(delivery.payload);
    assert.ok(event.type === 'message');
    assert.equal(plainText(event.text), 'from there');
    const id = channelId(channel.id);
    assert.equal((await slack.channel(teamId(other.id), id))?.name, 'there');
  });

test('an installed workspace is there after a restart, and in other processes', async (context) => {
  const { zoe, connect, allowed } = await startTwo(context);
  const { slack } = await connect();
  const { slack: second } = await connect();
  await slack.installing.finish(await allowed(slack.installing.authorizeUrl('s', back), zoe.id), back);
  const names = (adapter: typeof slack) =>
    adapter.teams().map(({ name, trouble }) => `${name} ${trouble ?? 'well'}`);
  assert.deepEqual(names(slack), ['Example well', 'Other well']);
  assert.deepEqual(names(second), ['Example well']);
  await second.installing.catchUp();
  assert.deepEqual(names(second), ['Example well', 'Other well']);
  const { slack: third } = await connect();
  assert.deepEqual(names(third), ['Example well', 'Other well']);
});

test('a workspace that removed the app wakes when it is installed again', async (context) => {
  const { control, app, other, zoe, connect, allowed } = await startTwo(context);
  const { slack, intake } = await connect({ teams: [] });
  const install = async () =>
    slack.installing.finish(await allowed(slack.installing.authorizeUrl('s', back), zoe.id), back);
  await install();
  control.uninstallApp({ app: app.id, team: other.id });
  await control.idle({});
  const told = intake.deliveries.find(({ payload }) => payload.includes('app_uninstalled'));
  slack.read(told?.payload ?? Buffer.of());
  assert.match(slack.team(teamId(other.id))?.trouble ?? '', /removed/);
  const { slack: later } = await connect({ teams: [] });
  assert.match(later.team(teamId(other.id))?.trouble ?? '', /revoked, or the app removed/);
  await install();
  assert.equal(slack.team(teamId(other.id))?.trouble, undefined);
  await later.installing.catchUp();
  assert.equal(later.team(teamId(other.id))?.trouble, undefined);
});

test('a configured workspace whose token is gone is used as it was installed', async (context) => {
  const { control, app, user, connect, allowed } = await startTwo(context);
  const { slack } = await connect();
  control.uninstallApp({ app: app.id });
  await slack.installing.finish(await allowed(slack.installing.authorizeUrl('s', back), user), back);
  assert.equal(slack.teams().length, 1);
  const { slack: later } = await connect();
  assert.deepEqual(
    later.teams().map(({ name, trouble }) => ({ name, trouble })),
    [{ name: 'Example', trouble: undefined }],
  );
});

test('what the bridge can’t use is refused', async (context) => {
  const { control, app, zoe, installations, connect, allowed } = await startTwo(context);
  const { slack } = await connect();
  const reasonOf = async (code: Promise<string>): Promise<unknown> =>
    slack.installing.finish(await code, back).then(
      () => 'none',
      (error: unknown) => (error instanceof Error && 'reason' in error ? error.reason : error),
    );
  assert.equal(await reasonOf(Promise.resolve('nonsense')), 'invalid_code');
  const address = new URL(slack.installing.authorizeUrl('s', back));
  address.searchParams.set('scope', 'chat:write');
  assert.equal(await reasonOf(allowed(address.href, zoe.id)), 'lacking');
  await control.configureApp({ app: app.id, tokenLifeSeconds: 600 });
  assert.equal(await reasonOf(allowed(slack.installing.authorizeUrl('s', back), zoe.id)), 'rotating');
  assert.equal(installations.kept.size, 0);
});

test('an installation for a whole organisation is refused, and nothing is kept', async (context) => {
  const server = createServer((_request, response) => {
    const enterprise = { id: 'E1', name: 'Starship' };
    const answer = { ok: true, access_token: 'xoxb-1', token_type: 'bot', team: null, enterprise };
    response.end(JSON.stringify({ ...answer, is_enterprise_install: true }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens
  const installations = memoryInstallations();
  const installing = createInstalling({
    settings: { apiUrl: `http://127.0.0.1:${port}/api/`, app: { client: { id: '1.2', secret: 's' } } },
    teams: createTeams([]),
    known: rememberingTeams(),
    installations,
    joined: () => assert.fail('nothing is used'),
    log: silentLogger,
  });
  await assert.rejects(installing.finish('code', back), { name: 'CannotBridge', reason: 'organisation' });
  assert.equal(installations.kept.size, 0);
});
