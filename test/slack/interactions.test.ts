import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { appId, slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { isFields } from '../../src/slack/fields.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { createInteractions } from '../../src/slack/interactions.ts';
import type { AnswerMatrix } from '../../src/slack/interactions.ts';
import { createTeams } from '../../src/slack/teams.ts';
import { changeJson, jsonChanges } from '../fuzz/change-json.ts';

const about = { name: 'Acme', url: 'https://acme.slack.com/', botId: 'B1' };
const team = { ...about, id: teamId('T1'), appId: appId('A1'), bot: slackUserId('UBOT') };
const teams = createTeams([{ team, botToken: 'xoxb-1' }]);

/** Answers, and what was warned of. */
async function answering() {
  const warnings: unknown[] = [];
  const warn = (text: string, fields?: object): void => {
    if (text.includes('could not be answered')) warnings.push(fields);
  };
  const log = { ...silentLogger, warn };
  const matrix: AnswerMatrix = async (...asked) => `${asked.join(' ')}!`;
  return { warnings, answer: createInteractions(teams, 'http://127.0.0.1:9/api/', log, matrix) };
}

const who = { team: { id: 'T1' }, user: { id: 'U1' }, api_app_id: 'A1' };
const bodies: readonly Fields[] = [
  { command: '/bridge', text: '', team_id: 'T1', user_id: 'U1', channel_id: 'C1', api_app_id: 'A1' },
  {
    ...who,
    type: 'block_actions',
    channel: { id: 'C1' },
    actions: [{ type: 'button', action_id: 'a', block_id: 'b' }],
  },
  { ...who, type: 'view_submission', view: { callback_id: 'c', id: 'V1' } },
  { ...who, type: 'shortcut', callback_id: 'c' },
  { ...who, type: 'message_action', callback_id: 'c', channel: { id: 'C1' } },
  { ...who, type: 'block_suggestion', action_id: 'a', block_id: 'b', value: 'x' },
];

test('a command gets an answer in words, options are none, the rest is acknowledged', async () => {
  const { answer, warnings } = await answering();
  const answers = await Promise.all(bodies.map(answer));
  assert.match(JSON.stringify(answers[0]), /takes its commands in Matrix/);
  assert.deepEqual(answers.slice(1), [undefined, undefined, undefined, undefined, { options: [] }]);
  assert.deepEqual(warnings, []);
});

test('the command /matrix is answered for its team, its person and what they wrote, for their eyes only', async () => {
  const { answer, warnings } = await answering();
  const given = { command: '/matrix', text: 'login', team_id: 'T1', user_id: 'U1', api_app_id: 'A1' };
  assert.deepEqual(await answer(given), { response_type: 'ephemeral', text: 'T1 U1 login!' });
  const nobody = await answer({ ...given, user_id: '../U1' });
  assert.match(JSON.stringify(nobody), /takes its commands in Matrix/);
  assert.deepEqual(warnings, []);
});

test('a body of another shape is acknowledged, and Bolt doesn’t stumble over it', async () => {
  const { answer, warnings } = await answering();
  const strange: readonly Fields[] = [
    { ...who, type: 'block_actions', actions: [{ type: 'button', action_id: 7, block_id: 'b' }] },
    { ...who, type: 'block_actions', actions: [] },
    { ...who, type: 'event_callback', event: '{"type":"link_shared"}' },
  ];
  for (const body of strange) assert.equal(await answer(body), undefined);
  const changed = fc
    .tuple(fc.constantFrom(...bodies), jsonChanges)
    .map(([body, change]) => changeJson(body, change, bodies));
  for (const body of fc.sample(changed, { numRuns: 400, seed: 1 }))
    if (isFields(body)) await answer({ ...body, team: { id: 'T1' }, team_id: 'T1' }); // the intake has seen to that
  assert.deepEqual(warnings, []);
});
