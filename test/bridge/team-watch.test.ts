import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { watchTeams } from '../../src/bridge/team-watch.ts';
import { TryLater } from '../../src/errors.ts';
import type { Target } from '../../src/errors.ts';
import { slackUserId, teamId } from '../../src/ids.ts';
import { createLogger } from '../../src/log.ts';

const team = teamId('T1');
const log = createLogger({ level: 'error', format: 'text' });

/** A workspace under watch, and what the portals were told of it. */
function watched(t: TestContext) {
  t.mock.timers.enable({ apis: ['Date', 'setInterval', 'setTimeout'] });
  const world = {
    /** Why its token doesn't work, and whether it can be reached. */
    trouble: undefined as string | undefined,
    reachable: true,
    failure: undefined as Error | undefined,
    told: [] as string[],
    available: [] as Target[],
  };
  const tell = (what: string) => async (id: string) => {
    if (world.failure) throw world.failure;
    world.told.push(`${id} ${what}`);
  };
  const shown = () => ({
    id: team,
    name: 'Acme',
    url: 'https://acme.slack.com/',
    appId: undefined,
    bot: slackUserId('UBOT'),
    botId: undefined,
    ...(world.trouble !== undefined && { trouble: world.trouble }),
  });
  const { stop } = watchTeams({
    slack: {
      team: shown,
      health: () => [{ team, name: 'Acme', ok: world.reachable && world.trouble === undefined }],
    },
    portals: { teamFailed: tell('failed'), teamReturned: tell('returned') },
    available: (target) => void world.available.push(target),
    log,
  });
  t.after(stop);
  /** Time goes on, and what it sets off is done. */
  const pass = async (milliseconds: number): Promise<void> => {
    t.mock.timers.tick(milliseconds);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return { world, pass };
}

test('a workspace that is well at the start counts as returned', async (t) => {
  const { world, pass } = watched(t);
  await pass(0);
  assert.deepEqual(world.told, ['T1 returned']);
});

test('a token that is gone and comes back is told within a second each, once', async (t) => {
  const { world, pass } = watched(t);
  await pass(0);
  world.trouble = 'revoked';
  await pass(1_000);
  await pass(5_000);
  world.trouble = undefined;
  await pass(1_000);
  await pass(5_000);
  assert.deepEqual(world.told, ['T1 returned', 'T1 failed', 'T1 returned']);
  assert.deepEqual(world.available, ['slack:T1', 'slack:T1']);
});

test('a workspace that is out of reach pauses nothing: what is meant for it waits by itself', async (t) => {
  const { world, pass } = watched(t);
  await pass(0);
  world.reachable = false;
  await pass(5_000);
  assert.deepEqual(world.told, ['T1 returned']);
});

test('what can’t be told now is told some seconds later', async (t) => {
  const { world, pass } = watched(t);
  await pass(0);
  world.failure = new TryLater('the homeserver is away');
  world.trouble = 'revoked';
  await pass(1_000);
  world.failure = undefined;
  await pass(3_000);
  assert.deepEqual(world.told, ['T1 returned']);
  await pass(3_000);
  await pass(1_000);
  assert.deepEqual(world.told, ['T1 returned', 'T1 failed']);
});
