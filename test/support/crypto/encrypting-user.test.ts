import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { matrixApi } from '../../../sandbox/matrix-user/api.ts';
import { eventually } from '../bridge/eventually.ts';
import { testHomeserver } from '../synapse.ts';
import type { TestHomeserver } from '../synapse.ts';
import { crowdIn } from './crowd.ts';
import { encryptingPeople } from './encrypting-user.ts';
import type { EncryptingPeople, EncryptingUser, Received } from './encrypting-user.ts';

let homeserver: TestHomeserver;
let people: EncryptingPeople;
/** At matrix-js-sdk, as her device's owner known; at the same, strict; at matrix-nio, which signs no device. */
let ann: EncryptingUser;
let stella: EncryptingUser;
let ned: EncryptingUser;
let room: string;

before(async () => {
  homeserver = await testHomeserver();
  people = encryptingPeople(homeserver);
  [ann, stella, ned] = await Promise.all([
    people.open('Ann', 'js'),
    people.open('Stella', 'js', { onlySigned: true }),
    people.open('Ned', 'nio'),
  ]);
  room = await roomOf([ann, stella, ned], 'Cellar');
});
after(async () => {
  await people?.close();
  await homeserver?.close();
});

async function roomOf([first, ...others]: readonly EncryptingUser[], name: string): Promise<string> {
  if (!first) throw new Error('Nobody is there.');
  const made = await first.createRoom({ name, invite: others.map(({ userId }) => userId) });
  await first.encrypt(made);
  for (const other of others) {
    await other.waitForInvitation(({ roomId }) => roomId === made);
    await other.join(made);
  }
  for (const each of [first, ...others]) {
    await each.waitFor(made, (seen) => seen.state('m.room.encryption'));
    for (const other of others) {
      await each.waitFor(
        made,
        (seen) => seen.members().get(other.userId)?.membership === 'join' || undefined,
      );
    }
  }
  return made;
}

/** How a message looks to somebody; the shield may change while the client asks for the sender's devices. */
async function receivedBy(who: EncryptingUser, text: string, shield?: Received['shield']): Promise<Received> {
  const { eventId } = await who.waitForText(room, text);
  return eventually(
    () => {
      const now = who.received(room, eventId);
      return now && (shield === undefined || now.shield === shield) ? now : undefined;
    },
    () => JSON.stringify(who.received(room, eventId)),
  );
}

describe('clients that encrypt, among themselves', () => {
  test('read each other’s messages; the homeserver does not', async () => {
    const eventId = await ann.say(room, 'from js');
    assert.equal((await receivedBy(ned, 'from js')).inClear, false);
    await ned.say(room, 'from nio');
    assert.equal((await receivedBy(ann, 'from nio')).inClear, false);
    const stored = await matrixApi(ann.url, ann.accessToken).call(
      'GET',
      `/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(eventId)}`,
    );
    assert.equal(z.object({ type: z.string() }).parse(stored).type, 'm.room.encrypted');
    assert.doesNotMatch(JSON.stringify(stored), /from js/);
  });

  test('a message from a signed device has no shield, one from an unsigned device a red one', async () => {
    await ann.say(room, 'signed');
    assert.equal((await receivedBy(stella, 'signed', 'none')).shield, 'none');
    await ned.say(room, 'unsigned');
    const seen = await receivedBy(ann, 'unsigned', 'red');
    assert.deepEqual([seen.shield, seen.why], ['red', 'UNSIGNED_DEVICE']);
    assert.equal(
      (await ann.devices(ned.userId)).some(({ signed }) => signed),
      false,
    );
    assert.equal(
      (await stella.devices(ann.userId)).every(({ signed }) => signed),
      true,
    );
  });

  test('who talks with signed devices only neither reads the others nor is read by them', async () => {
    const byNed = await ned.say(room, 'unsigned, to all');
    await eventually(
      () =>
        stella
          .unread(room)
          .some(({ event, problem }) => event.event_id === byNed && problem === 'UNSIGNED_SENDER_DEVICE'),
      () => JSON.stringify(stella.unread(room)),
    );
    const byStella = await stella.say(room, 'for the signed');
    await ann.waitForText(room, 'for the signed');
    await eventually(
      () =>
        ned.unread(room).some(({ event, problem }) => event.event_id === byStella && problem === 'no key'),
      () => ned.room(room).transcript(),
    );
  });

  test('replies, threads, edits, reactions and redactions are the same as in clear', async () => {
    const root = await ann.say(room, 'lnuch?');
    await receivedBy(ned, 'lnuch?');
    await ann.edit(room, root, 'lunch?');
    await ned.sayInThread(room, root, 'yes');
    await ned.reply(room, root, 'where?');
    await ned.react(room, root, '👍');
    const typo = await ned.say(room, 'thrusday');
    await receivedBy(ann, 'thrusday');
    await ned.edit(room, typo, 'thursday');
    assert.equal((await ann.waitForText(room, 'thursday')).eventId, typo);
    const gone = await ned.say(room, 'a slip');
    await receivedBy(ann, 'a slip');
    await ned.redact(room, gone);
    const seen = await ned.waitForText(room, 'lunch?');
    assert.deepEqual([seen.eventId, seen.edited], [root, true]);
    assert.equal((await ann.waitForText(room, 'yes')).thread, root);
    assert.equal((await ann.waitForText(room, 'where?')).replyTo, root);
    await ann.waitFor(room, (each) => each.messages().every(({ body }) => body !== 'a slip') || undefined);
    await ann.waitFor(room, ({ messages }) => messages().find(({ reactions }) => reactions.has('👍')));
  });
});

