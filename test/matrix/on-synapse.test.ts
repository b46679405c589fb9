import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { CannotBridge } from '../../src/errors.ts';
import { textDoc } from '../../src/format/doc.ts';
import { parseHtml } from '../../src/format/html.ts';
import { channelId, eventId, matrixUserId, mxcUri, roomId } from '../../src/ids.ts';
import type { MatrixUserId, RoomId } from '../../src/ids.ts';
import { matrixEvent } from '../../src/matrix/inbound.ts';
import type { GhostRecord } from '../../src/matrix/ports.ts';
import type { MatrixAdapter } from '../../src/matrix/start-matrix.ts';
import type { MatrixPort } from '../../src/portal/ports.ts';
import { testHomeserver } from '../support/synapse.ts';
import type { TestHomeserver } from '../support/synapse.ts';
import type { Slot } from '../support/slots.ts';
import { adapterOn, eventually, memoryGhosts, profile, recordingIntake, team } from './support.ts';

let homeserver: TestHomeserver;
let slot: Slot;
let adapter: MatrixAdapter;
let matrix: MatrixPort;
let ann: MatrixUser;
const intake = recordingIntake();
const ghosts = memoryGhosts();
const pictures = new Map<string, Buffer>();
let picturesFetched = 0;

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
  adapter = await adapterOn({
    homeserver,
    slot,
    intake,
    ghostStore: ghosts,
    fetchPicture: async (url) => {
      picturesFetched += 1;
      const bytes = pictures.get(url);
      if (!bytes) throw new Error('no such picture');
      return { bytes, mimetype: 'image/png' };
    },
  });
  await adapter.listen();
  matrix = adapter.port;
  ann = await homeserver.person('Ann');
});

after(async () => {
  await adapter?.stop();
  await homeserver?.close();
});

const hello = { kind: 'text', text: textDoc('hello') } as const;
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let facts = 0;
function key(part = 'text') {
  facts += 1;
  return { fact: `slack:1:message:${facts}`, part };
}

/** A room of Ann's that the bot is in. */
async function newRoom(
  options: { readonly version?: string; readonly power?: number } = {},
): Promise<RoomId> {
  const { version, power = 50 } = options;
  const id = await ann.createRoom({ invite: [matrix.bot], ...(version !== undefined && { version }) });
  const room = roomId(id);
  await matrix.join(room);
  const levels = await matrix.state(room, 'm.room.power_levels', '');
  const users = { ...(levels?.['users'] as object), [matrix.bot]: power };
  await ann.setState(room, 'm.room.power_levels', { ...levels, users });
  return room;
}

test('the homeserver and the bridge reach each other, and the bot has its name', async () => {
  assert.equal(adapter.health().ok, true);
  assert.equal((await ann.profile(matrix.bot)).name, 'Slack bridge');
});

test('a message of a ghost is read under its name, in a room that it was not in before', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U1', 'Bob Slack'));
  const text = parseHtml('<b>hi</b> there');
  await matrix.send(ghost, room, { kind: 'text', text }, { ...key(), at: 1_700_000_000_123.4 });
  const seen = await ann.waitForText(room, '**hi** there');
  const event = ann
    .room(room)
    .events()
    .find(({ event_id }) => event_id === seen.eventId);
  assert.equal(ann.room(room).members().get(ghost)?.name, 'Bob Slack');
  assert.equal(event?.sender, ghost);
  assert.equal(event?.origin_server_ts, 1_700_000_000_123);
});

test('the same effect is the same event, however often, and in however many processes', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U2', 'Eve'));
  const same = key();
  const sent = await Promise.all([1, 2, 3].map(() => matrix.send(ghost, room, hello, same)));
  assert.equal(new Set(sent).size, 1);
  assert.notEqual(await matrix.send(ghost, room, hello, key()), sent[0]);
});

