import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { channelId, slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { plainText, textDoc } from '../../src/format/doc.ts';
import type { Installation, Installations } from '../../src/slack/ports.ts';
import type { SlackSettings } from '../../src/slack/settings.ts';
import { startSlack } from '../../src/slack/start.ts';
import { eventually } from '../support/bridge/eventually.ts';
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
  const listeners: (() => void)[] = [];
  let lock: Promise<unknown> = Promise.resolve();
  return {
    kept,
    all: () => Promise.resolve([...kept.values()]),
    save: async (team, token) => void kept.set(team, { team, token }),
    renew: (team, next) => {
      const work = lock.then(async () => {
        const stored = kept.get(team)?.token;
        const token = stored && (await next(stored));
        if (token) kept.set(team, { team, token });
        return token ?? stored;
      });
      lock = work.catch(() => undefined);
      return work;
    },
    touch: async () => {
      for (const listener of listeners) listener();
    },
    whenChanged: (listener) => void listeners.push(listener),
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
  const allowed = async (address: string, user: string, more: Readonly<Record<string, string>> = {}) => {
    const body = new URLSearchParams([
      ...new URL(address).searchParams,
      ...Object.entries(more),
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
    const { name, teams } = await slack.installing.finish(code, back);
    assert.equal(name, 'Other');
    const bot = teams[0]?.bot ?? assert.fail('no workspace');
    assert.equal(installations.kept.size, 1);
    assert.deepEqual(
      slack.health().map(({ name, ok }) => ({ name, ok })),
      [{ name: 'Other', ok: true }],
    );
    const channel = control.createChannel({ team: other.id, name: 'there', members: [zoe.id] });
    control.join({ channel: channel.id, user: bot });
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
  const { zoe, installations, connect, allowed } = await startTwo(context);
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
  assert.equal(installations.kept.size, 0);
});

test('a bot token that ends is renewed in time, once for several processes, and after a long time away', async (context) => {
  const { control, app, other, zoe, installations, connect, allowed } = await startTwo(context);
  await control.configureApp({ app: app.id, tokenLifeSeconds: 200 }); // all of it is the time before its end
  const { slack } = await connect({ teams: [] });
  await slack.installing.finish(await allowed(slack.installing.authorizeUrl('s', back), zoe.id), back);
  const id = teamId(other.id);
  const tokenNow = () => installations.kept.get(id)?.token ?? assert.fail('nothing is kept');
  const first = tokenNow();
  assert.ok(first.refresh !== undefined && first.expiresAt !== undefined);
  const { slack: second } = await connect({ teams: [] });
  assert.notEqual(tokenNow().access, first.access, 'renewed at the start');
  await control.configureApp({ app: app.id, tokenLifeSeconds: 3600 });
  const before = renewalsIn(control);
  const ask = (slacks: readonly (typeof slack)[]) =>
    Promise.all(
      slacks.map((each) => each.otherBridges({ team: id, channel: channelId('C0') }).catch(() => [])),
    );
  await ask([slack, second, slack, second]);
  const lasting = tokenNow();
  assert.ok((lasting.expiresAt ?? 0) > Date.now() + 3_000_000);
  assert.equal(renewalsIn(control), before + 1);
  await ask([slack, second]);
  assert.equal(tokenNow(), lasting);
  assert.deepEqual([slack.team(id)?.trouble, second.team(id)?.trouble], [undefined, undefined]);
});

function renewalsIn(control: Awaited<ReturnType<typeof startTwo>>['control']): number {
  const calls = control.log({ kind: 'api', limit: 1000 }).filter(({ name }) => name === 'oauth.v2.access');
  return calls.filter((call) => JSON.stringify(call).includes('"grant_type":"refresh_token"')).length;
}

test('a token that ended early is replaced, and the workspace goes on', async (context) => {
  const { control, app, other, zoe, installations, connect, allowed } = await startTwo(context);
  await control.configureApp({ app: app.id, tokenLifeSeconds: 3600 });
  const { slack } = await connect({ teams: [] });
  await slack.installing.finish(await allowed(slack.installing.authorizeUrl('s', back), zoe.id), back);
  const id = teamId(other.id);
  const before = installations.kept.get(id)?.token.access;
  control.addFault({
    on: 'api',
    match: { method: 'conversations.list', count: 1 },
    fault: { type: 'slack_error', error: 'token_expired', applied: false },
  });
  await assert.rejects(slack.listChannels(id), { name: 'TryLater' });
  assert.notEqual(installations.kept.get(id)?.token.access, before);
  assert.equal(slack.team(id)?.trouble, undefined);
  assert.equal((await slack.listChannels(id)).length, 1);
});

test('an app that is installed for an organisation is used in its workspaces, as they come and go', async (context) => {
  const { control, app, other, zoe, installations, connect, allowed, ...world } = await startTwo(context);
  const third = control.createWorkspace({ name: 'Third' });
  const yan = control.createUser({ team: third.id, name: 'yan' });
  const { id: organisation } = control.createOrganisation({ name: 'Umbrella', teams: [other.id, third.id] });
  const { slack, intake } = await connect();
  installations.whenChanged(() => void slack.installing.catchUp({ fresh: true }));
  const address = slack.installing.authorizeUrl('s', back);
  const installed = await slack.installing.finish(
    await allowed(address, zoe.id, { organisation: 'all' }),
    back,
  );
  assert.deepEqual(
    { ...installed, teams: installed.teams.map(({ name }) => name) },
    { id: organisation, name: 'Umbrella', teams: ['Other'] },
  );
  const { bot } = installed.teams[0] ?? assert.fail('no workspace');
  const names = (adapter = slack) => adapter.teams().map((team) => `${team.name}${team.trouble ? ' !' : ''}`);
  assert.deepEqual(names(), ['Example', 'Other']);

  control.grantAccess({ app: app.id, team: third.id });
  await eventually(
    () => names().length === 3,
    () => JSON.stringify(slack.health()),
  );
  const told = [];
  for (const [team, user] of [
    [other, zoe],
    [third, yan],
  ] as const) {
    const { id } = control.createChannel({
      team: team.id,
      name: `in-${team.name}`.toLowerCase(),
      members: [user.id],
    });
    control.join({ channel: id, user: bot });
    const { ts } = control.post({ channel: id, user: user.id, text: `from ${team.name}` });
    const [delivery] = await intake.until(new RegExp(`^message:${ts}$`));
    const event = slack.read(delivery?.payload ?? Buffer.of());
    told.push(event.type === 'message' && [event.team, plainText(event.text), slack.isOurs(event)]);
    const place = { team: teamId(team.id), channel: channelId(id) };
    await slack.post(place, { text: textDoc('hello'), emote: false, opKey: `k-${team.name}` });
    assert.equal(control.messages({ channel: id }).at(-1)?.text, 'hello');
    const listed = (await slack.listChannels(place.team)).map(({ name }) => name);
    assert.ok(listed.includes(`in-${team.name}`.toLowerCase()), String(listed));
    assert.equal((await slack.profile(place.team, slackUserId(user.id))).name, user.name);
  }
  assert.deepEqual(told, [
    [other.id, 'from Other', false],
    [third.id, 'from Third', false],
  ]);

  control.revokeAccess({ app: app.id, team: third.id });
  await eventually(
    () => names().includes('Third !'),
    () => JSON.stringify(slack.health()),
  );
  assert.match(slack.team(teamId(third.id))?.trouble ?? '', /organisation/);
  const { slack: later } = await connect();
  assert.deepEqual(names(later), ['Example', 'Other']);
  control.grantAccess({ app: app.id, team: third.id });
  await eventually(
    () => names().join() === 'Example,Other,Third',
    () => JSON.stringify(slack.health()),
  );
  assert.equal(world.place.team, slack.teams()[0]?.id);
});

test('an organisation’s workspaces are there after a start at which Slack can not be asked, and one that is installed by itself stays so', async (context) => {
  const { control, app, other, zoe, installations, connect, allowed } = await startTwo(context);
  control.createOrganisation({ name: 'Umbrella', teams: [other.id] });
  const { slack } = await connect({ teams: [] });
  const install = async (more: Readonly<Record<string, string>>) =>
    slack.installing.finish(await allowed(slack.installing.authorizeUrl('s', back), zoe.id, more), back);
  await install({ organisation: 'all' });
  control.addFault({
    on: 'api',
    match: { count: 4 },
    fault: { type: 'http_error', status: 503, applied: false },
  });
  const { slack: later } = await connect({ teams: [] });
  assert.deepEqual(
    later.teams().map(({ name }) => name),
    ['Other'],
  );
  await eventually(
    () => later.health()[0]?.ok === true,
    () => JSON.stringify(slack.health()),
  );
  control.uninstallApp({ app: app.id, team: other.id });
  await control.idle({});
  await assert.rejects(slack.listChannels(teamId(other.id)));
  assert.match(slack.team(teamId(other.id))?.trouble ?? '', /Install|removed/);
  await install({ organisation: 'all' });
  assert.equal(slack.team(teamId(other.id))?.trouble, undefined);
  assert.equal(installations.kept.size, 1);
});
