import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseLost, TryLater, Uncertain } from '../../src/errors.ts';
import type { MatrixEvent, SlackEvent } from '../../src/events.ts';
import { appId, eventId, ts } from '../../src/ids.ts';
import type { PortalAttempt } from '../../src/portal/turn.ts';
import { ourApp } from './support/recorded-slack.ts';
import { wordedFile } from './support/slack-files.ts';
import type { World } from './support/world.ts';
import { ann, makeTurn, makeWorld, matrixMessage, place, room, slackMessage } from './support/world.ts';

function edit(id: string, text: string): MatrixEvent {
  const message = matrixMessage(id, text);
  return { type: 'edit', target: eventId('$m'), message, event: eventId(id), room, sender: ann, at: 1 };
}

/** Slack tells of each removal before it answers the call, as it mostly does. */
function tellRemovalsFirst(world: World): void {
  const { remove } = world.slack;
  world.slack.remove = async (at, posted) => {
    await world.fromSlack({ type: 'delete', ...place, ts: posted });
    return remove(at, posted);
  };
}

test('a message that becomes shorter is not removed in Matrix, although a post of it is removed in Slack', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 3;
  await world.fromMatrix(matrixMessage('$m', 'abcdef'));
  tellRemovalsFirst(world);
  await world.fromMatrix(edit('$e', 'xyz'));
  assert.equal(world.slack.of('remove').length, 1);
  assert.deepEqual(world.matrix.of('redact'), []);
  assert.equal((await world.links.byEvent(eventId('$m'))).length, 1);
});

test('a message in several posts is removed in Matrix when the last of them is removed in Slack', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 3;
  await world.fromMatrix(matrixMessage('$m', 'abcdef'));
  const posts = world.slack.of('post').map((each) => each.ts);
  const removals: number[] = [];
  for (const posted of posts) {
    assert.ok(posted);
    await world.fromSlack({ type: 'delete', ...place, ts: posted });
    removals.push(world.matrix.of('redact').length);
  }
  assert.deepEqual(removals, [0, 1]);
});

test('an edit that was interrupted is brought to its end', async () => {
  const world = makeWorld();
  const at = ts('1500.000000');
  await world.fromSlack(slackMessage(at, 'files'));
  const files = ['F1', 'F2'].map((id) => wordedFile(id, id));
  const message = slackMessage(at, 'files', { editTs: ts('1501.000000'), files });
  const edited: SlackEvent = { type: 'edit', ...place, ts: at, message };
  const { send } = world.matrix;
  world.matrix.send = async (...args) => {
    if (args[3].part !== 'file:F2') return send(...args);
    world.matrix.send = send;
    throw new TryLater('the homeserver limits our rate', { after: 1000, target: `room:${room}` });
  };
  await assert.rejects(world.fromSlack(edited), TryLater);
  await world.fromSlack(edited);
  assert.deepEqual(
    world.matrix.of('send').map((each) => each.key?.part),
    ['text', 'file:F1', 'file:F2'],
  );
  const effects = world.matrix.effects.length;
  await world.fromSlack(edited);
  assert.equal(world.matrix.effects.length, effects, 'once is enough');
});

test('what waited in the lane of a link that is gone does not go through the next one', async () => {
  const world = makeWorld(); // its portal is the seventh
  await world.fromSlack(slackMessage('1500.000000', 'said before'), { lane: 'portal:6:slack' });
  await world.fromMatrix(matrixMessage('$m', 'said before'), { lane: 'portal:6:matrix' });
  assert.deepEqual(world.matrix.effects, []);
  assert.deepEqual(world.slack.effects, []);
  assert.deepEqual(world.counted, ['ignored slack no-portal', 'ignored matrix no-portal']);
  await world.fromSlack(slackMessage('1501.000000', 'said now'), { lane: 'portal:7:slack' });
  await world.fromMatrix(matrixMessage('$n', 'said now'), { lane: `room:${room}` });
  assert.equal(world.matrix.of('send').length, 1);
  assert.equal(world.slack.of('post').length, 1);
});

test('a post that shows up only when it was posted again stands, and the second one is removed', async () => {
  const world = makeWorld();
  const { post } = world.slack;
  let first: string | undefined;
  world.slack.post = async (at, outgoing) => {
    if (first === undefined) {
      first = world.slack.recordPost(outgoing);
      world.slack.byKey.clear(); // history doesn't show it yet
      throw new Uncertain('time out');
    }
    const again = await post(at, outgoing);
    await world.fromSlack(slackMessage(first, 'hello', { app: appId(ourApp), opKey: outgoing.opKey }));
    return again;
  };
  const openAttempts: PortalAttempt[] = [];
  for (let done = false; !done;) {
    const { turn, begun } = makeTurn(world.links, { openAttempts });
    const handled = world.portals.fromMatrix(matrixMessage('$m', 'hello'), turn);
    done = await handled.then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof TryLater, String(error));
        world.clock.at += error.after ?? 0;
        return false;
      },
    );
    openAttempts.push(...begun);
  }
  const [older, younger] = world.slack.of('post');
  assert.deepEqual(
    world.slack.of('remove').map((each) => each.ts),
    [younger?.ts],
  );
  assert.deepEqual(
    (await world.links.byEvent(eventId('$m'))).map((link) => link.ts),
    [older?.ts],
  );
});

test('a post that was begun and surely not sent is posted without waiting for its echo', async () => {
  const world = makeWorld();
  const message = matrixMessage('$m', 'hello');
  const { turn, begun } = makeTurn(world.links, {
    mayWrite: () => {
      throw new LeaseLost('portal:7:matrix');
    },
  });
  await assert.rejects(world.portals.fromMatrix(message, turn), LeaseLost);
  assert.equal(begun.length, 1);
  await world.fromMatrix(message, { openAttempts: begun });
  assert.deepEqual(world.slack.posted(), ['hello']);
});
