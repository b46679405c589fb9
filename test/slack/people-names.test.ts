import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slackUserId, teamId } from '../../src/ids.ts';
import { createPeopleNames } from '../../src/slack/people-names.ts';

const [team, other] = [teamId('T1'), teamId('T2')];
const ann = { team, id: slackUserId('U1'), name: 'Ann Öberg' };

test('a name that looks like a person’s is theirs, in their workspace', () => {
  const names = createPeopleNames([ann]);
  for (const name of ['Ann Öberg', 'ANN OBERG', 'Аnn Öberg', 'Ａｎｎ\u200B Öberg', 'ann.oberg'])
    assert.equal(names.has(team, name), true, name);
  assert.deepEqual(
    [names.has(other, ann.name), names.has(team, 'Ann'), names.has(team, '🎉')],
    [false, false, false],
  );
});

test('whoever is called something else now leaves their name to others', () => {
  const names = createPeopleNames();
  names.note(ann);
  names.note({ ...ann, id: slackUserId('U2') });
  names.note({ ...ann, name: 'Zoe' });
  assert.deepEqual([names.has(team, ann.name), names.has(team, 'zoe')], [true, true]);
  names.note({ ...ann, id: slackUserId('U2'), name: '🎉' });
  assert.equal(names.has(team, ann.name), false);
});

test('so many are remembered, the latest', () => {
  const names = createPeopleNames([], 2);
  for (const [index, name] of ['one', 'two', 'three'].entries())
    names.note({ team, id: slackUserId(`U${index}`), name });
  assert.deepEqual(
    ['one', 'two', 'three'].map((name) => names.has(team, name)),
    [false, true, true],
  );
});
