import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { matrixApi } from '../../sandbox/matrix-user/api.ts';
import type { MatrixApi } from '../../sandbox/matrix-user/api.ts';
import { matrixUser } from '../../sandbox/matrix-user.ts';
import type { MatrixUser } from '../../sandbox/matrix-user.ts';
import { CannotBridge } from '../../src/errors.ts';
import { textDoc } from '../../src/format/doc.ts';
import { matrixUserId, roomId, slackUserId } from '../../src/ids.ts';
import type { MatrixUserId, RoomId } from '../../src/ids.ts';
import type { JsonObject } from '../../src/matrix/json.ts';
import { readPuppetsRegistration } from '../../src/matrix/registration.ts';
import type { MatrixAdapter } from '../../src/matrix/start-matrix.ts';
import type { MatrixPort } from '../../src/portal/ports.ts';
import type { Slot } from '../support/slots.ts';
import { testHomeserver } from '../support/synapse.ts';
import type { TestHomeserver } from '../support/synapse.ts';
import { adapterOn, eventually, memoryGhosts, recordingIntake, recordingLog, team } from './support.ts';

const author = slackUserId('U0ANN');
let homeserver: TestHomeserver;
let slot: Slot;
let adapter: MatrixAdapter;
let matrix: MatrixPort;
let ann: MatrixUser;
let annsApi: MatrixApi;
let bob: MatrixUser;
let linked: MatrixUserId;
const intake = recordingIntake();
const ghosts = memoryGhosts();

before(async () => {
  homeserver = await testHomeserver();
  slot = await homeserver.takeSlot();
  const session = await homeserver.session('Ann Original');
  ann = matrixUser(session);
  annsApi = matrixApi(session.url, session.accessToken);
  bob = await homeserver.person('Bob');
  linked = matrixUserId(ann.userId);
  adapter = await newAdapter();
  await adapter.listen();
  matrix = adapter.port;
});

after(async () => {
  await ann?.stop();
  await adapter?.stop();
  await homeserver?.close();
});

async function newAdapter(asToken?: string, log = recordingLog()): Promise<MatrixAdapter> {
  const registration = readPuppetsRegistration(JSON.parse(await readFile(slot.puppetRegistration, 'utf8')));
  return adapterOn({
    homeserver,
    slot,
    intake,
    log,
    ghostStore: ghosts,
    puppetsRegistration: { ...registration, ...(asToken !== undefined && { asToken }) },
    accountOf: (_team, of) => (of === author ? linked : undefined),
  });
}

const hello = { kind: 'text', text: textDoc('hello from Slack') } as const;
const refusedAs = (reason: string) => (error: unknown) =>
  error instanceof CannotBridge && error.reason === reason;

let facts = 0;
function key(part = 'text') {
  facts += 1;
  return { fact: `slack:1:message:${facts}`, part, author };
}

/** A room of Bob's that the bot is in, and Ann if she is wanted there. */
async function newRoom(withAnn = true): Promise<RoomId> {
  const room = roomId(await bob.createRoom({ invite: [matrix.bot, ann.userId] }));
  await matrix.join(room);
  if (withAnn) await ann.join(room);
  return room;
}

const storedIds = () => new Set(intake.events().map((event) => event['event_id']));

test('what is done as a person appears under their account, once, and does not come back', async () => {
  assert.equal(matrix.doubleOf(team, author), linked);
  assert.equal(matrix.doubleOf(team, slackUserId('U0OTHER')), undefined);
  const room = await newRoom();
  const same = { ...key(), at: 1_700_000_000_123 };
  const sent = await matrix.send(linked, room, hello, same);
  assert.equal(await matrix.send(linked, room, hello, same), sent);
  const edited = await matrix.edit(linked, room, sent, { ...hello, text: textDoc('changed') }, key());
  const reaction = await matrix.react(linked, room, sent, { key: '👍' }, key());
  assert.ok(reaction);
  const redaction = await matrix.redact(linked, room, reaction, key());
  await bob.waitForText(room, 'changed');
  const said = await bob.say(room, 'the end');
  await eventually(() => storedIds().has(said));
  for (const own of [sent, edited, reaction, redaction]) assert.ok(!storedIds().has(own), own);
  const seen = bob
    .room(room)
    .events()
    .find(({ event_id }) => event_id === sent);
  assert.deepEqual([seen?.sender, seen?.origin_server_ts], [ann.userId, 1_700_000_000_123]);
  assert.equal(bob.room(room).members().get(ann.userId)?.name, 'Ann Original');
});