test('edits, threads, replies, reactions and deletions are seen as such', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U3', 'Cid'));
  const first = await matrix.send(ghost, room, hello, key());
  await matrix.edit(ghost, room, first, { kind: 'text', text: textDoc('hello again') }, key());
  await ann.waitForText(room, 'hello again');
  const shown = await matrix.message(room, first);
  assert.deepEqual([shown?.plain, shown?.event], ['hello again', first]);
  const thread = { root: first, latest: first };
  await matrix.send(ghost, room, { kind: 'text', text: textDoc('in it'), thread }, key());
  await ann.waitFor(room, (seen) => seen.thread(first).some(({ body }) => body === 'in it'));
  const reaction = await matrix.react(ghost, room, first, { key: '👍' }, key());
  assert.equal(await matrix.react(ghost, room, first, { key: '👍' }, key()), reaction, 'already there');
  const other = await matrix.react(ghost, room, first, { key: '🎉' }, key());
  assert.notEqual(other, reaction);
  assert.equal(await matrix.react(ghost, room, first, { key: '🎉' }, key()), other);
  await ann.waitFor(room, (seen) => seen.messages().some(({ reactions }) => reactions.size > 0));
  assert.ok(reaction);
  await matrix.redact(ghost, room, reaction, key());
  assert.equal(await matrix.canBeEdited(room, first, ghost), true);
  await matrix.redact(ghost, room, first, key());
  assert.equal(await matrix.canBeEdited(room, first, ghost), false);
  assert.equal(await matrix.message(room, first), undefined);
  await ann.waitFor(room, (seen) => !seen.messages().some(({ body }) => body === 'hello again') || undefined);
});

test('forty ghosts that write at once in a room that none of them was in lose nothing', async () => {
  const room = await newRoom();
  const sent = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const ghost = await matrix.prepareGhost(profile(`U4${index}`, `Ghost ${index}`));
      const text = textDoc(`from ${index}`);
      return matrix.send(ghost, room, { kind: 'text', text }, key());
    }),
  );
  assert.equal(new Set(sent).size, 40);
  await ann.waitFor(room, (seen) => seen.messages().length === 40 || undefined);
  assert.equal(
    new Set(
      ann
        .room(room)
        .messages()
        .map(({ body }) => body),
    ).size,
    40,
  );
});

test('a ghost that people removed stays out until they invite it again', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U5', 'Dan'));
  await matrix.send(ghost, room, hello, key());
  await ann.kick(room, ghost);
  const refused = (reason: string) => (error: unknown) =>
    error instanceof CannotBridge && error.reason === reason;
  const again = key();
  await assert.rejects(matrix.send(ghost, room, hello, again), refused('kicked'));
  await assert.rejects(matrix.send(ghost, room, hello, again), refused('kicked'));
  await ann.invite(room, ghost);
  await matrix.send(ghost, room, hello, again);
  await ann.ban(room, ghost);
  await assert.rejects(matrix.send(ghost, room, hello, key()), refused('banned'));
});

test('what a removed ghost wrote can still be deleted, by the bot where it has the power', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U15', 'Oz'));
  const sent = await matrix.send(ghost, room, hello, key());
  await ann.kick(room, ghost);
  await matrix.redact(ghost, room, sent, key());
  await ann.waitFor(room, (seen) => seen.messages().length === 0 || undefined);
  const weak = await newRoom({ power: 0 });
  const other = await matrix.send(ghost, weak, hello, key());
  await ann.kick(weak, ghost);
  await assert.rejects(
    matrix.redact(ghost, weak, other, key()),
    (error) => error instanceof CannotBridge && error.reason === 'kicked',
  );
});

test('a ghost that left by our own hand comes back when it writes', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U6', 'Fay'));
  await matrix.send(ghost, room, hello, key());
  await matrix.leave(room, ghost);
  await matrix.leave(room, ghost);
  await matrix.send(ghost, room, hello, key());
  assert.ok((await matrix.joinedMembers(room)).includes(ghost));
});

test('where the bot is not, or may not invite, people are told what to do', async () => {
  const ghost = await matrix.prepareGhost(profile('U7', 'Gus'));
  const without = roomId(await ann.createRoom());
  await assert.rejects(matrix.send(ghost, without, hello, key()), /invite @/);
  assert.equal((await matrix.rights(without)).joined, false);
  const room = await newRoom({ power: 0 });
  const levels = await matrix.state(room, 'm.room.power_levels', '');
  await ann.setState(room, 'm.room.power_levels', { ...levels, invite: 50 });
  await assert.rejects(matrix.send(ghost, room, hello, key()), /give it the power to invite/);
  const { joined, missing } = await matrix.rights(room);
  assert.equal(joined, true);
  assert.ok(missing.some((line) => line.startsWith('invite people')));
});

test('a message that is too large is refused for good, and so is one that power forbids', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U8', 'Hal'));
  await matrix.send(ghost, room, { kind: 'text', text: textDoc('𝕏'.repeat(30_000)) }, key());
  const levels = await matrix.state(room, 'm.room.power_levels', '');
  await ann.setState(room, 'm.room.power_levels', { ...levels, events_default: 50 });
  await assert.rejects(
    matrix.send(ghost, room, hello, key()),
    (error) => error instanceof CannotBridge && error.reason === 'matrix-forbidden',
  );
});

