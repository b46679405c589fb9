import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startScene } from '../support/bridge.ts';
import type { LinkedRoom, Scene } from '../support/bridge.ts';
import { command, directChat, ghostOf, givePower, roomWithBot } from '../support/bridge/matrix-side.ts';
import type { SlackChannel } from '../support/bridge/slack-side.ts';
import { query } from '../store/query.ts';

let scene: Scene;
let town: LinkedRoom;
/** Alice's chat with the bot. */
let chat: string;

before(async () => {
  scene = await startScene({
    config: { rooms: { version: '12', additional_creators: ['@keeper:localhost'] } },
  });
  town = await scene.linkedRoom('town');
  chat = await directChat(scene.alice, scene.bot);
});
after(() => scene?.close());

describe('linking', () => {
  test('says in the room what it means, and messages go both ways from then on', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('harbour');
    const room = await roomWithBot(alice, bot, 'Harbour');
    const answer = await command(alice, room, '!slack link #harbour');
    assert.match(
      answer.body,
      /Linked to #harbour in Acme\. What is written in Slack appears here, .*one person/,
    );
    assert.match(answer.body, /What is written here appears in Slack under the writer’s name/);
    await talks(room, channel, 'at the harbour');
  });

  test('a channel is found by its id, too', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('by-id');
    const room = await roomWithBot(alice, bot, 'By id');
    assert.match((await command(alice, room, `!slack link ${channel.id}`)).body, /^Linked to #by-id/);
  });

  test('again, it changes nothing', async () => {
    const answer = await command(scene.alice, town.room, '!slack link #town');
    assert.match(answer.body, /^Linked to #town/);
    await talks(town.room, town.channel, 'once only');
    await scene.slack.control.idle({});
    const once = scene.alice
      .room(town.room)
      .messages()
      .filter(({ body }) => body === 'once only, from Slack');
    assert.equal(once.length, 1);
  });

  test('a private channel that the bot was invited to meets a room by invitation', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('board', { private: true, withApp: true });
    const room = await roomWithBot(alice, bot, 'Board');
    assert.match((await command(alice, room, '!slack link #board')).body, /^Linked to #board/);
    await talks(room, channel, 'between us');
  });

  test('from a chat with the bot it makes a room by the policy for rooms, and invites who asked', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('meadow');
    slack.control.setTopic({ channel: channel.id, user: slack.ann, topic: 'Cows and grass' });
    const answer = await command(alice, chat, 'link #meadow');
    assert.match(answer.body, /I made the room #meadow and invited you\./);
    const { roomId: room } = await alice.waitForInvitation(({ name }) => name === '#meadow');
    assert.ok(answer.html?.includes(`https://matrix.to/#/${room}`));
    await alice.join(room);
    const create = await alice.waitFor(room, (seen) => seen.state('m.room.create'));
    assert.equal(create['room_version'], '12');
    assert.deepEqual(create['additional_creators'], ['@keeper:localhost']);
    const { state } = alice.room(room);
    assert.equal(state('m.room.topic')?.['topic'], 'Cows and grass');
    assert.equal(state('m.room.join_rules')?.['join_rule'], 'invite');
    assert.equal(state('m.room.history_visibility')?.['history_visibility'], 'shared');
    assert.equal(alice.room(room).members().get(bot)?.membership, 'join');
    await talks(room, channel, 'in the meadow');
    const again = await command(alice, chat, 'link #meadow');
    assert.match(again.body, /#meadow in Acme is linked already/);
    assert.ok(again.html?.includes(`https://matrix.to/#/${room}`));
  });
});

describe('unlinking', () => {
  test('parts room and channel: ghosts leave, what was said stays, nothing more goes across', async () => {
    const { alice, slack } = scene;
    const { room, channel } = await scene.linkedRoom('fair');
    await talks(room, channel, 'before');
    const answer = await command(alice, room, '!slack unlink yes');
    assert.match(answer.body, /#fair in Acme is not linked any more\. What was said stays/);
    const ghost = ghostOf(scene, slack.ann);
    await alice.waitFor(room, (seen) => seen.members().get(ghost)?.membership === 'leave' || undefined);
    const key = `matrix-slack-bridge://slack/${slack.team.id}/${channel.id}`;
    for (const type of ['m.bridge', 'uk.half-shot.bridge'])
      await alice.waitFor(room, ({ state }) => Object.keys(state(type, key) ?? {}).length === 0 || undefined);

    slack.say(channel, 'nobody hears this');
    await alice.say(room, 'nor this');
    await talks(town.room, town.channel, 'elsewhere it goes on'); // the bridge is done with what came before
    assert.match((await command(alice, room, '!slack status')).body, /Linked channels:/);
    assert.ok(
      !scene.alice
        .room(room)
        .messages()
        .some(({ body }) => body === 'nobody hears this'),
    );
    assert.ok(!slack.posts(channel).some(({ text }) => text.includes('nor this')));
    await alice.waitForText(room, 'before, from Slack');
  });

  test('a channel and a room that were parted can be linked again', async () => {
    const { alice } = scene;
    const { room, channel } = await scene.linkedRoom('again');
    await command(alice, room, '!slack unlink yes');
    assert.match((await command(alice, room, '!slack link #again')).body, /^Linked to #again/);
    await talks(room, channel, 'back again');
  });

  test('an administrator of the bridge parts a channel from afar, by its name', async () => {
    await scene.linkedRoom('far');
    const answer = await command(scene.alice, chat, 'unlink #far yes');
    assert.match(answer.body, /#far in Acme is not linked any more/);
  });
});

describe('a refusal says what to do', () => {
  test('to who lacks the power in the room', async () => {
    const { alice, bob, bot, slack } = scene;
    slack.newChannel('lowly');
    const room = await roomWithBot(alice, bot, 'Lowly');
    await alice.invite(room, bob.userId);
    await bob.join(room);
    const answer = await command(bob, room, '!slack link #lowly');
    assert.match(
      answer.body,
      /You need a power level of 50 in the room for this, and have 0\. Ask one of the room's/,
    );
    const unlinking = await command(bob, town.room, '!slack unlink yes');
    assert.match(unlinking.body, /You need a power level of 50/);
  });

  test('where the bot lacks rights: which, and that it is to be given them', async () => {
    const { alice, bot, slack } = scene;
    const channel = slack.newChannel('powerless');
    const room = await roomWithBot(alice, bot, 'Powerless', 0);
    const answer = await command(alice, room, '!slack link #powerless');
    assert.match(
      answer.body,
      /The bridge's bot lacks rights in the room: .*m\.bridge \(needs power 50, the bot has 0\)/,
    );
    assert.match(answer.body, new RegExp(`Give ${bot} a higher power level`));
    await givePower(alice, room, bot, 50);
    assert.match((await command(alice, room, '!slack link #powerless')).body, /^Linked to/);
    await talks(room, channel, 'powerful');
  });

  test('of a private channel without the bot: to invite it there; nobody else learns that it exists', async () => {
    const { alice, bob, bot, slack } = scene;
    const channel = slack.newChannel('closed', { private: true });
    const room = await roomWithBot(alice, bot, 'Closed');
    const answer = await command(alice, room, '!slack link #closed');
    assert.match(answer.body, /invite the bridge's app there first, with \/invite in Slack/);
    slack.control.inviteApp({ channel: channel.id });
    const bobsRoom = await roomWithBot(bob, bot, 'Bob’s');
    assert.match(
      (await command(bob, bobsRoom, '!slack link #closed')).body,
      /There is no channel “#closed” that I can see/,
    );
    assert.match((await command(alice, room, '!slack link #closed')).body, /^Linked to #closed/);
  });

  test('of a private channel and a room that anybody may join', async () => {
    const { alice, bot, slack } = scene;
    slack.newChannel('payroll', { private: true, withApp: true });
    const room = await roomWithBot(alice, bot, 'Payroll');
    await alice.setState(room, 'm.room.join_rules', { join_rule: 'public' });
    const answer = await command(alice, room, '!slack link #payroll');
    assert.match(
      answer.body,
      /#payroll is private in Slack, and anybody may join in this room\. Change that in the room's settings/,
    );
    await alice.setState(room, 'm.room.join_rules', { join_rule: 'invite' });
    assert.match((await command(alice, room, '!slack link #payroll')).body, /^Linked to #payroll/);
  });

  test('of a room or a channel that is linked already: where, and to unlink it first', async () => {
    const { alice, bot, slack } = scene;
    slack.newChannel('second');
    const room = await command(alice, town.room, '!slack link #second');
    assert.match(room.body, /This room is linked to #town \(Acme\) already\. Unlink it first\./);
    const other = await roomWithBot(alice, bot, 'Other');
    const channel = await command(alice, other, '!slack link #town');
    assert.match(channel.body, /#town \(Acme\) is linked already, to the room .*Unlink it there first\./);
    assert.ok(channel.body.includes(encodeURIComponent(town.room)));
  });
});

test('the audit log names who did what to which channel', async () => {
  const { alice, databaseUrl } = scene;
  const { room, channel } = await scene.linkedRoom('ledger');
  await command(alice, room, '!slack set everyone on');
  await command(alice, room, '!slack set everyone'); // refused: nothing was done
  await command(alice, room, '!slack unlink yes');
  const rows = await query(
    databaseUrl,
    `select actor, action, details, at > now() - interval '5 minutes' as lately from audit
      where portal = (select portal from audit where details->>'name' = 'ledger' limit 1) order by id`,
  );
  const place = { room, team: scene.slack.team.id, channel: channel.id, name: 'ledger' };
  assert.deepEqual(rows, [
    { actor: alice.userId, action: 'link', details: { ...place, otherBridges: false }, lately: true },
    { actor: alice.userId, action: 'set', details: { everyone: true }, lately: true },
    { actor: alice.userId, action: 'unlink', details: place, lately: true },
  ]);
});

/** Something said on each side arrives on the other. */
async function talks(room: string, channel: SlackChannel, text: string): Promise<void> {
  const { alice, slack } = scene;
  await alice.say(room, `${text}, from Matrix`);
  await slack.waitForText(channel, `${text}, from Matrix`);
  slack.say(channel, `${text}, from Slack`);
  await alice.waitForText(room, `${text}, from Slack`);
}
