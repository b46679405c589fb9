import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { eventually } from '../support/bridge/eventually.ts';
import { ghostOf, waitForMessage } from '../support/bridge/matrix-side.ts';

let scene: Scene;
let linked: LinkedRoom;

before(async () => {
  scene = await startScene();
  linked = await scene.linkedRoom('town');
});
after(() => scene?.close());

describe('ghosts and profiles', () => {
  test('a ghost takes a new name without a new message', async () => {
    const { slack, alice } = scene;
    slack.say(linked.channel, 'I am Ann');
    const seen = await alice.waitForText(linked.room, 'I am Ann');
    assert.equal(seen.senderName, 'Ann');
    slack.control.updateUser({ user: slack.ann, displayName: 'Ann Archer' });
    await memberWith(slack.ann, ({ name }) => name === 'Ann Archer');
  });

  test('a ghost takes a new picture without a new message', async () => {
    const { slack, alice } = scene;
    slack.say(linked.channel, 'I am Ben', { user: slack.ben });
    await alice.waitForText(linked.room, 'I am Ben');
    const before = await memberWith(slack.ben, ({ avatar }) => avatar !== undefined);
    slack.control.updateUser({ user: slack.ben, picture: true });
    const after = await memberWith(
      slack.ben,
      ({ avatar }) => avatar !== undefined && avatar !== before.avatar,
    );
    const [old, fresh] = [
      await alice.download(before.avatar ?? ''),
      await alice.download(after.avatar ?? ''),
    ];
    assert.match(fresh.type, /^image\//);
    assert.notDeepEqual(fresh.bytes, old.bytes);
  });

  test('who was never heard in a room gets no ghost by a change of their profile', async () => {
    const { slack, alice } = scene;
    const { id: cleo } = slack.control.createUser({ team: slack.team.id, name: 'cleo' });
    slack.control.updateUser({ user: cleo, displayName: 'Cleopatra' });
    slack.control.updateUser({ user: slack.ben, displayName: 'Benjamin' });
    await memberWith(slack.ben, ({ name }) => name === 'Benjamin'); // what came before is handled by then
    await assert.rejects(alice.profile(ghostOf(scene, cleo)), /404|M_NOT_FOUND/);
  });

  test('what somebody wrote whose account is deactivated stays under their name', async () => {
    const { slack, alice } = scene;
    const { id: dora } = slack.control.createUser({
      team: slack.team.id,
      name: 'dora',
      displayName: 'Dora',
    });
    slack.control.join({ channel: linked.channel.id, user: dora });
    slack.say(linked.channel, 'goodbye', { user: dora });
    await alice.waitForText(linked.room, 'goodbye');
    slack.control.updateUser({ user: dora, deleted: true });
    slack.say(linked.channel, 'Dora has left us');
    await alice.waitForText(linked.room, 'Dora has left us');
    await alice.waitForText(linked.room, 'goodbye');
    await eventually(
      async () => (await alice.profile(ghostOf(scene, dora))).name === 'Dora (deactivated)',
      () => 'The ghost isn’t called deactivated.',
    );
  });
});

describe('what the room says of the channel', () => {
  test('the room’s state names bridge, workspace and channel, for clients that know either form of it', async () => {
    const { alice, bot, slack } = scene;
    const { room, channel } = linked;
    for (const type of ['m.bridge', 'uk.half-shot.bridge']) {
      const state = await bridgeState(type);
      assert.deepEqual(state, {
        bridgebot: bot,
        protocol: { id: 'slack', displayname: 'Slack', external_url: 'https://slack.com/' },
        network: { id: slack.team.id, displayname: 'Acme', external_url: 'https://acme.slack.com/' },
        channel: {
          id: channel.id,
          displayname: 'town',
          external_url: `https://acme.slack.com/archives/${channel.id}`,
        },
      });
    }
    slack.control.rename({ channel: channel.id, user: slack.ann, name: 'city' });
    for (const type of ['m.bridge', 'uk.half-shot.bridge']) {
      await alice.waitFor(
        room,
        () => JSON.stringify(stateOf(type)).includes('"displayname":"city"') || undefined,
      );
    }
  });

  test('each kind of event links to its message in Slack', async () => {
    const { slack, alice } = scene;
    const { room, channel } = linked;
    const archive = `https://acme.slack.com/archives/${channel.id}`;
    const address = (ts: string) => `${archive}/p${ts.replace('.', '')}`;

    const root = slack.say(channel, 'the root');
    assert.equal((await alice.waitForText(room, 'the root')).content['external_url'], address(root));

    const reply = slack.say(channel, 'the reply', { thread: root });
    const inThread = `${address(reply)}?thread_ts=${root}&cid=${channel.id}`;
    assert.equal((await alice.waitForText(room, 'the reply')).content['external_url'], inThread);

    const files = [{ name: 'plan.pdf', size: 10 }];
    const { ts } = slack.control.post({ channel: channel.id, user: slack.ann, text: '', files });
    assert.equal((await alice.waitForText(room, /plan\.pdf/)).content['external_url'], address(ts));

    slack.control.edit({ channel: channel.id, ts: root, text: 'the root, corrected' });
    const edited = await waitForMessage(alice, room, ({ body }) => body === 'the root, corrected');
    assert.equal(edited.content['external_url'], address(root));
  });
});

/** Waits until Alice's client shows a Slack person as a member like this. */
async function memberWith(
  person: string,
  wanted: (member: { readonly name: string | undefined; readonly avatar: string | undefined }) => boolean,
) {
  const ghost = ghostOf(scene, person);
  return scene.alice.waitFor(linked.room, (room) => {
    const member = room.members().get(ghost);
    return member && wanted(member) ? member : undefined;
  });
}

function stateOf(type: string) {
  const key = `matrix-slack-bridge://slack/${scene.slack.team.id}/${linked.channel.id}`;
  return scene.alice.room(linked.room).state(type, key);
}

function bridgeState(type: string) {
  return scene.alice.waitFor(linked.room, () => stateOf(type));
}
