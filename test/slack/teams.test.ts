import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { channelId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { CallSlack } from '../../src/slack/calls.ts';
import type { SlackAdapter } from '../../src/slack/start.ts';
import { startSlack } from '../../src/slack/start.ts';
import { createTeams } from '../../src/slack/teams.ts';
import { watchTokens } from '../../src/slack/token-watch.ts';
import {
  recordingIntake,
  rememberingTeams,
  settingsFor,
  startAdapter,
  startWorkspace,
  memoryEmoji,
} from './support/adapter.ts';
import type { Workspace } from './support/adapter.ts';
import { outgoing } from './support/channel.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

const open: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.stop();
});

async function twoWorkspaces(): Promise<{
  readonly first: Workspace;
  readonly second: ReturnType<Workspace['sandbox']['control']['createTeam']>;
  readonly slack: SlackAdapter;
  readonly intake: ReturnType<typeof recordingIntake>;
}> {
  const first = await startWorkspace();
  open.push(first.sandbox);
  const second = first.sandbox.control.createTeam({ name: 'Other' });
  const intake = recordingIntake();
  const teams = [first.app, second.app].map(({ botToken, appToken, signingSecret }) => ({
    botToken,
    appToken,
    signingSecret,
  }));
  const settings = settingsFor(first, { teams });
  const slack = await startSlack({
    settings,
    intake,
    knownTeams: rememberingTeams(),
    puppets: new MemoryTokens(),
    emojiStore: memoryEmoji(),
    log: silentLogger,
  });
  open.push(slack);
  await slack.listen();
  first.sandbox.control.giveUpEvents({});
  return { first, second, slack, intake };
}

test('each of two workspaces has its own app, its own connections and its own posts', async () => {
  const { first, second, slack, intake } = await twoWorkspaces();
  const { control } = first.sandbox;
  const bob = control.createUser({ team: second.team.id, name: 'bob' });
  const there = control.createChannel({ team: second.team.id, name: 'there', members: [bob.id] });
  const a = control.post({ channel: first.place.channel, user: first.user, text: 'here' });
  const b = control.post({ channel: there.id, user: bob.id, text: 'there' });
  const came = await intake.until(new RegExp(`^message:(?:${a.ts}|${b.ts})$`), 2);
  assert.deepEqual(Object.fromEntries(came.map(({ route }) => [route.channel, route.team])), {
    [first.place.channel]: first.place.team,
    [there.id]: second.team.id,
  });
  const place = { team: teamId(second.team.id), channel: channelId(there.id) };
  const posted = await slack.post(place, outgoing('from Matrix'));
  assert.equal((await slack.message(place, posted))?.app, second.app.id);
  assert.deepEqual(
    slack.health().map(({ ok, name }) => ({ ok, name })),
    [
      { ok: true, name: 'Example' },
      { ok: true, name: 'Other' },
    ],
  );
});

test('a workspace that says that its token is revoked is in trouble, until the token works again', async () => {
  const running = await startAdapter({ listen: true });
  open.push(running);
  const { sandbox, slack, intake, app } = running;
  sandbox.control.revokeTokens({ app: app.id });
  const [revoked] = await intake.until(/Ev/);
  assert.equal(slack.read(revoked?.payload ?? Buffer.of()).type, 'team');
  assert.equal(slack.health()[0]?.ok, false);
  sandbox.control.restoreTokens({ app: app.id });
  const deadline = Date.now() + 15_000;
  while (slack.health()[0]?.ok !== true) {
    assert.ok(Date.now() < deadline, 'the workspace stayed in trouble');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test('only a workspace in trouble is asked about, one question at a time', async () => {
  const asked: string[] = [];
  const answer = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  const running = await startAdapter();
  open.push(running);
  const [team] = running.slack.teams();
  assert.ok(team);
  const teams = createTeams([{ team, botToken: 'xoxb-1' }]);
  const call: CallSlack = ({ method }) => {
    asked.push(method);
    return answer.promise;
  };
  const watch = watchTokens(teams, call, silentLogger, 5);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(asked, []);
  teams.fails(team.id, 'revoked');
  await new Promise((resolve) => setTimeout(resolve, 50));
  watch.stop();
  answer.resolve({});
  assert.deepEqual(asked, ['auth.test']);
});

test('a workspace of which nothing was heard for a minute is asked, so that a lost token is noticed', async (t) => {
  const running = await startAdapter();
  open.push(running);
  const [team] = running.slack.teams();
  assert.ok(team);
  t.mock.timers.enable({ apis: ['Date', 'setInterval'] });
  const teams = createTeams([{ team, botToken: 'xoxb-1' }]);
  let asked = 0;
  const call: CallSlack = async () => {
    asked += 1;
    teams.works(team.id);
    return {};
  };
  const watch = watchTokens(teams, call, silentLogger);
  t.mock.timers.tick(50_000);
  teams.works(team.id); // another call went through
  t.mock.timers.tick(50_000);
  assert.equal(asked, 0);
  t.mock.timers.tick(20_000);
  watch.stop();
  assert.equal(asked, 1);
});

test('a workspace that leaves a call unanswered is away when it does not answer a question either', async () => {
  const running = await startAdapter();
  open.push(running);
  const [team] = running.slack.teams();
  assert.ok(team);
  const teams = createTeams([{ team, botToken: 'xoxb-1' }]);
  let reachable = false;
  const call: CallSlack = () => {
    if (!reachable) return Promise.reject(new TryLater('nobody answers'));
    teams.works(team.id);
    return Promise.resolve({});
  };
  const watch = watchTokens(teams, call, silentLogger, 5);
  const until = async (away: boolean): Promise<void> => {
    const deadline = Date.now() + 2000;
    while ((teams.awayBecause(team.id) !== undefined) !== away) {
      assert.ok(Date.now() < deadline, away ? 'it was not noticed' : 'its return was not noticed');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  teams.unanswered(team.id);
  assert.equal(teams.awayBecause(team.id), undefined);
  await until(true);
  assert.equal(teams.get(team.id)?.trouble, undefined);
  reachable = true;
  await until(false);
  watch.stop();
});

test('a workspace whose token was taken once and isn’t any more comes up in trouble; the others go on', async () => {
  const workspace = await startWorkspace();
  open.push(workspace.sandbox);
  const { control } = workspace.sandbox;
  const second = control.createTeam({ name: 'Other' });
  const apps = [workspace.app, second.app];
  const teams = apps.map(({ botToken, appToken, signingSecret }) => ({ botToken, appToken, signingSecret }));
  const settings = settingsFor(workspace, { teams });
  const knownTeams = rememberingTeams();
  const start = () =>
    startSlack({
      settings,
      intake: recordingIntake(),
      knownTeams,
      puppets: new MemoryTokens(),
      emojiStore: memoryEmoji(),
      log: silentLogger,
    });
  control.revokeTokens({ app: second.app.id });
  await assert.rejects(start(), /slack\.teams\[1\]\.bot_token \(token_revoked\)/, 'it was never taken');
  control.restoreTokens({ app: second.app.id });
  await start();
  control.revokeTokens({ app: second.app.id });
  const slack = await start();
  open.push(slack);
  assert.equal(slack.teams()[0]?.trouble, undefined);
  assert.match(String(slack.teams()[1]?.trouble), /revoked, or the app removed\. Install the app again/);
  await slack.listen();
  control.restoreTokens({ app: second.app.id });
  const deadline = Date.now() + 15_000;
  while (slack.teams()[1]?.trouble !== undefined && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(slack.teams()[1]?.trouble, undefined);
});
