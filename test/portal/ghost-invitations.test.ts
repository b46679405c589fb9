import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { eventId, matrixUserId, slackUserId } from '../../src/ids.ts';
import type { PortalPolicy } from '../../src/portal/ports.ts';
import { ourBot } from './support/recorded-slack.ts';
import { ann, bob, makeWorld, portal, room } from './support/world.ts';
import type { World } from './support/world.ts';

const ghost = matrixUserId('@slack_ubob:hs');
const annInSlack = slackUserId('UANN');

/** What Ann does to the membership of Bob's ghost. */
function change(
  membership: 'invite' | 'leave' | 'ban',
  before?: string,
): Extract<MatrixEvent, { readonly type: 'member' }> {
  const common = { event: eventId(`$${membership}`), room, sender: ann, at: 1 };
  return {
    type: 'member',
    user: ghost,
    membership,
    direct: false,
    ...common,
    ...(before !== undefined && { before }),
  };
}

/** Ann looks after the room; Bob is in the channel, or isn't. */
function world(policy: Partial<PortalPolicy>, isThere: boolean): World {
  const made = makeWorld({ ...portal, policy: { ...portal.policy, ...policy } });
  made.slack.people = isThere ? [ourBot, bob] : [ourBot];
  made.matrix.powerOf = async () => 50;
  made.matrix.powerNeeded = async () => 50;
  return made;
}

const inSlack = ({ slack }: World): readonly string[] =>
  slack.effects.flatMap(({ call, text, by }) =>
    call === 'kick' || call === 'invite' ? [`${call} ${text} by ${by ?? 'bot'}`] : [],
  );

test('whoever removes or bans a ghost removes its person from the channel, where people chose that', async () => {
  for (const membership of ['leave', 'ban'] as const) {
    const there = world({ kicks: true }, true);
    await there.fromMatrix(change(membership, 'join'));
    assert.deepEqual(inSlack(there), ['kick UBOB by bot']);
    assert.match(there.matrix.sent()[0] ?? '', /name of UBOB was removed from #general in Slack, too\.$/);
  }
  const chosen = world({}, true);
  await chosen.fromMatrix(change('leave', 'join'));
  assert.deepEqual(inSlack(chosen), []);
});

test('nobody is removed from Slack by accident', async () => {
  for (const [membership, before] of [
    ['leave', 'invite'],
    ['leave', 'ban'],
    ['leave', undefined],
    ['ban', 'leave'],
  ] as const) {
    const there = world({ kicks: true }, true);
    await there.fromMatrix(change(membership, before));
    assert.deepEqual(inSlack(there), [], `${membership} after ${before}`);
  }
  for (const sender of [ghost, matrixUserId('@slackbot:hs')]) {
    const there = world({ kicks: true }, true);
    await there.fromMatrix({ ...change('leave', 'join'), sender });
    assert.deepEqual([inSlack(there), there.matrix.sent()], [[], []]);
  }
  for (const policy of [{ direction: 'to-matrix' }] as const) {
    const there = world({ kicks: true, ...policy }, true);
    await there.fromMatrix(change('leave', 'join'));
    assert.deepEqual(inSlack(there), []);
  }
  const paused = world({ kicks: true }, true);
  paused.store.rows = paused.store.rows.map((row) => ({ ...row, status: 'paused' }));
  await paused.fromMatrix(change('leave', 'join'));
  assert.deepEqual(inSlack(paused), []);
});

test('who is linked acts in Slack as themselves; what Slack refuses them the bot doesn’t do for them', async () => {
  const there = world({ kicks: true }, true);
  there.puppets.link(ann, annInSlack);
  await there.fromMatrix(change('leave', 'join'));
  assert.deepEqual(inSlack(there), ['kick UBOB by UANN']);
  const refused = world({ kicks: true }, true);
  refused.puppets.link(ann, annInSlack);
  refused.slack.refusesChange = new CannotBridge('restricted_action', 'Slack doesn’t let you.');
  await refused.fromMatrix(change('leave', 'join'));
  assert.deepEqual(inSlack(refused), []);
  assert.match(
    refused.matrix.sent()[0] ?? '',
    /In Slack name of UBOB stays in #general: Slack doesn’t let you\.$/,
  );
});

test('the bot does it for those who may use the bridge and look after the room', async () => {
  for (const [permission, power, expected] of [
    ['relay', 100, []],
    ['user', 0, []],
    ['user', 50, ['kick UBOB by bot']],
    ['admin', 0, ['kick UBOB by bot']],
  ] as const) {
    const there = world({ kicks: true }, true);
    there.permissions.set(ann, permission);
    there.matrix.powerOf = async () => power;
    await there.fromMatrix(change('leave', 'join'));
    assert.deepEqual(inSlack(there), expected, `${permission} ${power}`);
    if (expected.length === 0) assert.match(there.matrix.sent()[0] ?? '', /Link your Slack account/);
  }
});

test('whoever invites a ghost invites its person; the ghost comes', async () => {
  for (const isThere of [true, false]) {
    const there = world({}, isThere);
    await there.fromMatrix(change('invite'));
    assert.deepEqual(inSlack(there), ['invite UBOB by bot']);
    assert.deepEqual(
      there.matrix.of('join').map(({ as }) => as),
      [ghost],
    );
    assert.deepEqual(there.matrix.sent(), []);
  }
});

test('an invitation that Slack refuses is told, and one that nobody wants in Slack isn’t made', async () => {
  const refused = world({}, false);
  refused.slack.refusesChange = new CannotBridge('missing_scope', 'the app lacks channels:manage.');
  await refused.fromMatrix(change('invite'));
  assert.deepEqual(refused.matrix.sent(), [
    'name of UBOB was not invited to #general in Slack: the app lacks channels:manage.',
  ]);
  assert.deepEqual(refused.matrix.of('join'), []);
  const off = world({ invites: false }, false);
  await off.fromMatrix(change('invite'));
  assert.deepEqual([inSlack(off), off.matrix.sent()], [[], []]);
});