test('name and picture follow Slack, and are asked for once', async () => {
  pictures.set('https://slack.test/1.png', png).set('https://slack.test/2.png', png);
  const seen = async (user: MatrixUserId) => ann.profile(user);
  const ghost = await matrix.prepareGhost(profile('U9', 'Ida', 'https://slack.test/1.png'));
  const avatar = (await seen(ghost)).avatar;
  assert.ok(avatar);
  assert.deepEqual(Buffer.from((await ann.download(avatar)).bytes), png);
  const fetched = picturesFetched;
  await Promise.all(
    [1, 2, 3].map(() => matrix.prepareGhost(profile('U9', 'Ida', 'https://slack.test/1.png'))),
  );
  assert.equal(picturesFetched, fetched);
  await matrix.prepareGhost(profile('U9', 'Ida May', 'https://slack.test/2.png'));
  const row = (): GhostRecord => ghosts.row(`${slot.ghostPrefix}u9`);
  await eventually(() => row().picture?.url.endsWith('2.png'));
  assert.deepEqual(await seen(ghost), { name: 'Ida May', avatar }, 'the same bytes are uploaded once');
  await matrix.prepareGhost(profile('U9', 'Ida May'));
  await eventually(() => row().picture === undefined);
  assert.equal((await seen(ghost)).avatar ?? '', '');
});

test('a picture that can not be had holds nobody up', async () => {
  const ghost = await matrix.prepareGhost(profile('U10', 'Jo', 'https://slack.test/none.png'));
  const fetched = picturesFetched;
  await matrix.prepareGhost(profile('U10', 'Jo', 'https://slack.test/none.png'));
  assert.equal(picturesFetched, fetched, 'not asked again at once');
  assert.equal((await ann.profile(ghost)).name, 'Jo');
  assert.equal(await matrix.hasGhost(team, profile('U10', 'Jo').id), true);
  assert.equal(await matrix.hasGhost(team, profile('U11', 'Kim').id), false);
});

test('what people do comes to the intake once, and what we do does not', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U12', 'Lee'));
  const ours = await matrix.send(ghost, room, hello, key());
  const theirs = await ann.say(room, 'good day');
  await ann.kick(room, ghost);
  const kick = await eventually(() =>
    intake.events().find((event) => event['state_key'] === ghost && event['room_id'] === room),
  );
  assert.equal(kick['sender'], ann.userId);
  const ids = intake.events().map((event) => event['event_id']);
  assert.equal(ids.filter((id) => id === theirs).length, 1);
  assert.ok(!ids.includes(ours));
  const stored = intake.deliveries.find(({ deliveryKey }) => deliveryKey === `matrix:${theirs}`);
  assert.ok(stored);
  const event = matrixEvent(stored.payload);
  assert.ok(event.type === 'message');
  assert.equal(event.plain, 'good day');
});

test('what could not be stored is sent again soon', async () => {
  const room = await newRoom();
  intake.down = true;
  const text = await ann.say(room, 'while the database is down');
  await eventually(() => intake.refused > 0);
  intake.down = false;
  await eventually(() => intake.events().some((event) => event['event_id'] === text));
});

