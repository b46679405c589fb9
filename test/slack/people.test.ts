import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import { botId, slackUserId, teamId } from '../../src/ids.ts';
import type { Call } from '../../src/slack/calls.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { createOrganisationNames } from '../../src/slack/organisations.ts';
import { createPeopleNames } from '../../src/slack/people-names.ts';
import { userProfile } from '../../src/slack/profile.ts';
import type { Teams } from '../../src/slack/teams.ts';
import { createUsers } from '../../src/slack/users.ts';

const team = teamId('T1');
const umbrella = teamId('T2');

/** Slack, which answers so. */
function usersOf(answers: Readonly<Record<string, Fields | Error>>) {
  const calls: Call[] = [];
  const call = async (asked: Call): Promise<Fields> => {
    calls.push(asked);
    const answer = answers[asked.method];
    if (answer === undefined || answer instanceof Error)
      throw answer ?? new CannotBridge('unknown_method', '');
    return answer;
  };
  const teams = { get: () => undefined } as unknown as Teams; // nothing else is asked
  const names = createPeopleNames();
  const users = createUsers({ call, names, organisation: createOrganisationNames(call, teams) });
  return { calls, names, users };
}

test('a profile has what Slack tells of a person, unescaped', () => {
  const profile = userProfile(team, {
    id: 'U1',
    team_id: 'T1',
    name: 'ann',
    tz: 'America/Argentina/Ushuaia',
    profile: {
      display_name: 'Ann',
      real_name: 'Ann Archer',
      title: 'R&amp;D &lt;3',
      pronouns: 'they/them',
      status_emoji: ':wave::skin-tone-3:',
      status_text: 'back at &gt; 5',
    },
  });
  const { team: _team, id: _id, bot: _bot, deactivated: _deactivated, ...shown } = profile;
  assert.deepEqual(shown, {
    name: 'Ann',
    realName: 'Ann Archer',
    username: 'ann',
    title: 'R&D <3',
    pronouns: 'they/them',
    timezone: 'America/Argentina/Ushuaia',
    status: { emoji: '👋🏼', text: 'back at > 5' },
  });
});

test('what isn’t said, or can’t be shown, is absent', () => {
  const profile = userProfile(team, {
    id: 'U1',
    name: 'ann',
    tz: '../../etc',
    profile: { title: '', pronouns: '\u200B', status_emoji: ':own-emoji:', status_text: '' },
  });
  assert.deepEqual(Object.keys(profile).toSorted(), ['bot', 'deactivated', 'id', 'name', 'team', 'username']);
});

test('somebody of another organisation has its name, which is asked for once', async () => {
  const { calls, users } = usersOf({
    'users.info': { user: { id: 'U1', team_id: umbrella, name: 'eve' } },
    'team.info': { team: { id: umbrella, name: 'Umbrella\u202E' } },
  });
  assert.equal((await users.profile(team, slackUserId('U1'))).organisation, 'Umbrella');
  const told = userProfile(team, { id: 'U1', team_id: umbrella, name: 'eva' });
  assert.deepEqual(await users.profileChanged(told), { ...told, organisation: 'Umbrella' });
  assert.deepEqual(
    calls.map(({ method, args }) => [method, args]),
    [
      ['users.info', { user: 'U1' }],
      ['team.info', { team: umbrella }],
    ],
  );
});

test('an organisation that Slack doesn’t name is external', async () => {
  for (const answer of [
    new CannotBridge('missing_scope', ''),
    { team: { id: team, name: 'Ours' } },
    { team: { id: umbrella, name: '\u200B' } },
  ]) {
    const { users } = usersOf({
      'users.info': { user: { id: 'U1', team_id: umbrella } },
      'team.info': answer,
    });
    assert.equal((await users.profile(team, slackUserId('U1'))).organisation, 'external');
  }
});

test('people of one’s own organisation’s other workspaces are no strangers', () => {
  const user = { id: 'U1', team_id: umbrella, name: 'ann', enterprise_user: { teams: [umbrella, team] } };
  assert.equal(userProfile(team, user).home, undefined);
});

test('an app that is called like a person is known as that', async () => {
  const { names, users } = usersOf({ 'bots.info': { bot: { id: 'B1', name: 'Αnn' } } });
  names.note({ team, id: slackUserId('U1'), name: 'Ann' });
  assert.equal((await users.profile(team, botId('B1'))).namesake, true);
});
