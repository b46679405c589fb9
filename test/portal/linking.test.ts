import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TryLater } from '../../src/errors.ts';
import { channelId, matrixUserId, portalId, roomId } from '../../src/ids.ts';
import { createLinking } from '../../src/portal/link.ts';
import { bot } from './support/recorded-matrix.ts';
import type { World } from './support/world.ts';
import { ann, general, makeWorld, place, portal, room } from './support/world.ts';

/** A world in which nothing is linked. */
function unlinkedWorld() {
  const world = makeWorld();
  world.store.rows = [];
  return { ...world, linking: createLinking(world.context) };
}

const request = { room, channel: general, actor: ann, otherBridges: false, ownRoom: false };

async function refusal(world: World, change: Partial<typeof request> = {}): Promise<string> {
  const error: unknown = await createLinking(world.context)
    .link({ ...request, ...change })
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof Error);
  return error.message;
}

test('linking makes a live portal, describes it in the room, and is audited', async () => {
  const world = unlinkedWorld();
  const linked = await world.linking.link(request);
  assert.equal(linked.status, 'live');
  assert.equal(linked.since, '5000.000000');
  assert.deepEqual(
    world.matrix.of('describe').map((each) => [each.text, each.linked]),
    [['general https://acme.slack.com/', true]],
  );
  assert.deepEqual(
    world.audited.map((each) => [each.action, each.actor]),
    [['link', ann]],
  );
});

test('linking the same two again is the same portal', async () => {
  const world = unlinkedWorld();
  const first = await world.linking.link(request);
  assert.equal((await world.linking.link(request)).id, first.id);
  assert.equal(world.store.rows.length, 1);
});

test('a link that stopped halfway is brought to its end, by the command or at the next start', async () => {
  for (const finish of ['link', 'finishOpen'] as const) {
    const world = unlinkedWorld();
    const describe = world.matrix.describeBridge;
    world.matrix.describeBridge = () => Promise.reject(new TryLater('down'));
    await assert.rejects(world.linking.link(request), TryLater);
    world.matrix.describeBridge = describe;
    await (finish === 'link' ? world.linking.link(request) : world.linking.finishOpen());
    assert.deepEqual(
      world.store.rows.map((row) => row.status),
      ['live'],
    );
  }
});

test('one link that can’t be finished after a restart keeps no other from it', async () => {
  const other = roomId('!other:hs');
  const filling = { ...portal, status: 'filling' } as const;
  const world = makeWorld(filling, {
    ...filling,
    id: portalId(8),
    room: other,
    channels: [{ ...place, channel: channelId('C2'), name: 'random' }],
  });
  world.slack.channels = [general, { ...general, channel: channelId('C2'), name: 'random' }];
  const describe = world.matrix.describeBridge;
  world.matrix.describeBridge = (at, ...rest) =>
    at === room ? Promise.reject(new TryLater('down')) : describe(at, ...rest);
  const linking = createLinking(world.context);
  await assert.rejects(linking.finishOpen(), TryLater);
  assert.deepEqual(
    world.store.rows.map((row) => row.status),
    ['filling', 'live'],
  );
});

test('the bot joins a public channel by itself', async () => {
  const world = unlinkedWorld();
  world.slack.channels = [{ ...general, member: false }];
  await world.linking.link({ ...request, channel: { ...general, member: false } });
  assert.equal(world.slack.of('join').length, 1);
});

test('each thing that is in the way is named, with what to do', async () => {
  const elsewhere = roomId('!elsewhere:hs');
  const cases: readonly [RegExp, (world: World) => Partial<typeof request>][] = [
    [
      /This room is linked to #general \(Acme\) already/,
      (world) => {
        world.store.rows = [portal];
        return { channel: { ...general, channel: channelId('C2'), name: 'dev' } };
      },
    ],
    [
      /linked already, to the room https:\/\/matrix\.to\/#\/!room%3Ahs/,
      (world) => {
        world.store.rows = [portal];
        return { room: elsewhere };
      },
    ],
    [
      /is private\. A member has to invite/,
      () => ({ channel: { ...general, private: true, member: false } }),
    ],
    [
      /is archived/,
      (world) => {
        world.slack.channels = [{ ...general, archived: true }];
        return { channel: { ...general, archived: true } };
      },
    ],
    [
      /bot @slackbot:hs is not in the room/,
      (world) => {
        world.matrix.joined = false;
        return {};
      },
    ],
    [
      /lacks rights in the room: inviting people, changing m\.bridge/,
      (world) => {
        world.matrix.missing = ['inviting people', 'changing m.bridge'];
        return {};
      },
    ],
    [
      /is private in Slack, and anybody may join/,
      (world) => {
        world.slack.channels = [{ ...general, private: true }];
        world.matrix.states.set('m.room.join_rules', { join_rule: 'public' });
        return { channel: { ...general, private: true } };
      },
    ],
    [
      /room is encrypted/,
      (world) => {
        world.matrix.states.set('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
        return {};
      },
    ],
    [
      /Another bridge is at work here: matterbridge/,
      (world) => {
        world.slack.bridges = ['matterbridge'];
        return {};
      },
    ],
    [
      /Acme can't be used now: its token was revoked/,
      (world) => {
        world.slack.trouble = 'its token was revoked';
        return {};
      },
    ],
  ];
  for (const [words, arrange] of cases) {
    const world = unlinkedWorld();
    const change = arrange(world);
    const before = world.store.rows.length;
    assert.match(await refusal(world, change), words);
    assert.equal(world.store.rows.length, before);
    assert.deepEqual(world.matrix.of('describe'), []);
  }
});

test('who knows of the other bridge can link beside it', async () => {
  const world = unlinkedWorld();
  world.slack.bridges = ['matterbridge'];
  const linked = await world.linking.link({ ...request, otherBridges: true });
  assert.equal(linked.status, 'live');
  assert.equal(linked.policy.otherBridges, true);
});

test('unlinking clears the room’s bridge state and takes the ghosts along, not the people', async () => {
  const world = makeWorld();
  const ghost = matrixUserId('@slack_ubob:hs');
  world.matrix.members = [bot, ann, ghost];
  await createLinking(world.context).unlink(portal, ann);
  assert.deepEqual(
    world.matrix.of('leave').map((each) => each.as),
    [ghost],
  );
  assert.equal(world.matrix.of('describe')[0]?.linked, false);
  assert.equal(world.store.byRoom(room), undefined);
});

test('a portal can be unlinked from a room that sent the bot away', async () => {
  const world = makeWorld();
  world.matrix.joined = false;
  await createLinking(world.context).unlink(portal, ann);
  assert.equal(world.store.byRoom(room), undefined);
});

test('allowing the other bridge lets a paused portal go on', async () => {
  const world = makeWorld({ ...portal, status: 'paused' });
  world.slack.bridges = ['matterbridge'];
  const changed = await createLinking(world.context).setPolicy(portal, { otherBridges: true }, ann);
  assert.equal(changed.status, 'live');
});
