import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, WaitForParent } from '../../src/errors.ts';
import type { MatrixEvent } from '../../src/events.ts';
import { eventId, matrixUserId, ts } from '../../src/ids.ts';
import type { MatrixUserId } from '../../src/ids.ts';
import type { World } from './support/world.ts';
import { ann, bob, makeTurn, makeWorld, matrixMessage, place, room, slackMessage } from './support/world.ts';

const carol = matrixUserId('@carol:hs');

function edit(id: string, text: string, sender: MatrixUserId = ann): MatrixEvent {
  const message = matrixMessage(id, text, { sender });
  return { type: 'edit', target: eventId('$m'), message, event: eventId(id), room, sender, at: 1 };
}

function redaction(id: string, target: string, sender: MatrixUserId = ann): MatrixEvent {
  return { type: 'redaction', target: eventId(target), event: eventId(id), room, sender, at: 1 };
}

function reaction(id: string, target: string, key: string, sender: MatrixUserId = ann): MatrixEvent {
  return { type: 'reaction', target: eventId(target), key, event: eventId(id), room, sender, at: 1 };
}

function calls(world: World): readonly string[] {
  return world.slack.effects.map((each) => `${each.call} ${each.text ?? each.name ?? ''}`.trim());
}

test('an edit changes the post in place, under the same name and key', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'frist'));
  await world.fromMatrix(edit('$e', 'first'));
  const [posted] = world.slack.of('post');
  const [updated] = world.slack.of('update');
  assert.equal(updated?.ts, posted?.ts);
  assert.equal(updated?.text, 'first');
  assert.deepEqual(updated?.post?.as, posted?.post?.as);
  assert.equal(updated?.post?.opKey, posted?.post?.opKey);
});

test('an older edit that comes late changes nothing; of two at the same time one stands, whichever comes first', async () => {
  const at = (time: number, id: string, text: string): MatrixEvent => {
    const message = matrixMessage(id, text, { at: time });
    return { type: 'edit', target: eventId('$m'), message, event: eventId(id), room, sender: ann, at: time };
  };
  for (const edits of [
    [at(20, '$e3', 'third'), at(9, '$e2', 'second')],
    [at(20, '$e3', 'third'), at(20, '$e2', 'second')],
    [at(20, '$e2', 'second'), at(20, '$e3', 'third')],
  ]) {
    const world = makeWorld();
    await world.fromMatrix(matrixMessage('$m', 'first'));
    for (const each of edits) await world.fromMatrix(each);
    assert.equal(world.slack.of('update').at(-1)?.text, 'third');
  }
});

test('an edit that is longer gets more posts, one that is shorter loses some', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 3;
  await world.fromMatrix(matrixMessage('$m', 'abc'));
  await world.fromMatrix(edit('$e1', 'abcdef'));
  await world.fromMatrix(edit('$e1', 'abcdef'));
  await world.fromMatrix(edit('$e2', 'xyz'));
  assert.deepEqual(calls(world), [
    'post abc',
    'update abc',
    'post def',
    'update abc',
    'update def',
    'update xyz',
    'remove',
  ]);
  assert.equal((await world.links.byEvent(eventId('$m'))).length, 1);
});

test('an edit by somebody else is no edit', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'mine'));
  await world.fromMatrix(edit('$e', 'not mine', carol));
  assert.deepEqual(calls(world), ['post mine']);
});

test('an edit waits for its message, and posts it as it stands when it doesn’t come', async () => {
  const world = makeWorld();
  await assert.rejects(world.fromMatrix(edit('$e', 'first')), WaitForParent);
  await world.fromMatrix(edit('$e', 'first'), { waited: true });
  await world.fromMatrix(edit('$e2', 'second'));
  assert.deepEqual(calls(world), ['post first', 'update second']);
  assert.equal(world.slack.of('post')[0]?.post?.opKey, 'key:$e:0', 'the attempt is the edit’s own');
});

test('an edit that comes after the redaction doesn’t bring the message back', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'regretted'));
  await world.fromMatrix(redaction('$r', '$m'));
  await world.fromMatrix(edit('$e', 'regretted!'), { waited: true });
  assert.deepEqual(calls(world), ['post regretted', 'remove']);
});

test('an edit of a message that was removed before it came isn’t posted', async () => {
  const world = makeWorld();
  world.matrix.removed.add(eventId('$m'));
  await assert.rejects(world.fromMatrix(edit('$e', 'regretted')), WaitForParent);
  await world.fromMatrix(edit('$e', 'regretted'), { waited: true });
  assert.deepEqual(calls(world), []);
});

