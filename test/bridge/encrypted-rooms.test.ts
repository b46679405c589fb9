import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { LinkedRoom } from '../support/bridge.ts';
import { eventsSinceEncryption, tablesWith } from './support/nothing-in-clear.ts';
import { hashOf, readSlackFile } from '../support/bridge/files.ts';
import { command, ghostOf, waitForMessage, waitUntilGone } from '../support/bridge/matrix-side.ts';
import { shown } from '../support/bridge/slack-side.ts';
import { newChat } from './support/direct-rooms.ts';
import { linkPerson } from './support/link-person.ts';
import { bringIn, reads, startEncryptedScene } from '../support/crypto/encrypted-scene.ts';
import type { EncryptedScene } from '../support/crypto/encrypted-scene.ts';

let scene: EncryptedScene;
let linked: LinkedRoom;

before(async () => {
  scene = await startEncryptedScene({ config: { encryption: { direct: 'on' } } });
  linked = await scene.encryptedRoom('vault');
});
after(() => scene?.close());

const stage = () => ({ ...scene, ...linked, everybody: [scene.alice, scene.bob, scene.stella] });

describe('in an encrypted room', () => {
  test('what is written in Slack is read by every client, without a shield', async () => {
    const { slack, channel, room, everybody } = stage();
    slack.say(channel, 'from Ann');
    slack.say(channel, 'from Ben', { user: slack.ben });
    for (const text of ['from Ann', 'from Ben'])
      for (const person of everybody) await reads(person, room, text);
  });

  test('what is written at every client is read in Slack', async () => {
    const { slack, channel, room, alice, bob, stella } = stage();
    await alice.say(room, { body: 'from Alice', html: '<b>from</b> Alice' });
    await bob.say(room, 'from Bob');
    await stella.say(room, 'from Stella');
    const post = await slack.waitForText(channel, '*from* Alice');
    assert.equal(post.username, 'Alice (Matrix)');
    await slack.waitForText(channel, 'from Bob');
    await slack.waitForText(channel, 'from Stella');
  });

  test('edits, threads, reactions and deletions of Slack’s people are seen', async () => {
    const { slack, channel, room, alice, bob, everybody } = stage();
    const ts = slack.say(channel, 'lnuch?');
    const { eventId } = await reads(alice, room, 'lnuch?');
    slack.control.edit({ channel: channel.id, ts, text: 'lunch?' });
    for (const person of everybody) {
      const seen = await waitForMessage(person, room, (each) => each.eventId === eventId && each.edited);
      assert.equal(seen.body, 'lunch?');
    }
    slack.say(channel, 'yes', { user: slack.ben, thread: ts });
    assert.equal((await reads(bob, room, 'yes')).thread, eventId);
    slack.control.react({ channel: channel.id, ts, user: slack.ben, name: 'tada' });
    await waitForMessage(alice, room, (each) => each.eventId === eventId && each.reactions.has('🎉'));
    slack.control.delete({ channel: channel.id, ts });
    for (const person of everybody) await waitUntilGone(person, room, eventId);
  });

  test('edits, replies, threads, reactions and redactions of Matrix’s people are seen', async () => {
    const { slack, channel, room, alice, bob, stella } = stage();
    const root = await alice.say(room, 'dnner?');
    const { ts } = await slack.waitForText(channel, 'dnner?');
    await alice.edit(room, root, 'dinner?');
    assert.equal((await slack.waitForText(channel, 'dinner?')).ts, ts);
    await bob.waitForText(room, 'dinner?');
    await bob.sayInThread(room, root, 'gladly');
    assert.equal((await slack.waitForText(channel, 'gladly')).thread_ts, ts);
    const slip = await stella.reply(room, root, 'where, then?');
    const reply = await slack.waitForText(channel, /where, then\?/);
    await bob.react(room, root, '👍');
    await slack.waitFor(
      channel,
      (post) => post.ts === ts && post.reactions?.some(({ name }) => name === '+1'),
    );
    await stella.redact(room, slip);
    await slack.waitUntil(channel, (posts) => !posts.some((post) => post.ts === reply.ts));
  });

  test('files are the same on both sides', async () => {
    const { slack, channel, room, alice, bob, stella } = stage();
    for (const [person, name] of [
      [alice, 'plan.bin'],
      [bob, 'list.bin'],
    ] as const) {
      const bytes = new Uint8Array(randomBytes(300_001));
      await person.sendFile(room, name, bytes);
      const post = await slack.waitFor(channel, ({ files }) => files?.some((file) => file.name === name));
      assert.equal((await readSlackFile(slack, post)).hash, await hashOf(bytes));
    }
    const files = [{ name: 'lake.png', picture: { width: 64, height: 48 } }];
    const { message } = slack.control.post({ channel: channel.id, user: slack.ann, text: '', files });
    const original = await readSlackFile(slack, message);
    for (const person of [alice, bob, stella]) {
      const seen = await reads(person, room, 'lake.png');
      assert.equal(seen.content['url'], undefined);
      assert.equal(await hashOf(await person.readFile(seen)), original.hash);
    }
  });

  test('the bot takes commands and answers under its own key', async () => {
    const { room, alice, bob, stella } = stage();
    const answer = await command(alice, room, '!slack status');
    assert.match(answer.body, /#vault in Acme\*\*: live/);
    for (const person of [alice, bob, stella]) await reads(person, room, answer.body);
  });
});

describe('who reads what', () => {
  test('who comes later reads what follows; who has left reads nothing of it, even when they are back', async () => {
    const { slack, channel, room, alice, people } = stage();
    const late = await people.open('Late', 'nio');
    slack.say(channel, 'before Late');
    await reads(alice, room, 'before Late');
    await bringIn(alice, late, room);
    slack.say(channel, 'with Late');
    await reads(late, room, 'with Late');
    await late.leave(room);
    await alice.waitFor(room, (seen) => seen.members().get(late.userId)?.membership === 'leave' || undefined);
    slack.say(channel, 'without Late');
    const secret = await reads(alice, room, 'without Late');
    await bringIn(alice, late, room);
    slack.say(channel, 'with Late again');
    await reads(late, room, 'with Late again');
    await late.waitFor(
      room,
      () => late.unread(room).some(({ event }) => event.event_id === secret.eventId) || undefined,
    );
    assert.ok(
      !late
        .room(room)
        .messages()
        .some(({ body }) => ['before Late', 'without Late'].includes(body)),
    );
  });

  test('a linked room in which encryption is turned on is encrypted from then on', async () => {
    const { slack, alice, bob, stella } = scene;
    const { room, channel } = await scene.linkedRoom('opened');
    slack.say(channel, 'a postcard');
    const open = await alice.waitForText(room, 'a postcard');
    assert.equal(alice.received(room, open.eventId)?.inClear, true);
    await alice.encrypt(room);
    await bob.knowsEncryption(room);
    await alice.say(room, 'is it on?');
    await slack.waitForText(channel, 'is it on?');
    slack.say(channel, 'a letter');
    for (const person of [alice, bob]) await reads(person, room, 'a letter');
    await bringIn(alice, stella, room);
    slack.say(channel, 'another letter');
    await reads(stella, room, 'another letter');
  });

  test('nothing of it stands in clear at the homeserver or in the bridge’s database', async () => {
    const { room, channel, slack, alice, databaseUrl } = stage();
    const secret = `secret-${randomBytes(8).toString('hex')}`;
    await alice.say(room, secret);
    const post = await slack.waitForText(channel, secret);
    assert.equal(shown(post), secret);
    const inClear = (await eventsSinceEncryption(alice, room)).filter(
      ({ type, state_key }) =>
        state_key === undefined && !['m.room.encrypted', 'm.reaction', 'm.room.redaction'].includes(type),
    );
    assert.deepEqual(inClear, []);
    assert.deepEqual(await tablesWith(databaseUrl, secret), []);
  });
});

test('a chat of a linked person begins encrypted', async () => {
  const { alice, slack } = scene;
  await linkPerson(scene, { matrix: alice.userId, slack: slack.ann });
  const { id } = slack.control.openDirect({ users: [slack.ann, slack.ben] });
  const chat = { id, name: id };
  slack.say(chat, 'psst', { user: slack.ben });
  const room = await newChat(alice, ghostOf(scene, slack.ben));
  await reads(alice, room, 'psst');
  await alice.say(room, 'what is it?');
  assert.equal((await slack.waitForText(chat, 'what is it?')).user, slack.ann);
  slack.say(chat, 'by hand', { user: slack.ann });
  assert.equal((await reads(alice, room, 'by hand')).sender, ghostOf(scene, slack.ann));
  assert.deepEqual(
    (await eventsSinceEncryption(alice, room)).filter(({ type }) => type === 'm.room.message'),
    [],
  );
});

describe('over restarts', () => {
  test('what is written while the bridge is down, under new keys too, arrives when it is back', async () => {
    const { bridge, slack, channel, room, alice, bob, stella, everybody } = stage();
    await bridge.stop();
    await alice.rotate(room);
    await bob.rotate(room);
    await alice.say(room, 'while it was down, from Alice');
    await bob.say(room, 'while it was down, from Bob');
    await stella.say(room, 'while it was down, from Stella');
    slack.say(channel, 'while it was down, from Ann');
    await bridge.start();
    for (const name of ['Alice', 'Bob', 'Stella'])
      await slack.waitForText(channel, `while it was down, from ${name}`, 30_000);
    for (const person of everybody) await reads(person, room, 'while it was down, from Ann');
    slack.say(channel, 'as before');
    for (const person of everybody) await reads(person, room, 'as before');
  });
});
