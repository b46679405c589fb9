import assert from 'node:assert/strict';
import { test } from 'node:test';
import { botId, slackUserId, teamId } from '../../src/ids.ts';
import { createPeopleNames } from '../../src/slack/people-names.ts';

const [team, other] = [teamId('T1'), teamId('T2')];
const ann = { team, id: slackUserId('U1'), name: 'Ann Öberg' };

test('a name that looks like a person’s is theirs, in their workspace', () => {
  const names = createPeopleNames([ann]);
  for (const name of ['Ann Öberg', 'ANN OBERG', 'Аnn Öberg', 'Ａｎｎ\u200B Öberg', 'ann.oberg'])
    assert.equal(names.ofPerson(team, name), true, name);
  assert.deepEqual(
    [names.ofPerson(other, ann.name), names.ofPerson(team, 'Ann'), names.ofPerson(team, '🎉')],
    [false, false, false],
  );
});

test('nobody passes for an app, for Slack itself, by somebody’s other name, or with words behind it', () => {
  const names = createPeopleNames([
    { ...ann, otherNames: ['Ann-Marie Öberg'] },
    { team, id: botId('B1'), name: 'Deploys', bot: true },
  ]);
  for (const name of [
    'Ann-Marie Oberg',
    'Ann Öberg (admin)',
    'Ann Öberg [Slack]',
    'Ann Öberg | Acme',
    '(Ann Öberg)',
    'Deploys',
    'ꓢlackbоt',
    'SLACK',
  ])
    assert.equal(names.ofAnybody(team, name), true, name);
  for (const name of ['Marie', 'Deploy', 'Slacker', '(admin)'])
    assert.equal(names.ofAnybody(team, name), false, name);
  assert.equal(names.ofPerson(team, 'Deploys'), false);
});

test('whoever is called something else now leaves their name to others', () => {
  const names = createPeopleNames();
  names.note(ann);
  names.note({ ...ann, id: slackUserId('U2') });
  names.note({ ...ann, name: 'Zoe' });
  assert.deepEqual([names.ofPerson(team, ann.name), names.ofPerson(team, 'zoe')], [true, true]);
  names.note({ ...ann, id: slackUserId('U2'), name: '🎉' });
  assert.equal(names.ofPerson(team, ann.name), false);
});

test('so many are remembered, the latest; those that nobody met take nobody’s place', () => {
  const names = createPeopleNames([], 2);
  for (const [index, name] of ['one', 'two', 'three'].entries())
    names.note({ team, id: slackUserId(`U${index}`), name });
  assert.equal(names.noteUnmet({ team, id: slackUserId('U9'), name: 'four' }), false);
  assert.equal(names.noteUnmet({ team, id: slackUserId('U2'), name: 'zwei' }), false);
  assert.deepEqual(
    ['one', 'two', 'three', 'four', 'zwei'].map((name) => names.ofPerson(team, name)),
    [false, true, false, false, true],
  );
});