test('a redaction removes all posts of the message', async () => {
  const world = makeWorld();
  world.slack.pieceLength = 3;
  await world.fromMatrix(matrixMessage('$m', 'abcdef'));
  await world.fromMatrix(redaction('$r', '$m'));
  assert.deepEqual(
    world.slack.of('remove').map((each) => each.ts),
    world.slack.of('post').map((each) => each.ts),
  );
  assert.deepEqual(await world.links.byEvent(eventId('$m')), []);
});

test('a redaction of what isn’t in Slack yet waits for it, and then lets it go', async () => {
  const world = makeWorld();
  await assert.rejects(world.fromMatrix(redaction('$r', '$m')), WaitForParent);
  await world.fromMatrix(redaction('$r', '$m'), { waited: true });
  assert.deepEqual(world.counted, ['ignored matrix unmapped-redaction']);
});

test('who redacts a Slack person’s message learns that it is still in Slack', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'rude'));
  const [sent] = world.matrix.of('send');
  const { turn, flushes } = makeTurn(world.links);
  await assert.rejects(world.portals.fromMatrix(redaction('$r', sent?.event ?? ''), turn), (error) => {
    assert.ok(error instanceof CannotBridge);
    assert.match(error.message, /still in Slack/);
    return true;
  });
  assert.equal(flushes(), 1);
  assert.deepEqual(world.slack.effects, []);
  const message = slackMessage('1500.000000', 'ruder', { editTs: ts('1501.000000') });
  await world.fromSlack({ type: 'edit', ...place, ts: message.ts, message });
  assert.deepEqual(world.matrix.of('edit'), []);
});

test('a reaction is remembered before the bot makes it', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  const order: string[] = [];
  const recorded = makeTurn(world.links);
  const turn = {
    ...recorded.turn,
    flush: async () => {
      order.push(`flush of ${(await world.links.reactionByEvent(eventId('$x')))?.name}`);
    },
  };
  const react = world.slack.react;
  world.slack.react = (...args) => {
    order.push('react');
    return react(...args);
  };
  await world.portals.fromMatrix(reaction('$x', '$m', '👍️'), turn);
  assert.deepEqual(order, ['flush of +1', 'react']);
});

test('the bot’s reaction stays until the last of those behind it takes theirs back', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await world.fromMatrix(reaction('$x', '$m', '👍', ann));
  await world.fromMatrix(reaction('$y', '$m', '👍️', carol));
  await world.fromMatrix(redaction('$r1', '$x'));
  assert.deepEqual(world.slack.of('unreact'), []);
  await world.fromMatrix(redaction('$r2', '$y', carol));
  assert.deepEqual(calls(world), ['post hello', 'react +1', 'react +1', 'unreact +1']);
});

test('a reaction that Slack refuses is forgotten, and its sender told', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  world.slack.react = () => Promise.reject(new CannotBridge('invalid_name', 'no such emoji'));
  await assert.rejects(world.fromMatrix(reaction('$x', '$m', ':nope:')), CannotBridge);
  assert.equal(await world.links.reactionByEvent(eventId('$x')), undefined);
});

test('a reaction that is no emoji is refused with the reason', async () => {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$m', 'hello'));
  await assert.rejects(world.fromMatrix(reaction('$x', '$m', 'so true')), /no emoji for this reaction/);
});

test('a reaction waits for its message; one to a message that never was in Slack is let go', async () => {
  const world = makeWorld();
  await assert.rejects(world.fromMatrix(reaction('$x', '$m', '👍')), WaitForParent);
  await world.fromMatrix(reaction('$x', '$m', '👍'), { waited: true });
  assert.deepEqual(world.counted, ['ignored matrix unmapped-reaction']);
});

test('a moderator’s removal of a Slack person’s reaction stays in Matrix until they give it anew', async () => {
  const world = makeWorld();
  await world.fromSlack(slackMessage('1500.000000', 'hello'));
  const given = (change: 'added' | 'removed', srcTs: string) => {
    const at = ts('1500.000000');
    const reaction = { type: 'reaction', change, ...place, ts: at, user: bob, name: 'tada' } as const;
    return world.fromSlack(reaction, { srcTs });
  };
  await given('added', '1501.000000');
  const [reacted] = world.matrix.of('react');
  await world.fromMatrix(redaction('$r', reacted?.event ?? ''));
  assert.deepEqual(world.slack.effects, []);
  await given('added', '1502.000000'); // as the next reading of history tells
  assert.equal(world.matrix.of('react').length, 1);
  await given('removed', '1503.000000');
  await given('added', '1504.000000');
  assert.equal(world.matrix.of('react').length, 2);
});
