import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { testHomeserver } from './synapse.ts';
import type { TestHomeserver } from './synapse.ts';

describe("a person's Matrix client", () => {
  let homeserver: TestHomeserver;
  let ann: MatrixUser;
  let bob: MatrixUser;
  let room: string;

  before(async () => {
    homeserver = await testHomeserver();
    [ann, bob] = await Promise.all([homeserver.person('Ann'), homeserver.person('Bob')]);
    room = await ann.createRoom({ name: 'Garden', invite: [bob.userId] });
    const invitation = await bob.waitForInvitation(({ name }) => name === 'Garden');
    assert.deepEqual(invitation, { roomId: room, from: ann.userId, name: 'Garden' });
    await bob.join(room);
  });
  after(() => homeserver.close());

  it('shows who wrote what, with the name and picture of the room', async () => {
    const avatar = await bob.upload(Uint8Array.of(1, 2, 3), 'image/png', 'bob.png');
    await bob.setAvatar(avatar);
    // the homeserver brings a new picture into the rooms a moment later
    await ann.waitFor(room, (seen) => seen.members().get(bob.userId)?.avatar);
    await bob.say(room, { body: 'hello', html: '<b>hello</b>', mentions: [ann.userId] });
    const seen = await ann.waitForText(room, 'hello');
    assert.equal(seen.senderName, 'Bob');
    assert.equal(seen.senderAvatar, avatar);
    assert.equal(seen.html, '<b>hello</b>');
    assert.deepEqual(seen.content['m.mentions'], { user_ids: [ann.userId] });
    assert.deepEqual(await ann.download(avatar), { type: 'image/png', bytes: Uint8Array.of(1, 2, 3) });
    assert.deepEqual(await ann.profile(bob.userId), { name: 'Bob', avatar });
  });

  it('shows a message as its last edit says, also when the edit is formatted', async () => {
    const id = await ann.say(room, 'teh');
    await ann.edit(room, id, 'the first');
    await ann.edit(room, id, { body: 'the', html: '<i>the</i>' });
    const seen = await bob.waitFor(room, ({ messages }) =>
      messages().find(({ html }) => html === '<i>the</i>'),
    );
    assert.deepEqual([seen.eventId, seen.body, seen.edited], [id, 'the', true]);
    assert.equal(
      bob
        .room(room)
        .messages()
        .filter(({ body }) => /teh|first/.test(body)).length,
      0,
    );
  });

  it('does not take an edit from somebody else', async () => {
    const id = await ann.say(room, 'mine');
    await bob.edit(room, id, 'yours');
    await bob.say(room, 'after the edit');
    await ann.waitForText(room, 'after the edit');
    const seen = ann
      .room(room)
      .messages()
      .find(({ eventId }) => eventId === id);
    assert.equal(seen?.body, 'mine');
  });

  it('shows threads and replies, and groups reactions until they are taken back', async () => {
    const root = await ann.say(room, 'lunch?');
    await bob.sayInThread(room, root, 'yes');
    const reply = await bob.reply(room, root, 'where?');
    await ann.react(room, root, '👍');
    const taken = await bob.react(room, root, '👍');
    const both = await ann.waitFor(room, (seen) => {
      return seen.messages().find(({ reactions }) => reactions.get('👍')?.length === 2);
    });
    assert.deepEqual(both.reactions.get('👍'), [ann.userId, bob.userId]);
    assert.deepEqual(
      ann
        .room(room)
        .thread(root)
        .map(({ body, replyTo }) => [body, replyTo]),
      [['yes', undefined]],
    );
    assert.equal(
      ann
        .room(room)
        .messages()
        .find(({ eventId }) => eventId === reply)?.replyTo,
      root,
    );

    await bob.redact(room, taken);
    await ann.waitFor(room, (seen) =>
      seen.messages().find(({ reactions }) => reactions.get('👍')?.length === 1),
    );
  });

  it('shows nothing of a message that was removed', async () => {
    const id = await bob.say(room, 'oops');
    await ann.waitForText(room, 'oops');
    await bob.redact(room, id, 'a slip');
    await ann.waitFor(room, ({ messages }) => messages().every(({ eventId }) => eventId !== id) || undefined);
  });
});

describe("a person's Matrix client, elsewhere", () => {
  let homeserver: TestHomeserver;
  let ann: MatrixUser;
  before(async () => {
    homeserver = await testHomeserver();
    ann = await homeserver.person('Ann');
  });
  after(() => homeserver.close());

  it('shows everything in order to somebody who comes late to a long conversation', async () => {
    const long = await ann.createRoom({ public: true });
    const wanted = Array.from({ length: 130 }, (_, index) => `message ${index}`);
    for (const text of wanted) await ann.say(long, text);
    const carol = await homeserver.person('Carol');
    await carol.join(long);
    await carol.waitForText(long, 'message 129');
    assert.deepEqual(
      carol
        .room(long)
        .messages()
        .map(({ body }) => body),
      wanted,
    );
  });

  it('says what was in the room when it waited in vain', async () => {
    const room = await ann.createRoom();
    await ann.say(room, 'the last word');
    await ann.waitForText(room, 'the last word');
    await assert.rejects(
      ann.waitForText(room, 'never said', 50),
      /waited 50 ms in vain.*never said.*Ann: the last word/s,
    );
  });

  it('is told by the homeserver what it may not do', async () => {
    const closed = await ann.createRoom();
    const bob = await homeserver.person('Bob');
    await assert.rejects(bob.say(closed, 'hi'), {
      name: 'MatrixRefusal',
      status: 403,
      errcode: 'M_FORBIDDEN',
    });
  });
});
