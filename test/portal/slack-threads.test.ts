import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaitForParent } from '../../src/errors.ts';
import { textDoc } from '../../src/format/doc.ts';
import { portalId, ts } from '../../src/ids.ts';
import { defaultPolicy } from '../support/default-policy.ts';
import { makeWorld, place, portal, slackMessage } from './support/world.ts';

const root = slackMessage('1500.000000', 'root');
const inThread = (at: string, text: string) => slackMessage(at, text, { threadTs: ts('1500.000000') });

test('a reply is in the thread of its root and names the newest message before it', async () => {
  const world = makeWorld();
  await world.fromSlack(root);
  await world.fromSlack(inThread('1501.000000', 'one'));
  await world.fromSlack(inThread('1502.000000', 'two'));
  const [first, one, two] = world.matrix.of('send');
  assert.deepEqual(one?.message?.thread, { root: first?.event, latest: first?.event });
  assert.deepEqual(two?.message?.thread, { root: first?.event, latest: one?.event });
});

test('a reply that overtakes its root waits for it', async () => {
  const world = makeWorld();
  await assert.rejects(world.fromSlack(inThread('1501.000000', 'one')), (error) => {
    assert.ok(error instanceof WaitForParent);
    assert.equal(error.parent, `ts:${portalId(7)}:1500.000000`);
    return true;
  });
  assert.deepEqual(world.matrix.effects, []);
});

test('a root that doesn’t come is fetched and bridged before its reply', async () => {
  const world = makeWorld();
  world.slack.messages.set(root.ts, root);
  await world.fromSlack(inThread('1501.000000', 'one'), { waited: true });
  assert.deepEqual(world.matrix.sent(), ['root', 'one']);
  const [link] = await world.links.byTs(portal.id, root.ts);
  assert.equal(link?.source, 'catch-up');
  assert.equal(world.matrix.of('send')[1]?.message?.thread?.root, link?.event);
});

test('a root older than the portal is fetched at once', async () => {
  const world = makeWorld({ ...portal, since: ts('1500.500000') });
  world.slack.messages.set(root.ts, root);
  await world.fromSlack(inThread('1501.000000', 'one'));
  assert.deepEqual(world.matrix.sent(), ['root', 'one']);
});

test('a reply whose root can’t be had is shown in the main timeline rather than lost', async () => {
  const world = makeWorld();
  await world.fromSlack(inThread('1501.000000', 'one'), { waited: true });
  const [sent] = world.matrix.of('send');
  assert.equal(sent?.text, 'one');
  assert.equal(sent?.message?.thread, undefined);
});

test('a reply to a root that was left out by policy is bridged without it', async () => {
  const world = makeWorld({ ...portal, policy: { ...defaultPolicy, bots: false } });
  world.slack.profiles.set('UBOB', {
    team: place.team,
    id: root.author.id,
    name: 'Bot',
    bot: true,
    deactivated: false,
  });
  await world.fromSlack(root);
  world.slack.profiles.clear();
  await world.fromSlack(inThread('1501.000000', 'one'));
  assert.deepEqual(world.matrix.sent(), ['one']);
});

test('a reply after its root was deleted holds on to the newest reply', async () => {
  const world = makeWorld();
  await world.fromSlack(root);
  await world.fromSlack(inThread('1501.000000', 'one'));
  await world.fromSlack({ type: 'delete', ...place, ts: root.ts });
  await world.fromSlack(inThread('1502.000000', 'two'));
  const sent = world.matrix.of('send');
  assert.equal(sent[2]?.text, 'two');
  assert.equal(sent[2]?.message?.replyTo, sent[1]?.event);
});

const loud = { ...inThread('1501.000000', 'loud'), broadcast: true };

test('a reply that was also sent to the channel is in its thread, and a copy answers the root in the channel', async () => {
  const world = makeWorld();
  await world.fromSlack(root);
  await world.fromSlack(loud);
  await world.fromSlack(inThread('1502.000000', 'two'));
  const [first, inside, copy, next] = world.matrix.of('send');
  assert.deepEqual([inside?.text, copy?.text], ['loud', 'loud']);
  assert.deepEqual(inside?.message?.thread, { root: first?.event, latest: first?.event });
  assert.equal(copy?.message?.thread, undefined);
  assert.equal(copy?.message?.replyTo, first?.event);
  assert.equal(next?.message?.thread?.latest, inside?.event, 'the copy is no part of the thread');
});

test('an edit and a delete of such a reply change both', async () => {
  const world = makeWorld();
  await world.fromSlack(root);
  await world.fromSlack(loud);
  const [, inside, copy] = world.matrix.of('send');
  const changed = { ...loud, text: textDoc('louder'), broadcast: false, editTs: ts('1503.000000') };
  await world.fromSlack({ type: 'edit', ...place, ts: loud.ts, message: changed });
  const edits = world.matrix.of('edit');
  assert.deepEqual(
    edits.map(({ target, text }) => [target, text]),
    [
      [inside?.event, 'louder'],
      [copy?.event, 'louder'],
    ],
  );
  await world.fromSlack({ type: 'delete', ...place, ts: loud.ts });
  const gone = new Set(world.matrix.of('redact').map(({ target }) => target));
  for (const event of [inside, copy, ...edits]) assert.ok(gone.has(event?.event), event?.event);
});

test('a reply that is sent to the channel later gets its copy then', async () => {
  const world = makeWorld();
  await world.fromSlack(root);
  await world.fromSlack({ ...loud, broadcast: false });
  assert.deepEqual(world.matrix.sent(), ['root', 'loud']);
  const message = { ...loud, editTs: ts('1504.000000') };
  await world.fromSlack({ type: 'edit', ...place, ts: loud.ts, message });
  const [first, , copy] = world.matrix.of('send');
  assert.equal(copy?.text, 'loud');
  assert.equal(copy?.message?.replyTo, first?.event);
});

test('a reply sent to the channel whose root can’t be had stands there once', async () => {
  const world = makeWorld();
  await world.fromSlack(loud, { waited: true });
  assert.deepEqual(world.matrix.sent(), ['loud']);
});
