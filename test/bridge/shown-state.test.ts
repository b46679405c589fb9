import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, directChat, givePower } from '../support/bridge/matrix-side.ts';
import { eventually } from '../support/bridge/eventually.ts';

let scene: Scene;
let town: LinkedRoom;

before(async () => {
  scene = await startScene();
  scene.slack.control.setTeamIcon({ icon: 'ship' });
  town = await scene.linkedRoom('town');
});
after(() => scene?.close());

const status = async (room: string): Promise<string> =>
  (await command(scene.alice, room, '!slack status')).body;

/** What Slack says of the channel. */
function channelInSlack(id: string) {
  const found = scene.slack.control
    .world({})
    .teams.flatMap(({ channels }) => channels)
    .find((channel) => channel.id === id);
  return found as { readonly name?: string; readonly topic?: { readonly value: string } } | undefined; // only members of direct chats have neither
}

async function topicInRoom(room: string, wanted: string): Promise<void> {
  await scene.alice.waitFor(room, ({ state }) => state('m.room.topic')?.['topic'] === wanted || undefined);
}

/** The room's main address, once it is made of this name. */
function addressIn(room: string, name: string): Promise<string> {
  return scene.alice.waitFor(room, ({ state }) => {
    const alias = state('m.room.canonical_alias')?.['alias'];
    return typeof alias === 'string' && alias.includes(`${name}:`) ? alias : undefined;
  });
}

async function topicInSlack(id: string, wanted: string): Promise<void> {
  await eventually(
    () => channelInSlack(id)?.topic?.value === wanted,
    () => `The topic was: ${channelInSlack(id)?.topic?.value}`,
  );
}

async function pinsInRoom(room: string, wanted: readonly string[]): Promise<void> {
  const pinned = (): unknown => scene.alice.room(room).state('m.room.pinned_events')?.['pinned'];
  await eventually(
    () => JSON.stringify(pinned()) === JSON.stringify(wanted),
    () => `Pinned was: ${JSON.stringify(pinned())}`,
  );
}

const callsOf = (name: string): number => scene.slack.control.log({ kind: 'api', name, limit: 1000 }).length;

describe('what channel and room show of themselves', () => {
  test('topic, description and bookmarks of the channel are the room’s topic', async () => {
    const { slack } = scene;
    const { room, channel } = town;
    slack.control.addBookmark({ channel: channel.id, title: 'Runbook', link: 'https://run.example/' });
    slack.control.setPurpose({ channel: channel.id, user: slack.ann, purpose: 'For all who live here' });
    slack.control.setTopic({ channel: channel.id, user: slack.ann, topic: 'Fair &amp; square' });
    const below = 'For all who live here\n🔖 Runbook (https://run.example/)';
    await topicInRoom(room, `Fair & square\n${below}`);
    await scene.alice.setState(room, 'm.room.topic', { topic: `Market day\n${below}` });
    await topicInSlack(channel.id, 'Market day');
    slack.control.setTopic({ channel: channel.id, user: slack.ben, topic: 'Closed today' });
    await topicInRoom(room, `Closed today\n${below}`);
    await slack.control.idle({});
    assert.equal(callsOf('conversations.setTopic'), 1, 'nothing went round in circles');
  });

  test('pins go both ways, and come back to nobody', async () => {
    const { slack, alice } = scene;
    const { room, channel } = town;
    const fromSlack = slack.say(channel, 'from Slack, worth keeping');
    const first = (await alice.waitForText(room, 'from Slack, worth keeping')).eventId;
    slack.control.pin({ channel: channel.id, ts: fromSlack, user: slack.ann });
    await pinsInRoom(room, [first]);

    const second = await alice.say(room, 'from Matrix, worth keeping');
    await alice.setState(room, 'm.room.pinned_events', { pinned: [first, second] });
    const { ts } = await slack.waitForText(channel, 'from Matrix, worth keeping');
    const pinned = (): readonly string[] =>
      slack.posts(channel).flatMap((post) => ('pinned_to' in post && post.pinned_to ? [post.ts] : []));
    await eventually(
      () => pinned().includes(ts),
      () => `Pinned in Slack was: ${pinned().join(', ')}`,
    );
    slack.control.unpin({ channel: channel.id, ts: fromSlack, user: slack.ben });
    await pinsInRoom(room, [second]);
    await alice.setState(room, 'm.room.pinned_events', { pinned: [] });
    await eventually(
      () => pinned().length === 0,
      () => `Pinned in Slack was: ${pinned().join(', ')}`,
    );
    assert.deepEqual([callsOf('pins.add'), callsOf('pins.remove')], [1, 1]);
  });

  test('what was pinned and set before a channel was linked is found', async () => {
    const { slack, alice, bot } = scene;
    const channel = slack.newChannel('archive-of-old');
    slack.control.setTopic({ channel: channel.id, user: slack.ann, topic: 'Old things' });
    const chat = await directChat(alice, bot);
    await command(alice, chat, 'link #archive-of-old');
    const { roomId: room } = await alice.waitForInvitation(({ name }) => name === '#archive-of-old');
    await alice.join(room);
    slack.control.setPurpose({ channel: channel.id, user: slack.ann, purpose: 'Keep off' });
    await topicInRoom(room, 'Old things\nKeep off');
    const former = await addressIn(room, 'archive-of-old');
    slack.control.rename({ channel: channel.id, user: slack.ann, name: 'museum' });
    await alice.waitFor(room, ({ state }) => state('m.room.name')?.['name'] === '#museum' || undefined);
    const isPicture = (url: unknown): boolean => typeof url === 'string' && url.startsWith('mxc://');
    await alice.waitFor(room, ({ state }) => isPicture(state('m.room.avatar')?.['url']) || undefined);
    const address = await addressIn(room, 'museum');
    for (const each of [former, address]) assert.equal(await alice.join(each), room);
    await command(alice, room, '!slack unlink yes');
    for (const each of [former, address]) await assert.rejects(alice.join(each), /M_NOT_FOUND/);
    for (const type of ['m.room.avatar', 'm.room.canonical_alias'])
      assert.equal(alice.room(town.room).state(type), undefined, 'hers is as she made it');
  });

  test('a room and a channel share their name where people want that, as far as Slack lets the bot', async () => {
    const { alice } = scene;
    const { room, channel } = town;
    await command(alice, room, '!slack set name on');
    await alice.waitFor(room, ({ state }) => state('m.room.name')?.['name'] === '#town' || undefined);
    await alice.setState(room, 'm.room.name', { name: 'City' });
    await alice.waitForText(room, /The channel was not renamed in Slack: Slack lets only who made a channel/);
    assert.equal(channelInSlack(channel.id)?.name, 'town');
    assert.equal(alice.room(room).state('m.room.name')?.['name'], 'City');
  });
});

