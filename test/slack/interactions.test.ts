import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { textDoc } from '../../src/format/doc.ts';
import type { Doc } from '../../src/format/doc.ts';
import { appId, slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { isFields } from '../../src/slack/fields.ts';
import type { Fields } from '../../src/slack/fields.ts';
import { createInteractions } from '../../src/slack/interactions.ts';
import type { AnswerMatrix, SlashAnswer, SlashCommand } from '../../src/slack/slash-commands.ts';
import { answerSlash } from '../../src/slack/slash-commands.ts';
import type { ShortcutUse } from '../../src/slack/message-shortcuts.ts';
import { createRespond } from '../../src/slack/response-url.ts';
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
  const commands: SlashCommand[] = [];
  const uses: ShortcutUse[] = [];
  const responses: string[] = [];
  const answer: AnswerMatrix = async (command) => {
    commands.push(command);
    return textDoc(`${command.text}!`);
  };
  const seen = new Set<string>();
  const slash = {
    answer,
    firstTime: async (fact: string) => !seen.has(fact) && seen.add(fact).size > 0,
    respond: async (url: string, said: object) => void responses.push(`${url} ${JSON.stringify(said)}`),
    log,
  };
  return {
    warnings,
    commands,
    uses,
    responses,
    slash,
    answer: createInteractions(teams, 'http://127.0.0.1:9/api/', log, {
      slash: (body) => answerSlash(slash, body),
      shortcuts: {
        answer: async (use) => (uses.push(use), textDoc(`${use.shortcut}!`)),
        respond: slash.respond,
        log,
      },
    }),
  };
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
  assert.match(JSON.stringify(answers[0]), /knows the command `\/matrix` only/);
  assert.deepEqual(answers.slice(1), [undefined, undefined, undefined, undefined, { options: [] }]);
  assert.deepEqual(warnings, []);
});

const given = {
  command: '/matrix',
  text: 'login',
  team_id: 'T1',
  user_id: 'U1',
  channel_id: 'C1',
  channel_name: 'general',
  trigger_id: '1.2.abc',
  response_url: 'https://hooks.slack.com/commands/T1/2/abc',
  api_app_id: 'A1',
};

test('the command /matrix is answered for its team, its person and its channel, for their eyes only', async () => {
  const { answer, warnings, commands } = await answering();
  const said = await answer(given);
  assert.deepEqual(said, {
    response_type: 'ephemeral',
    text: 'login!',
    blocks: [
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'login!' }] }],
      },
    ],
  });
  assert.deepEqual(commands, [
    {
      team: 'T1',
      user: 'U1',
      channel: 'C1',
      channelName: 'general',
      text: 'login',
      fact: 'slash:T1:1.2.abc',
    },
  ]);
  assert.match(JSON.stringify(await answer({ ...given, user_id: '../U1' })), /can’t be read/);
  assert.deepEqual(warnings, []);
});

const shortcut = {
  ...who,
  type: 'message_action',
  callback_id: 'matrix_copy_link',
  trigger_id: '1.2.def',
  response_url: 'https://hooks.slack.com/app/T1/2/abc',
  channel: { id: 'C1' },
  message_ts: '1700000001.000100',
  message: { user: 'U1', ts: '1700000001.000100' },
};

test('a shortcut of a message is acknowledged, and answered by its address for one person’s eyes', async () => {
  const { answer, uses, responses } = await answering();
  assert.equal(await answer(shortcut), undefined);
  while (responses.length === 0) await sleep(1);
  assert.match(
    responses[0] ?? '',
    /^https:\/\/hooks\.slack\.com\/app\/T1\/2\/abc .*"ephemeral".*"matrix_copy_link!"/,
  );
  assert.deepEqual(uses, [
    {
      shortcut: 'matrix_copy_link',
      team: 'T1',
      user: 'U1',
      channel: 'C1',
      ts: '1700000001.000100',
      own: true,
      fact: 'shortcut:T1:1.2.def',
    },
  ]);
});

test('a shortcut of others, or of another shape, is only acknowledged', async () => {
  const { answer, uses, responses } = await answering();
  const strange: readonly Fields[] = [
    { ...shortcut, callback_id: 'quote' },
    { ...shortcut, message_ts: '1; drop' },
    { ...shortcut, response_url: 7 },
    { ...shortcut, channel: { id: '../C1' } },
  ];
  for (const body of strange) assert.equal(await answer(body), undefined);
  await sleep(5);
  assert.deepEqual([uses, responses], [[], []]);
});

test('a command that comes again runs once, and is only acknowledged', async () => {
  const { answer, commands } = await answering();
  await answer(given);
  assert.equal(await answer(given), undefined);
  assert.equal(commands.length, 1);
});

test('what takes longer than two seconds is acknowledged, and answered by the address that came with it', async () => {
  const { slash, responses } = await answering();
  const said = Promise.withResolvers<Doc>();
  const slow = { ...slash, answer: () => said.promise };
  const first = await answerSlash(slow, given);
  assert.match(first?.text ?? '', /I am at it/);
  assert.deepEqual(responses, []);
  said.resolve(textDoc('at last'));
  while (responses.length === 0) await sleep(1);
  assert.match(responses[0] ?? '', /^https:\/\/hooks\.slack\.com\/commands\/T1\/2\/abc .*"text":"at last"/);
});

test('what doesn’t fit one message comes in several, and too much of it says so', async () => {
  const { slash, responses } = await answering();
  const long = (words: number) => ({ ...slash, answer: async () => textDoc('word '.repeat(words)) });
  const first = await answerSlash(long(5000), given);
  const all: SlashAnswer[] = [first ?? assert.fail()];
  await sleep(1);
  for (const each of responses) all.push(JSON.parse(each.slice(each.indexOf(' '))) as SlashAnswer);
  assert.ok(all.length > 1 && all.length <= 5, String(all.length));
  assert.equal(JSON.stringify(all.map(({ blocks }) => blocks)).match(/word/g)?.length, 5000);
  responses.length = 0;
  await answerSlash(long(50_000), { ...given, trigger_id: 'another' });
  await sleep(1);
  assert.equal(responses.length, 4);
  assert.match(responses.at(-1) ?? '', /more than Slack takes/);
});

test('a bug in a command is told as one, and logged', async () => {
  const { slash } = await answering();
  const errors: string[] = [];
  const log = { ...silentLogger, error: (text: string) => void errors.push(text) };
  const bug = { ...slash, log, answer: () => Promise.reject(new Error('a bug')) };
  assert.match((await answerSlash(bug, given))?.text ?? '', /Something went wrong/);
  assert.deepEqual(errors, ['a slash command could not be answered']);
});

test('answers go to Slack or to the configured API only, and redirects aren’t followed', async () => {
  const taken: string[] = [];
  const server = createServer((request, response) => {
    taken.push(request.url ?? '');
    if (request.url === '/moved') response.writeHead(302, { location: '/commands/1' });
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const own = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const respond = createRespond(`${own}/api/`);
  await respond(`${own}/commands/1`, { text: 'hello' });
  await assert.rejects(respond(`${own}/moved`, {}), /status 302/);
  for (const other of [
    'http://127.0.0.1:1/commands/1',
    'http://hooks.slack.com/commands/1',
    'https://hooks.slack.com.example.org/commands/1',
    'https://hooks.slack.com:8443/commands/1',
    'file:///etc/passwd',
    'nonsense',
  ])
    await assert.rejects(respond(other, {}), /not Slack’s/, other);
  assert.deepEqual(taken, ['/commands/1', '/moved']);
  server.close();
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
