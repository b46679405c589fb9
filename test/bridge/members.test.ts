import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { command, ghostOf } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene({ config: { rooms: { members_up_to: 5 } } });
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

describe('who is in the channel', () => {
  test('is in the room, with the link and when they come, and leaves with them', async () => {
    const { slack } = scene;
    await memberWith(slack.ann, ({ membership, name }) => membership === 'join' && name === 'Ann');
    await memberWith(slack.ben, ({ membership }) => membership === 'join');
    const cleo = newPerson('cleo', 'Cleo');
    slack.control.join({ channel: linked.channel.id, user: cleo });
    await memberWith(cleo, ({ membership }) => membership === 'join');
    slack.control.leave({ channel: linked.channel.id, user: cleo });
    await memberWith(cleo, ({ membership }) => membership === 'leave');
  });

  test('is found out after a time in which nobody told', async () => {
    const { slack, bridge } = scene;
    const [dora, emil] = [newPerson('dora', 'Dora'), newPerson('emil', 'Emil')];
    slack.control.join({ channel: linked.channel.id, user: dora });
    await memberWith(dora, ({ membership }) => membership === 'join');
    await bridge.stop();
    slack.control.leave({ channel: linked.channel.id, user: dora });
    slack.control.join({ channel: linked.channel.id, user: emil });
    await bridge.start();
    await memberWith(emil, ({ membership }) => membership === 'join');
    await memberWith(dora, ({ membership }) => membership === 'leave');
    slack.control.updateUser({ user: emil, deleted: true });
    await memberWith(emil, ({ membership }) => membership === 'leave');
    await nameOf(emil, 'Emil (deactivated)');
  });

  test('is called by their organisation, where that is another one', async () => {
    const { slack } = scene;
    const { team } = slack.control.createTeam({ name: 'Umbrella', domain: 'umbrella' });
    const { id: eve } = slack.control.createUser({ team: team.id, name: 'eve', displayName: 'Eve' });
    slack.control.join({ channel: linked.channel.id, user: eve });
    await memberWith(eve, ({ membership, name }) => membership === 'join' && name === 'Eve (Umbrella)');
    slack.control.updateUser({
      user: slack.ann,
      title: 'Chief',
      statusEmoji: ':palm_tree:',
      statusText: 'away',
    });
    await eventually(
      async () => {
        const profile = await scene.alice.api.call(
          'GET',
          `/profile/${encodeURIComponent(ghostOf(scene, slack.ann))}`,
        );
        const fields = JSON.stringify(profile);
        return fields.includes('"Chief"') && fields.includes('🌴') && fields.includes('Europe/London');
      },
      () => 'The ghost has no such fields.',
    );
  });
});

describe('what people of the room do to a ghost', () => {
  test('reaches the channel where they chose that: who is removed there, and who is invited', async () => {
    const { slack, alice } = scene;
    const gus = newPerson('gus', 'Gus');
    slack.control.join({ channel: linked.channel.id, user: gus });
    await memberWith(gus, ({ membership }) => membership === 'join');
    await alice.kick(linked.room, ghostOf(scene, gus));
    await alice.waitForText(linked.room, /stays out of this room until somebody invites it/);
    assert.equal(isInChannel(gus), true);
    await alice.invite(linked.room, ghostOf(scene, gus));
    await memberWith(gus, ({ membership }) => membership === 'join');

    await command(alice, linked.room, '!slack set kicks on');
    await alice.ban(linked.room, ghostOf(scene, gus));
    await alice.waitForText(linked.room, /Gus was removed from #town in Slack, too/);
    assert.equal(isInChannel(gus), false);

    const hana = newPerson('hana', 'Hana');
    await alice.invite(linked.room, ghostOf(scene, hana));
    await memberWith(hana, ({ membership }) => membership === 'join');
    assert.equal(isInChannel(hana), true);
  });

  test('reaches nobody in Slack when the room is unlinked', async () => {
    const { slack, alice } = scene;
    const room = await scene.linkedRoom('village');
    await memberWith(slack.ben, ({ membership }) => membership === 'join', room);
    await command(alice, room.room, '!slack set kicks on');
    await command(alice, room.room, '!slack unlink yes');
    await memberWith(slack.ben, ({ membership }) => membership === 'leave', room);
    assert.equal(isInChannel(slack.ben, room), true);
  });
});

test('nobody in Matrix passes for somebody of the workspace, met or not', async () => {
  const { slack, alice, bob } = scene;
  newPerson('olga', 'Olga Orlova');
  await bob.setName('Olga Оrlоva'); // two of its letters are Cyrillic
  await alice.waitFor(linked.room, (room) =>
    room.members().get(bob.userId)?.name?.startsWith('Olga') === true ? true : undefined,
  );
  await bob.say(linked.room, 'I am Olga');
  const post = await slack.waitForText(linked.channel, 'I am Olga');
  assert.match(post.username ?? '', /^Olga Оrlоva \(.+ on Matrix\)$/);
});

function newPerson(name: string, displayName: string): string {
  return scene.slack.control.createUser({ team: scene.slack.team.id, name, displayName }).id;
}

function isInChannel(person: string, { channel } = linked): boolean {
  const channels = scene.slack.control.world({}).teams.flatMap((team) => team.channels);
  return channels.find(({ id }) => id === channel.id)?.members.includes(person) === true;
}

interface Seen {
  readonly membership: unknown;
  readonly name: unknown;
}

/** Waits until the room says so of a Slack person's ghost. */
async function memberWith(
  person: string,
  wanted: (member: Seen) => boolean,
  { room } = linked,
): Promise<void> {
  await scene.alice.waitFor(room, (seen) => {
    const member = seen.state('m.room.member', ghostOf(scene, person));
    const found = member && wanted({ membership: member['membership'], name: member['displayname'] });
    return found === true ? true : undefined;
  });
}

async function nameOf(person: string, name: string): Promise<void> {
  await eventually(
    async () => (await scene.alice.profile(ghostOf(scene, person))).name === name,
    () => `The ghost isn't called ${name}.`,
  );
}
