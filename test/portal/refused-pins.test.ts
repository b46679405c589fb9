import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { eventId } from '../../src/ids.ts';
import type { World } from './support/world.ts';
import { ann, makeWorld, matrixMessage, room, slackMessage } from './support/world.ts';

const lane = 'portal:7:shown';

/** A room where somebody pinned three messages: two from Slack, and one from Matrix, 2000.000001 in Slack. */
async function roomWithPins(): Promise<{ readonly world: World; readonly event: MatrixEvent }> {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'one'));
  await world.fromSlack(slackMessage('1501.000000', 'two'));
  await world.fromMatrix(matrixMessage('$m', 'three'));
  const content = { pinned: ['$ours1', '$ours2', '$m'] };
  world.matrix.states.set('m.room.pinned_events', content);
  const state = { kind: 'm.room.pinned_events', stateKey: '', content, room } as const;
  return { world, event: { type: 'state', ...state, event: eventId('$p'), sender: ann, at: 1 } };
}

test('pins that Slack refuses are not asked for again when its limits make the item begin anew', async () => {
  const { world, event } = await roomWithPins();
  const asked: string[] = [];
  let tokens = 1;
  world.slack.pin = async (_place, at) => {
    if (tokens === 0) throw new TryLater('limited', { after: 3000 });
    tokens -= 1;
    asked.push(at);
    throw new CannotBridge('message_not_found', 'Slack doesn’t have that message.');
  };
  for (const isLast of [false, false, true]) {
    tokens = 1;
    const handled = world.fromMatrix(event, { lane, seq: 9 });
    await (isLast ? handled : assert.rejects(handled, TryLater));
  }
  assert.deepEqual(asked, ['1500.000000', '1501.000000', '2000.000001']);
});

test('pins are asked for once where the app may pin nothing, and again with the next change', async () => {
  const { world, event } = await roomWithPins();
  let asked = 0;
  world.slack.pin = async () => {
    asked += 1;
    throw new CannotBridge('missing_scope', 'the Slack app lacks pins:write.');
  };
  await world.fromMatrix(event, { lane, seq: 9 });
  assert.equal(asked, 1);
  await world.fromMatrix(event, { lane, seq: 10 });
  assert.equal(asked, 2);
});
