import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, givePower, roomWithBot } from '../support/bridge/matrix-side.ts';

let scene: Scene;
/** The bot of another bridge, as it looks in rooms. */
let other: MatrixUser;

before(async () => {
  scene = await startScene();
  other = await scene.homeserver.person('Other bridge');
});
after(() => scene?.close());

const paused = /^The bridge to Slack is paused\. Another bridge is at work here: /;
const goesOn = /^The bridge to Slack goes on/;

describe('the bot of another bridge in the room', () => {
  test('pauses the link and is named; when it is gone, what was written meanwhile follows', async () => {
    const { alice, slack } = scene;
    const { room, channel } = await scene.linkedRoom('crowded');
    await bringOther(room);
    const notice = await alice.waitForText(room, paused);
    assert.ok(notice.body.includes(other.userId));
    assert.match(notice.body, /!slack set other-bridges on/);
    await alice.say(room, 'from Matrix, meanwhile');
    slack.say(channel, 'from Slack, meanwhile');
    assert.match(
      (await command(alice, room, '!slack status')).body,
      /paused\. Another bridge is at work here/,
    );

    await alice.kick(room, other.userId);
    await alice.waitForText(room, goesOn);
    await slack.waitForText(channel, 'from Matrix, meanwhile');
    await alice.waitForText(room, 'from Slack, meanwhile');
    assert.match((await command(alice, room, '!slack status')).body, /#crowded in Acme\*\*: live/);
  });

  test('is let be when that is wanted', async () => {
    const { alice, slack } = scene;
    const linked = await scene.linkedRoom('shared');
    await bringOther(linked.room);
    await alice.waitForText(linked.room, paused);
    await alice.say(linked.room, 'waiting for a word');
    await command(alice, linked.room, '!slack set other-bridges on');
    await alice.waitForText(linked.room, goesOn);
    await slack.waitForText(linked.channel, 'waiting for a word');
    await onceOnEachSide(linked, 'beside the other');
  });

  test('is in the way of a new link, unless that is wanted', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('taken');
    const room = await roomWithBot(alice, bot, 'Taken');
    await bringOther(room);
    const refused = await command(alice, room, '!slack link #taken');
    assert.match(refused.body, /^Another bridge is at work here: .*add the word “anyway”/);
    assert.match((await command(alice, room, '!slack link #taken anyway')).body, /^Linked to #taken/);
    await onceOnEachSide({ room, channel }, 'both of us');
  });
});

describe('another bridge’s app in the channel', () => {
  test('pauses the link with its first post and is named; nothing goes round in circles', async () => {
    const { alice, slack } = scene;
    const linked = await scene.linkedRoom('noisy');
    await onceOnEachSide(linked, 'before it came');
    const post = otherApp(linked, 'Matterbridge');
    post('an echo of everything');
    const notice = await alice.waitForText(linked.room, paused);
    assert.match(notice.body, /: Matterbridge\./);
    assert.match(notice.body, /!slack set other-bridges on/);
    assert.ok(
      !alice
        .room(linked.room)
        .messages()
        .some(({ body }) => body.includes('an echo of everything')),
    );

    await command(alice, linked.room, '!slack set other-bridges on');
    await alice.waitForText(linked.room, /an echo of everything/);
    post('and another one');
    const seen = await alice.waitForText(linked.room, /and another one/);
    assert.equal(seen.senderName, 'Matterbridge');
    await onceOnEachSide(linked, 'with it around');
    assert.ok(
      !slack
        .posts(linked.channel)
        .some(({ username, text }) => username?.includes('(Matrix)') && /echo/.test(text)),
    );
  });

  test('is in the way of a new link, unless that is wanted', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('occupied', { withApp: true });
    const room = await roomWithBot(alice, bot, 'Occupied');
    otherApp({ room, channel }, 'Heisenbridge')('first!');
    const refused = await command(alice, room, '!slack link #occupied');
    assert.match(refused.body, /^Another bridge is at work here: Heisenbridge\..*add the word “anyway”/);
    assert.match(
      (await command(alice, room, '!slack link #occupied Acme anyway')).body,
      /^Linked to #occupied/,
    );
    await onceOnEachSide({ room, channel }, 'all three');
  });

  test('that is no bridge is bridged like anybody', async () => {
    const { alice } = scene;
    const linked = await scene.linkedRoom('quiet');
    otherApp(linked, 'Deploys')('release 7');
    await alice.waitForText(linked.room, /release 7/);
    assert.ok(
      !alice
        .room(linked.room)
        .messages()
        .some(({ body }) => paused.test(body)),
    );
  });
});

/** The other bridge's bot enters the room and says, as bridges do, what it joins it to. */
async function bringOther(room: string): Promise<void> {
  const { alice } = scene;
  await alice.invite(room, other.userId);
  await other.join(room);
  await givePower(alice, room, other.userId, 50);
  await other.waitFor(
    room,
    ({ state }) => JSON.stringify(state('m.room.power_levels') ?? {}).includes(other.userId) || undefined,
  );
  await other.setState(
    room,
    'm.bridge',
    { bridgebot: other.userId, protocol: { id: 'slackgo', displayname: 'Slack' }, channel: { id: 'C0' } },
    'net.other.bridge/C0',
  );
}

/** Another app in the channel; returns how it posts. */
function otherApp({ channel }: LinkedRoom, name: string): (text: string) => void {
  const { control } = scene.slack;
  const where = { channel: channel.id, app: control.createApp({ name, transport: 'none' }).id };
  control.inviteApp(where);
  return (text) => {
    control.postAsApp({ ...where, text });
  };
}

/** Something said on each side arrives on the other, and neither side has anything twice. */
async function onceOnEachSide({ room, channel }: LinkedRoom, text: string): Promise<void> {
  const { alice, slack } = scene;
  const words = [`${text}, from Matrix`, `${text}, from Slack`] as const;
  await alice.say(room, words[0]);
  await slack.waitForText(channel, words[0]);
  slack.say(channel, words[1]);
  await alice.waitForText(room, words[1]);
  await slack.control.idle({});
  for (const each of words) {
    assert.equal(slack.posts(channel).filter((post) => post.text.includes(each)).length, 1);
    assert.equal(
      alice
        .room(room)
        .messages()
        .filter(({ body }) => body.includes(each)).length,
      1,
    );
  }
}