describe('what becomes of a channel', () => {
  test('while it is archived only who looks after the room writes there; then all is as it was', async () => {
    const { slack, alice, bob, bot } = scene;
    const { room, channel } = await scene.linkedRoom('season');
    await givePower(alice, room, bot, 100);
    const levels = await alice.waitFor(room, ({ state }) => {
      const content = state('m.room.power_levels');
      return JSON.stringify(content).includes(`"${bot}":100`) ? content : undefined;
    });
    slack.control.archive({ channel: channel.id, user: slack.ann });
    await alice.waitForText(room, /#season is archived.*Until then only who looks after this room/);
    await assert.rejects(bob.say(room, 'anybody there?'), /M_FORBIDDEN/);
    slack.control.unarchive({ channel: channel.id, user: slack.ann });
    await alice.waitForText(room, /The bridge to Slack goes on/);
    assert.deepEqual(alice.room(room).state('m.room.power_levels'), levels);
    await bob.say(room, 'open again');
    await slack.waitForText(channel, 'open again');
    slack.say(channel, 'so it is');
    await bob.waitForText(room, 'so it is');
  });

  test('one that becomes private pauses if anybody may join its room, and nothing of it gets there', async () => {
    const { slack, alice } = scene;
    const { room, channel } = await scene.linkedRoom('square');
    await alice.setState(room, 'm.room.join_rules', { join_rule: 'public' });
    slack.say(channel, 'for all to see');
    await alice.waitForText(room, 'for all to see');
    slack.control.convert({ channel: channel.id, user: slack.ann, private: true });
    slack.say(channel, 'between us');
    await alice.waitForText(room, /paused\. #square is private in Slack, and anybody may join/);
    await slack.control.idle({});
    assert.match(await status(room), /Waiting for Matrix: [1-9]/);
    assert.ok(
      !alice
        .room(room)
        .messages()
        .some(({ body }) => body === 'between us'),
    );
    await alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' });
    await alice.waitForText(room, 'between us');
  });

  test('of one that became private while the bridge was down, unsaid, nothing gets into an open room', async () => {
    const { slack, alice, bridge } = scene;
    const { room, channel } = await scene.linkedRoom('plaza');
    await alice.setState(room, 'm.room.join_rules', { join_rule: 'public' });
    slack.say(channel, 'for the whole plaza');
    await alice.waitForText(room, 'for the whole plaza');
    await bridge.stop();
    const { id } = slack.control.addFault({ on: 'event', fault: { type: 'drop' } });
    slack.control.convert({ channel: channel.id, user: slack.ann, private: true });
    slack.control.setTopic({ channel: channel.id, user: slack.ann, topic: 'between us: a topic' });
    slack.say(channel, 'between us: a message');
    slack.control.addBookmark({ channel: town.channel.id, title: 'Map', link: 'https://map.example/' });
    slack.control.clearFaults({ id });
    await bridge.start();
    await alice.waitForText(room, /paused\. #plaza is private in Slack, and anybody may join/, 30_000);
    const said = alice.room(room).messages();
    assert.ok(!said.some(({ body }) => body.includes('between us')));
    assert.doesNotMatch(JSON.stringify(alice.room(room).state('m.room.topic') ?? {}), /between us/);
    await alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' });
    await alice.waitForText(room, 'between us: a message', 30_000);
    await topicInRoom(room, 'between us: a topic');
    const topic = (): unknown => alice.room(town.room).state('m.room.topic')?.['topic'];
    await eventually(
      () => String(topic()).endsWith(' · Map (https://map.example/)'),
      () => `The bookmark that came meanwhile is missing: ${String(topic())}`,
    );
  });

  test('one that is moved keeps its room under its new id', async () => {
    const { slack, alice } = scene;
    const { room, channel } = await scene.linkedRoom('caravan');
    slack.say(channel, 'here today');
    await alice.waitForText(room, 'here today');
    const moved = { ...channel, id: 'C0CARAVAN2' };
    slack.control.moveChannel({ channel: channel.id, id: moved.id });
    slack.say(moved, 'gone tomorrow');
    await alice.waitForText(room, 'gone tomorrow', 30_000);
    await alice.say(room, 'and back');
    await slack.waitForText(moved, 'and back');
    const key = `matrix-slack-bridge://slack/${slack.team.id}/${moved.id}`;
    assert.ok(alice.room(room).state('m.bridge', key));
  });
});
