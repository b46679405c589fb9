import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { watchPuppets } from '../../src/bridge/puppet-watch.ts';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import { matrixUserId, slackUserId, teamId } from '../../src/ids.ts';
import { silentLogger } from '../../src/log.ts';
import type { UntoldPuppet } from '../../src/store/puppet-memory.ts';
import { RecordedMatrix } from '../portal/support/recorded-matrix.ts';
import { RecordedSlack } from '../portal/support/recorded-slack.ts';

const ann = matrixUserId('@ann:hs');
const revoked: UntoldPuppet = {
  matrixUser: ann,
  team: teamId('T1'),
  slackUser: slackUserId('UANN'),
  name: 'ann',
  scopes: [],
  double: true,
  version: '7',
  trouble: 'It was revoked.',
  notice: 'It was revoked.',
};

/** Somebody is to be told something, until it is said. */
function watch(context: TestContext, puppet: UntoldPuppet) {
  const matrix = new RecordedMatrix();
  let left: readonly UntoldPuppet[] = [puppet];
  const puppets = {
    untold: () => left,
    tell: async (_puppet: UntoldPuppet, say: () => Promise<void>) => {
      await say();
      left = [];
    },
  };
  const watching = watchPuppets({ puppets, matrix, slack: new RecordedSlack(), log: silentLogger }, 5);
  context.after(() => watching.stop());
  return {
    matrix,
    said: async (): Promise<readonly string[]> => {
      while (left.length > 0) await sleep(5);
      return matrix.sent();
    },
  };
}

test('people learn in their chat with the bot why their login can’t be used', async (context) => {
  const { matrix, said } = watch(context, revoked);
  assert.deepEqual(await said(), [
    '⚠️ Acme: It was revoked. Until then what you write goes to Slack through the bot, under your name.',
  ]);
  assert.equal(matrix.of('send')[0]?.room, '!chat:hs');
});

test('who can’t be told now is told later, who takes no chat goes without', async (context) => {
  const later = watch(context, revoked);
  const { chatWith } = later.matrix;
  let isAway = true;
  later.matrix.chatWith = async (user) => {
    if (!isAway) return chatWith(user);
    isAway = false;
    throw new TryLater('the homeserver is away');
  };
  assert.equal((await later.said()).length, 1);
  const never = watch(context, revoked);
  never.matrix.chatWith = () => Promise.reject(new CannotBridge('matrix-forbidden', 'no'));
  assert.deepEqual(await never.said(), []);
});

test('a permission that is missing is told without saying that all is relayed', async (context) => {
  const { trouble: _, ...lacking } = revoked;
  const { said } = watch(context, { ...lacking, notice: 'It lacks something.' });
  assert.deepEqual(await said(), ['⚠️ Acme: It lacks something.']);
});