test('what a person writes themselves comes, be it a copy of what we wrote for them', async () => {
  const room = await newRoom();
  const sent = await matrix.send(linked, room, hello, key());
  await bob.waitForText(room, 'hello from Slack');
  const { content } = bob
    .room(room)
    .events()
    .find(({ event_id }) => event_id === sent) ?? { content: {} };
  assert.ok('matrix_slack_bridge.echo' in content);
  const copies = [
    await ann.say(room, 'by hand'),
    await ann.send(room, content), // forwarded into the room where it stands
    await bob.send(room, content),
  ];
  await eventually(() => copies.every((copy) => storedIds().has(copy)));
  assert.ok(!storedIds().has(sent));
});

test('a room whose homeserver sent nothing is read without what we did as a person', async () => {
  const room = await newRoom();
  const sent = await matrix.send(linked, room, hello, { ...key(), at: Date.now() - 3_600_000 });
  const said = await ann.say(room, 'by hand');
  await eventually(() => storedIds().has(said));
  const given: string[] = [];
  const known = async (keys: readonly string[]) => {
    given.push(...keys);
    return new Set(keys);
  };
  await adapter.readRoom(room, { after: undefined, since: 0 }, known, new AbortController().signal);
  assert.ok(given.includes(`matrix:${said}`));
  assert.ok(!given.includes(`matrix:${sent}`));
});

test('a person is brought in nowhere: not where they were never, and not where they left', async () => {
  const room = await newRoom(false);
  const first = key();
  await assert.rejects(matrix.send(linked, room, hello, first), refusedAs('double-away'));
  assert.ok(!(await matrix.joinedMembers(room)).includes(linked));
  await ann.join(room);
  const sent = await matrix.send(linked, room, hello, first);
  await ann.leave(room);
  assert.equal(await matrix.send(linked, room, hello, first), sent, 'what was done is done');
  await assert.rejects(matrix.send(linked, room, hello, key()), refusedAs('double-away'));
  await assert.rejects(matrix.edit(linked, room, sent, hello, key()), refusedAs('double-away'));
  assert.ok(!(await matrix.joinedMembers(room)).includes(linked));
});

test('our session on a person’s account says what it is for, can be ended, and is made again when it is needed', async () => {
  const names = async (): Promise<readonly unknown[]> => {
    const answer = (await annsApi.call('GET', '/devices')) as { readonly devices: readonly JsonObject[] };
    return answer.devices.map((device) => device['display_name']).filter((name) => name !== null);
  };
  const room = await newRoom();
  await matrix.send(linked, room, hello, key());
  assert.deepEqual(await names(), ['Slack bridge (what you write in Slack)']);
  await adapter.endSession(linked);
  assert.deepEqual(await names(), []);
  await adapter.endSession(linked);
  await matrix.send(linked, room, hello, key());
  assert.equal((await names()).length, 1);
});

test('a direct chat is joined and shown as one, beside those that the person has', async () => {
  const path = `/user/${encodeURIComponent(ann.userId)}/account_data/m.direct`;
  await annsApi.call('PUT', path, { body: { '@eve:hs': ['!eve'] } });
  const [room, other] = [await newRoom(false), await newRoom(false)];
  assert.equal(await matrix.joinDirect(linked, room), true);
  assert.ok((await matrix.joinedMembers(room)).includes(linked));
  await Promise.all([room, other, room].map((each) => matrix.markDirect(linked, each, matrix.bot)));
  assert.deepEqual(await annsApi.call('GET', path), { '@eve:hs': ['!eve'], [matrix.bot]: [room, other] });
  const elsewhere = matrixUserId('@ann:elsewhere.example');
  assert.equal(await matrix.markDirect(elsewhere, room, matrix.bot), false);
  assert.equal(await matrix.joinDirect(linked, roomId(await bob.createRoom())), false);
});

test('where the homeserver does not know the second registration nobody is written for, and that is said once', async () => {
  const log = recordingLog();
  const other = await newAdapter('a token that no homeserver has ever seen', log);
  assert.equal(other.port.doubleOf(team, author), undefined);
  const room = await newRoom();
  await assert.rejects(other.port.send(linked, room, hello, key()), refusedAs('double-away'));
  assert.equal(await other.port.markDirect(linked, room, matrix.bot), false);
  const said = log.lines.filter(({ message }) => message.includes('second registration'));
  assert.equal(said.length, 1);
  await other.stop();
});
