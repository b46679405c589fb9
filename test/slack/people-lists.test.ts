import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { Call } from '../../src/slack/calls.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { createPeopleAddresses } from '../../src/slack/people-addresses.ts';
import { createPeopleLists } from '../../src/slack/people-lists.ts';
import { createPeopleNames } from '../../src/slack/people-names.ts';
import { eventually } from '../matrix/support.ts';

const team = teamId('T1');

/** A workspace whose list has these pages; a page may be a failure. Ends with the test. */
function listed(pages: readonly (readonly Fields[] | Error)[], most?: number) {
  const calls: Call[] = [];
  const names = createPeopleNames([], most);
  const call = async (asked: Call): Promise<Fields> => {
    calls.push(asked);
    const at = Number(asked.args['cursor'] ?? 0);
    const page = pages[at];
    if (page instanceof Error) throw page;
    const next = at + 1 < pages.length ? String(at + 1) : '';
    return { members: page, response_metadata: { next_cursor: next } };
  };
  const addresses = createPeopleAddresses(true);
  const lists = createPeopleLists({ addresses, call, names, teams: [team], log: silentLogger });
  lists.begin();
  return { addresses, calls, names, stop: () => lists.stop() };
}

const person = (id: string, name: string, more: Fields = {}): Fields => ({
  id,
  name: name.toLowerCase(),
  profile: { display_name: name, real_name: `${name} Real` },
  ...more,
});

test('people and apps whom the bridge hasn’t met are known by all their names, page by page and in the background', async () => {
  const { calls, names, stop } = listed([
    [person('U1', 'Ann'), { broken: true }],
    [person('U2', 'Deploys', { is_bot: true })],
  ]);
  await eventually(() => names.ofAnybody(team, 'deploys'));
  stop();
  assert.ok(names.ofPerson(team, 'Ann') && names.ofPerson(team, 'ann real'));
  assert.equal(names.ofPerson(team, 'Deploys'), false);
  assert.deepEqual(
    calls.map(({ method, background, args }) => [method, background, args['cursor']]),
    [
      ['users.list', true, undefined],
      ['users.list', true, '1'],
    ],
  );
});

test('a workspace with too many people is read as far as there is room, and those who were met stay known', async () => {
  const { calls, names, stop } = listed(
    [[person('U1', 'Ann'), person('U2', 'Bob')], [person('U3', 'Zoe')]],
    2,
  );
  names.note({ team, id: slackUserId('U9'), name: 'Met' });
  await eventually(() => names.ofPerson(team, 'Ann'));
  stop();
  assert.equal(calls.length, 1);
  assert.ok(names.ofPerson(team, 'Met'));
});

for (const [what, failure] of [
  ['that can’t be read now', new TryLater('limited', { after: 60_000 })],
  ['that Slack won’t show', new CannotBridge('missing_scope', 'no')],
] as const)
  test(`a list ${what} stops nothing`, async () => {
    const { calls, names, stop } = listed([failure]);
    await eventually(() => calls.length === 1);
    stop();
    assert.equal(names.ofAnybody(team, 'Ann'), false);
  });

test('whose confirmed address one is, is known when all were read; not of guests from elsewhere, nor of two', async () => {
  const own = { team_id: 'T1', is_email_confirmed: true };
  const known = (id: string, email: string, more: Fields = {}) => ({
    id,
    ...own,
    profile: { email },
    ...more,
  });
  const { addresses, stop } = listed([
    [known('U1', 'Ann@Example.org'), known('U2', 'bob@example.org', { is_email_confirmed: false })],
    [
      known('U3', 'eve@example.org', { team_id: 'T2' }),
      known('U4', 'gone@example.org', { deleted: true }),
      known('U5', 'two@example.org'),
      known('U6', 'two@example.org'),
    ],
  ]);
  assert.equal(addresses.of(team), undefined);
  const find = await eventually(() => addresses.of(team));
  stop();
  assert.deepEqual(
    ['ann@example.org ', 'bob@example.org', 'eve@example.org', 'gone@example.org', 'two@example.org'].map(
      find,
    ),
    ['U1', undefined, undefined, undefined, undefined],
  );
  assert.equal(createPeopleAddresses(false).of(team), undefined);
});
