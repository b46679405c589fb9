import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MatrixMessage } from '../../src/events.ts';
import type { Block } from '../../src/format/doc.ts';
import { eventId, ts } from '../../src/ids.ts';
import type { Portal } from '../../src/portal/ports.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import type { World } from './support/world.ts';
import { makeWorld, matrixMessage, portal, room, slackMessage } from './support/world.ts';

/** Posts the message, and edits it as its content says. */
async function edited(
  world: World,
  before: Partial<MatrixMessage>,
  after: Partial<MatrixMessage>,
): Promise<void> {
  const { type: _, ...original } = matrixMessage('$m', before.plain ?? 'before', before);
  await world.fromMatrix({ type: 'message', ...original });
  world.matrix.messages.set(original.event, original);
  const message = matrixMessage('$e', after.plain ?? 'after', after);
  const { event, sender, at } = message;
  await world.fromMatrix({ type: 'edit', event, room, sender, at, target: original.event, message });
}

test('notices are edited like messages, where they are shown at all', async () => {
  const noticing: Portal = { ...portal, policy: { ...defaultPolicy, notices: true } };
  const world = makeWorld(noticing);
  await edited(world, { kind: 'notice' }, { kind: 'notice' });
  assert.equal(world.slack.of('update')[0]?.text, 'after');
  const silent = makeWorld();
  await edited(silent, { kind: 'notice' }, { kind: 'notice' });
  assert.deepEqual(silent.slack.effects, []);
});

test('a text may become a table, a table a text', async () => {
  const table: Block = {
    type: 'table',
    rows: [[[{ type: 'text', text: 'cell', marks: {} }]]],
  };
  const world = makeWorld();
  await edited(world, {}, { text: { blocks: [table] } });
  assert.deepEqual(world.slack.of('update')[0]?.post?.text.blocks, [table]);
  await edited(world, { text: { blocks: [table] } }, {});
  assert.equal(world.slack.of('update')[1]?.text, 'after');
});

test('an edited answer keeps its quote, and its place in a thread', async () => {
  const world = makeWorld();
  const question = slackMessage('1500.000001', 'Shall we?');
  world.slack.messages.set(question.ts, question);
  await world.fromSlack(question);
  const [asked] = world.matrix.of('send');
  assert.ok(asked?.event);
  await edited(world, { relation: { replyTo: asked.event } }, {});
  const quoted = /^> \[name of UBOB\]\(.*\): Shall we\?\n(before|after)$/;
  assert.match(world.slack.posted()[0] ?? '', quoted);
  assert.match(world.slack.of('update')[0]?.text ?? '', quoted);
  const inThread = makeWorld();
  await inThread.fromSlack(question);
  const root = inThread.matrix.of('send')[0]?.event ?? eventId('$none');
  await edited(inThread, { relation: { thread: root } }, {});
  assert.equal(inThread.slack.of('update')[0]?.text, 'after');
  assert.equal(inThread.slack.of('post')[0]?.post?.threadTs, ts('1500.000001'));
});

test('a message that is known by its edit only stands in the thread where it was written', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000001', 'root'));
  const root = world.matrix.of('send')[0]?.event ?? eventId('$none');
  const { type: _, ...original } = matrixMessage('$m', 'lost', { relation: { thread: root } });
  world.matrix.messages.set(original.event, original);
  const message = matrixMessage('$e', 'found');
  const { event, sender, at } = message;
  const edit = { type: 'edit', event, room, sender, at, target: original.event, message } as const;
  await world.fromMatrix(edit, { waited: true });
  assert.equal(world.slack.of('post')[0]?.post?.threadTs, ts('1500.000001'));
});

test('every edit goes under the sender’s name and picture', async () => {
  const world = makeWorld();
  await edited(world, {}, {});
  const [post] = world.slack.of('post');
  assert.deepEqual(world.slack.of('update')[0]?.post?.as, post?.post?.as);
  assert.ok(post?.post?.as);
});
