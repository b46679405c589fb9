import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { SlackEvent } from '../../src/events.ts';
import { botId, matrixUserId, slackUserId } from '../../src/ids.ts';
import type { MatrixUserId, SlackUserId } from '../../src/ids.ts';
import type { PortalPolicy } from '../../src/portal/ports.ts';
import { bot } from './support/recorded-matrix.ts';
import { ourBot } from './support/recorded-slack.ts';
import type { World } from './support/world.ts';
import { general, makeWorld, place, portal, room } from './support/world.ts';

const [cleo, dora] = [slackUserId('UCLEO'), slackUserId('UDORA')];
const compare: SlackEvent = { type: 'members', ...place };
const moved = (change: 'joined' | 'left', user: SlackUserId): SlackEvent => ({
  type: 'member',
  change,
  user,
  ...place,
});
const ghost = (user: SlackUserId): MatrixUserId => matrixUserId(`@slack_${user.toLowerCase()}:hs`);

/** A portal with this policy; its channel has these people, its room these ghosts. */
function world(
  members: PortalPolicy['members'],
  people: readonly SlackUserId[] = [],
  inRoom: readonly MatrixUserId[] = [],
): World {
  const made = makeWorld({ ...portal, policy: { ...portal.policy, members } });
  made.slack.people = [ourBot, ...people];
  made.slack.channels = [{ ...general, memberCount: people.length + 1 }];
  const joined = new Set<MatrixUserId>([bot, ...inRoom]);
  made.matrix.joinedMembers = async () => [...joined];
  const { enter, leave } = made.matrix;
  made.matrix.enter = async (...args) => {
    await enter(...args);
    joined.add(args[1]);
  };
  made.matrix.leave = async (...args) => {
    await leave(...args);
    joined.delete(args[1]);
  };
  made.matrix.hasGhost = async () => true;
  return made;
}

const steps = ({ matrix }: World): readonly string[] =>
  matrix.effects.flatMap(({ call, as }) => (call === 'join' || call === 'leave' ? [`${call} ${as}`] : []));

test('whoever comes into a small channel comes into its room, and whoever leaves it leaves', async () => {
  const there = world('auto');
  await there.fromSlack(moved('joined', cleo));
  await there.fromSlack(moved('left', cleo));
  assert.deepEqual(steps(there), [`join ${ghost(cleo)}`, `leave ${ghost(cleo)}`]);
});

test('into a large channel’s room nobody comes without saying something, but whoever leaves leaves', async () => {
  const there = world('auto');
  there.slack.channels = [{ ...general, memberCount: 201 }];
  await there.fromSlack(moved('joined', cleo));
  await there.fromSlack(moved('left', dora));
  assert.deepEqual(steps(there), [`leave ${ghost(dora)}`]);
});

test('people choose for a room who is in it', async () => {
  for (const [members, expected] of [
    ['on', [`join ${ghost(cleo)}`, `leave ${ghost(dora)}`]],
    ['lazy', [`leave ${ghost(dora)}`]],
    ['off', []],
  ] as const) {
    const there = world(members, [cleo], [ghost(dora)]);
    there.slack.channels = [{ ...general, memberCount: 5000 }];
    await there.fromSlack(moved('joined', cleo));
    await there.fromSlack(moved('left', dora));
    assert.deepEqual(steps(there), expected, members);
    const compared = world(members, [cleo], [ghost(dora)]);
    await compared.fromSlack(compare);
    assert.deepEqual(steps(compared).toSorted(), expected, members);
  }
});

test('what a gap hid is found by comparing: apps, deactivated people and who was removed don’t come', async () => {
  const there = world(
    'auto',
    [cleo, dora, slackUserId('UAPP'), slackUserId('UGONE')],
    [ghost(slackUserId('ULEFT'))],
  );
  const profile = { team: place.team, bot: false, deactivated: false };
  there.slack.profiles.set('UAPP', { ...profile, id: slackUserId('UAPP'), name: 'App', bot: true });
  there.slack.profiles.set('UGONE', {
    ...profile,
    id: slackUserId('UGONE'),
    name: 'Gone',
    deactivated: true,
  });
  there.matrix.unwanted.set(ghost(dora), 'kicked');
  await there.fromSlack(compare);
  assert.deepEqual(steps(there), [`leave ${ghost(slackUserId('ULEFT'))}`, `join ${ghost(cleo)}`]);
  assert.ok(there.counted.includes('ignored slack unwelcome'));
  await there.fromSlack(compare);
  assert.equal(steps(there).length, 2);
});

test('nobody leaves because Slack doesn’t say who is in the channel; apps’ ghosts stay', async () => {
  const app = matrixUserId('@slack_b1:hs');
  const there = world('auto', [], [ghost(cleo), app]);
  there.slack.people = [];
  await there.fromSlack(compare);
  there.slack.people = Array.from({ length: 10_001 }, (_, n) => slackUserId(`U${n}`));
  await there.fromSlack(compare);
  assert.deepEqual(steps(there), []);
  there.slack.people = [ourBot];
  await there.fromSlack(compare);
  assert.deepEqual(steps(there), [`leave ${ghost(cleo)}`]);
  assert.equal(there.matrix.authorOf(app)?.author, botId('B1'));
});

test('whom the homeserver keeps out keeps nobody else out', async () => {
  const there = world('auto', [cleo, dora]);
  const { enter } = there.matrix;
  there.matrix.enter = async (...args) => {
    if (args[1] === ghost(cleo)) throw new CannotBridge('matrix-refused', 'no');
    await enter(...args);
  };
  await there.fromSlack(compare);
  assert.deepEqual(steps(there), [`join ${ghost(dora)}`]);
});

test('thousands come bit by bit: each turn ends soon, the next goes on, and nobody comes twice', async () => {
  const people = Array.from({ length: 5000 }, (_, n) => slackUserId(`U${n}`));
  const there = world('on', people);
  const { enter } = there.matrix;
  there.matrix.enter = async (...args) => {
    there.clock.at += 100;
    await enter(...args);
  };
  let reads = 0;
  const { members } = there.slack;
  there.slack.members = (...args) => {
    reads += 1;
    return members(...args);
  };
  let turns = 0;
  for (let isDone = false; !isDone; turns += 1) {
    const before = steps(there).length;
    isDone = await there.fromSlack(compare).then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof TryLater && error.after !== undefined && error.target === undefined);
        return false;
      },
    );
    assert.ok(steps(there).length - before <= 30);
  }
  assert.deepEqual([new Set(steps(there)).size, steps(there).length, reads], [5000, 5000, 1]);
  assert.ok(turns >= 5000 / 30);
});

test('whoever is deactivated leaves the rooms of all channels, and is called so', async () => {
  const there = world('auto');
  const elsewhere = { ...portal.channels[0] };
  assert.equal(elsewhere.channel, place.channel);
  there.matrix.inRooms.set(ghost(cleo), [room]);
  const profile = { team: place.team, id: cleo, name: 'Cleo', bot: false, deactivated: true };
  await there.fromSlack({ type: 'profile', team: place.team, profile });
  assert.deepEqual(steps(there), [`leave ${ghost(cleo)}`]);
});

test('a room from which nothing comes from Slack has no members of it, and a portal that waits takes none', async () => {
  const silent = world('on', [cleo]);
  silent.store.rows = silent.store.rows.map((row) => ({
    ...row,
    policy: { ...row.policy, direction: 'to-slack' },
  }));
  await silent.fromSlack(moved('joined', cleo));
  await silent.fromSlack(compare);
  assert.deepEqual(steps(silent), []);
});