describe('what they tell beside the words', () => {
  test('files arrive as they were, under keys of their own', async () => {
    for (const [from, to] of [
      [ann, ned],
      [ned, ann],
    ] as const) {
      const bytes = new Uint8Array(randomBytes(100_003));
      const name = `plan-of-${from === ann ? 'ann' : 'ned'}.bin`;
      await from.sendFile(room, name, bytes);
      const message = await to.waitForText(room, name);
      assert.deepEqual(new Uint8Array(await to.readFile(message)), bytes);
      const { url } = z.object({ file: z.object({ url: z.string() }) }).parse(message.content).file;
      assert.notDeepEqual((await to.download(url)).bytes, bytes);
    }
  });

  test('what is sent in clear is told from the rest', async () => {
    const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/${randomBytes(8).toString('hex')}`;
    await ann.api.call('PUT', path, { body: { msgtype: 'm.text', body: 'a postcard' } });
    for (const each of [stella, ned]) assert.equal((await receivedBy(each, 'a postcard')).inClear, true);
  });

  test('who was verified is held for verified', async () => {
    await ned.verify(ann.userId);
    assert.ok((await ned.devices(ann.userId)).every(({ verified }) => verified));
    await ann.rotate(room);
    await ann.say(room, 'it is me');
    assert.equal((await receivedBy(ned, 'it is me')).verified, true);
    await stella.say(room, 'and me');
    assert.ok((await stella.devices(ned.userId)).every(({ verified }) => !verified));
  });

  test('in a room that was made without it, encryption begins when somebody turns it on', async () => {
    const open = await ann.createRoom({ invite: [ned.userId] });
    await ned.waitForInvitation(({ roomId }) => roomId === open);
    await ned.join(open);
    const before = await ann.say(open, 'for all to read');
    await ned.waitForText(open, 'for all to read');
    await ann.encrypt(open);
    await ned.waitFor(open, (seen) => seen.state('m.room.encryption'));
    const since = await ned.say(open, 'for us');
    await ann.waitForText(open, 'for us');
    assert.deepEqual(
      [ann.received(open, since)?.inClear, ned.received(open, before)?.inClear],
      [false, true],
    );
  });

  test('who comes later reads what follows, and nothing from before', async () => {
    const early = await ann.say(room, 'before Late');
    const late = await people.open('Late', 'nio');
    await ann.invite(room, late.userId);
    await late.waitForInvitation();
    await late.join(room);
    await ann.waitFor(room, (seen) => seen.members().get(late.userId)?.membership === 'join' || undefined);
    await ann.say(room, 'after Late');
    await late.waitForText(room, 'after Late');
    assert.ok(late.unread(room).some(({ event }) => event.event_id === early));
    assert.ok(
      late
        .room(room)
        .messages()
        .every(({ body }) => body !== 'before Late'),
    );
  });

  test('many people in one process tell who of them can’t read what', async () => {
    const host = ann;
    const crowd = await crowdIn(homeserver, { host, rooms: [room], size: 5 });
    try {
      await ann.waitFor(
        room,
        ({ members }) =>
          [...members().keys()].filter((user) => user.includes('crowd')).length === 5 || undefined,
      );
      const before = await stella.say(room, 'for signed devices only');
      const all = await ann.say(room, 'for everybody');
      assert.deepEqual(await crowd.unreadable([all]), []);
      assert.deepEqual(
        (await crowd.unreadable([all, before], 2_000)).map(({ problem }) => problem),
        Array.from({ length: 5 }, () => 'no key'),
      );
    } finally {
      await crowd.stop();
    }
  });
});
