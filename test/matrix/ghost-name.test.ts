import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackProfile } from '../../src/events.ts';
import { botId, slackUserId, teamId } from '../../src/ids.ts';
import { ghostName } from '../../src/matrix/ghost-name.ts';
import { nameTemplate } from './support.ts';

const ann: SlackProfile = {
  team: teamId('T1'),
  id: slackUserId('U1'),
  name: 'Ann',
  bot: false,
  deactivated: false,
};
const deploys: SlackProfile = { ...ann, id: botId('B1'), name: 'Deploys', bot: true };

test('a ghost shows its name, people of other organisations theirs, who is gone that', () => {
  const names = nameTemplate();
  assert.equal(ghostName(names, ann), 'Ann');
  assert.equal(ghostName(names, { ...ann, organisation: 'Umbrella' }), 'Ann (Umbrella)');
  assert.equal(ghostName(names, { ...ann, deactivated: true }), 'Ann (deactivated)');
  assert.equal(ghostName(names, { ...ann, status: { emoji: '🌴' } }), 'Ann');
  assert.equal(ghostName(names, deploys), 'Deploys');
});

test('an app that is called like a person is marked, whatever the template says', () => {
  assert.equal(ghostName(nameTemplate(), { ...deploys, name: 'Ann', namesake: true }), 'Ann (app)');
  const marking = nameTemplate('{name}[ ({bot})]');
  assert.equal(ghostName(marking, { ...deploys, namesake: true }), 'Deploys (app)');
  assert.equal(ghostName(marking, deploys), 'Deploys (app)');
});

test('whatever people write in their profiles is cleaned, and nobody is nameless', () => {
  const names = nameTemplate('{name}[ {title}]');
  assert.equal(ghostName(names, { ...ann, name: 'A\u202Enn', title: 'line\nbreak' }), 'Ann line break');
  assert.equal(ghostName(names, { ...ann, name: '\u200B' }), 'U1');
  assert.equal(Array.from(ghostName(names, { ...ann, title: '🧑‍🚀'.repeat(300) })).length <= 250, true);
});