test('people are known by their name and picture in the room, which are kept up to date', async () => {
  const room = await newRoom();
  const before = { user: ann.userId, name: 'Ann', ambiguous: false };
  assert.deepEqual(await matrix.member(room, matrixUserId(ann.userId)), before);
  const picture = mxcUri(await ann.upload(new Uint8Array(png), 'image/png', 'a.png'));
  await ann.setAvatar(picture);
  await ann.setName('Ann B');
  const wanted = { user: ann.userId, name: 'Ann B', picture, ambiguous: false };
  await eventually(() =>
    intake
      .events()
      .some((event) => event['room_id'] === room && JSON.stringify(event['content']).includes('Ann B')),
  );
  assert.deepEqual(await matrix.member(room, matrixUserId(ann.userId)), wanted);
  const stranger = matrixUserId(`@nobody:${homeserver.serverName}`);
  const unknown = { user: stranger, name: 'nobody', ambiguous: false };
  assert.deepEqual(await matrix.member(room, stranger), unknown);
  await ann.setName('Ann');
  const { stream, mimetype } = await adapter.thumbnail(picture, 64);
  assert.ok((await stream.toArray()).length > 0);
  assert.match(mimetype, /^image\//);
  await assert.rejects(adapter.thumbnail(mxcUri(`mxc://${homeserver.serverName}/none`), 64), CannotBridge);
});

test('rooms of the bridge are made by the policy, and belong to the people it names', async () => {
  for (const [version, creatorPower] of [
    ['default', Number.POSITIVE_INFINITY],
    ['11', 100],
  ] as const) {
    const own = await adapterOn({
      homeserver,
      slot,
      ghostStore: ghosts,
      rooms: {
        version,
        additionalCreators: [matrixUserId(ann.userId)],
        historyVisibility: 'joined',
        federate: false,
        aliases: true,
      },
    });
    const room = await own.port.createRoom({
      name: 'general',
      topic: textDoc('All of it'),
      invite: [matrixUserId(ann.userId)],
    });
    await ann.join(room);
    assert.equal(await own.port.powerOf(room, matrixUserId(ann.userId)), creatorPower);
    assert.equal(await own.port.powerOf(room, own.port.bot), creatorPower);
    const ghost = await own.port.prepareGhost(profile('U13', 'Max'));
    assert.equal(await own.port.powerOf(room, ghost), 0);
    assert.equal(await own.port.powerNeeded(room, { notification: 'room' }), 50);
    assert.equal(await own.port.powerNeeded(room, { state: 'm.room.name' }), 50);
    assert.deepEqual(await own.port.rights(room), { joined: true, missing: [] });
    assert.deepEqual(await own.port.state(room, 'm.room.history_visibility', ''), {
      history_visibility: 'joined',
    });
    assert.equal((await own.port.state(room, 'm.room.create', ''))?.['m.federate'], false);
    await own.port.send(ghost, room, hello, key());
    await own.stop();
  }
});

test('a portal is described in the state, and other bridges in it are named', async () => {
  const room = await newRoom();
  const channel = {
    team,
    channel: channelId('C1'),
    name: 'general',
    teamName: 'Example',
    url: 'https://example.slack.com/',
  };
  await matrix.describeBridge(room, channel, true);
  const [described] = await matrix.stateOfType(room, 'uk.half-shot.bridge');
  assert.equal(described?.sender, matrix.bot);
  assert.equal(described?.content['bridgebot'], matrix.bot);
  assert.deepEqual(await matrix.otherBridges(room), []);
  await matrix.describeBridge(room, channel, false);
  assert.deepEqual((await matrix.stateOfType(room, 'm.bridge'))[0]?.content, {});
  const bridge = { protocol: { id: 'slackgo' }, bridgebot: ann.userId };
  await ann.setState(room, 'm.bridge', bridge, 'elsewhere');
  assert.deepEqual(await matrix.otherBridges(room), [ann.userId]);
});

test('an alias leads to its room, and one that nobody has to none', async () => {
  const name = `hall${Date.now()}`;
  const room = await ann.createRoom({ alias: name });
  assert.equal(await matrix.resolveAlias(`#${name}:${homeserver.serverName}`), room);
  assert.equal(await matrix.resolveAlias(`#none-${name}:${homeserver.serverName}`), undefined);
  assert.equal(await matrix.resolveAlias('no alias'), undefined);
  assert.equal(await matrix.resolveAlias(`#${name}:nobody-answers.invalid`), undefined);
});

test('a device that the homeserver lost is made again, and the message goes out', async () => {
  const room = await newRoom();
  const ghost = await matrix.prepareGhost(profile('U14', 'Ned'));
  await matrix.send(ghost, room, hello, key());
  const localpart = `${slot.ghostPrefix}u14`;
  await ghosts.save({ ...ghosts.row(localpart), deviceId: 'LOST' });
  const fresh = await adapterOn({ homeserver, slot, ghostStore: ghosts });
  assert.ok(eventId(await fresh.port.send(ghost, room, hello, key())));
  assert.notEqual(ghosts.row(localpart).deviceId, 'LOST');
  await fresh.stop();
});

test('the bot’s chat with a person is the same one until they leave it', async () => {
  const user = matrixUserId(ann.userId);
  const chat = await matrix.chatWith(user);
  await ann.join(chat);
  assert.equal(await matrix.chatWith(user), chat);
  await ann.leave(chat);
  const own = roomId(await ann.createRoom({ direct: true, invite: [matrix.bot] }));
  await matrix.join(own);
  await matrix.rememberChat(user, own);
  assert.equal(await matrix.chatWith(user), own);
});
