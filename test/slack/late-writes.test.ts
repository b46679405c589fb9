import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { silentLogger } from '../../src/log.ts';
import { createCalls } from '../../src/slack/calls.ts';
import type { Effect } from '../../src/slack/failures.ts';
import { noMetrics } from '../../src/slack/metrics.ts';
import type { ConnectedTeam } from '../../src/slack/teams.ts';
import { createTeams } from '../../src/slack/teams.ts';
import { startTeam } from '../sandbox/start.ts';

/** As in a process that was stopped while the call waited for its turn. */
const stoppedFor = 1_500;

test('a write that can not be sent soon after it was asked for is not sent: another process may write by then', async (context) => {
  const { control, sandbox, app, team, channel } = await startTeam(context);
  const connected = { team: { id: team.id, name: team.name }, botToken: app.botToken };
  const call = createCalls({
    apiUrl: sandbox.apiUrl,
    teams: createTeams([connected as ConnectedTeam]), // only its id and token are looked at
    pacer: {
      turn: () => new Promise((resolve) => setTimeout(resolve, stoppedFor)),
      limited: () => undefined,
    },
    metrics: noMetrics,
    log: silentLogger,
  });
  const make = (effect: Effect, method: string, args: Readonly<Record<string, unknown>>) =>
    call({ team: connected.team.id as ConnectedTeam['team']['id'], effect, method, args });
  await assert.rejects(make('post', 'chat.postMessage', { channel: channel.id, text: 'stale' }), TryLater);
  assert.deepEqual(control.messages({ channel: channel.id }), []);
  assert.equal((await make('read', 'auth.test', {}))['ok'], true);
});
