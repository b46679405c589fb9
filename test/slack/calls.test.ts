import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import { createCalls } from '../../src/slack/calls.ts';
import type { CallSlack } from '../../src/slack/calls.ts';
import type { Effect } from '../../src/slack/failures.ts';
import { noMetrics } from '../../src/slack/metrics.ts';
import { createPersonTokens } from '../../src/slack/puppets.ts';
import type { ConnectedTeam } from '../../src/slack/teams.ts';
import { createTeams } from '../../src/slack/teams.ts';
import { startTeam } from '../sandbox/start.ts';
import { MemoryTokens } from './support/memory-tokens.ts';

/** As in a process that was stopped while the call waited for its turn. */
const stoppedFor = 1_500;

function callsOf(
  { sandbox, app, team }: Awaited<ReturnType<typeof startTeam>>,
  turn: () => Promise<void>,
): CallSlack {
  const connected = { team: { id: team.id, name: team.name }, botToken: app.botToken };
  return createCalls({
    apiUrl: sandbox.apiUrl,
    teams: createTeams([connected as ConnectedTeam]), // only its id and token are looked at
    bots: { tokenOf: () => app.botToken, hasNext: () => Promise.resolve(false) },
    people: createPersonTokens({
      store: new MemoryTokens(),
      renew: () => Promise.reject(new Error('nobody has one')),
      log: silentLogger,
    }),
    pacer: { turn, limited: () => undefined },
    metrics: noMetrics,
    log: silentLogger,
  });
}

test('calls that Slack does not answer hold up no other', async (context) => {
  const world = await startTeam(context);
  const { control, channel } = world;
  const other = control.createChannel({ name: 'other' });
  const fault = { type: 'timeout', applied: false, ms: 2_000 } as const;
  control.addFault({ on: 'api', match: { channel: channel.id }, fault });
  const call = callsOf(world, () => Promise.resolve());
  const post = (id: string) =>
    call({
      team: teamId(world.team.id),
      effect: 'post',
      method: 'chat.postMessage',
      args: { channel: id, text: 'hello' },
    });
  let answered = 0;
  const unanswered = Array.from({ length: 120 }, () => post(channel.id).catch(() => (answered += 1)));
  await post(other.id);
  assert.equal(answered, 0);
  await Promise.all(unanswered);
});

test('a write that can not be sent soon after it was asked for is not sent: another process may write by then', async (context) => {
  const world = await startTeam(context);
  const { control, channel } = world;
  const call = callsOf(world, () => new Promise((resolve) => setTimeout(resolve, stoppedFor)));
  const make = (effect: Effect, method: string, args: Readonly<Record<string, unknown>>) =>
    call({ team: teamId(world.team.id), effect, method, args });
  await assert.rejects(make('post', 'chat.postMessage', { channel: channel.id, text: 'stale' }), TryLater);
  assert.deepEqual(control.messages({ channel: channel.id }), []);
  assert.equal((await make('read', 'auth.test', {}))['ok'], true);
});
