import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, LeaseLost, TryLater, Uncertain } from '../../src/errors.ts';
import { appId, eventId } from '../../src/ids.ts';
import type { OutgoingPost } from '../../src/portal/ports.ts';
import type { PortalAttempt } from '../../src/portal/turn.ts';
import { ourApp } from './support/recorded-slack.ts';
import type { World } from './support/world.ts';
import { makeTurn, makeWorld, matrixMessage, slackMessage } from './support/world.ts';

const message = matrixMessage('$m', 'hello');

/** Handles the message as the queue would: with the attempts that are open, after the time that was asked for. */
async function handleUntilDone(world: World): Promise<readonly number[]> {
  const waits: number[] = [];
  let openAttempts: readonly PortalAttempt[] = [];
  for (let tries = 0; tries < 10; tries += 1) {
    const { turn, begun } = makeTurn(world.links, { openAttempts });
    const settledBefore = world.links.settled.length;
    try {
      await world.portals.fromMatrix(message, turn);
      return waits;
    } catch (error) {
      assert.ok(error instanceof TryLater, String(error));
      const settled = new Set(world.links.settled.slice(settledBefore).map((each) => each.piece));
      openAttempts = [...openAttempts, ...begun].filter((each) => !settled.has(each.piece));
      waits.push(error.after ?? 0);
      world.clock.at += error.after ?? 1000;
    }
  }
  throw new Error('it never ends');
}

function uncertainOnce(world: World, applied: (post: OutgoingPost) => void): void {
  const post = world.slack.post;
  let first = true;
  world.slack.post = (place, outgoing) => {
    if (!first) return post(place, outgoing);
    first = false;
    applied(outgoing);
    return Promise.reject(new Uncertain('time out'));
  };
}

test('a post that was applied although its answer was lost is found in history, and not repeated', async () => {
  const world = makeWorld();
  uncertainOnce(world, (post) => world.slack.recordPost(post));
  assert.deepEqual(await handleUntilDone(world), []);
  assert.deepEqual(world.slack.posted(), ['hello']);
  assert.equal((await world.links.byEvent(eventId('$m')))[0]?.ts, world.slack.of('post')[0]?.ts);
  assert.ok(world.counted.includes('uncertain found'));
});

test('the echo settles an uncertain post before history is asked', async () => {
  const world = makeWorld();
  let asked = 0;
  world.slack.findByOpKey = async () => {
    asked += 1;
    return [];
  };
  uncertainOnce(world, (post) => {
    const ts = world.slack.recordPost(post);
    const sleep = world.clock.sleep.bind(world.clock);
    let sent = false;
    world.clock.sleep = async (milliseconds) => {
      await sleep(milliseconds);
      if (sent) return;
      sent = true;
      await world.fromSlack(slackMessage(ts, 'hello', { app: appId(ourApp), opKey: post.opKey }));
    };
  });
  assert.deepEqual(await handleUntilDone(world), []);
  assert.equal(asked, 0);
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('a post that isn’t there is looked for three times within 35 s, then posted again', async () => {
  const world = makeWorld();
  uncertainOnce(world, () => undefined);
  const waits = await handleUntilDone(world);
  assert.equal(waits.length, 2);
  assert.ok(
    waits.every((wait) => wait > 0 && wait <= 30_000),
    String(waits),
  );
  assert.deepEqual(world.slack.posted(), ['hello']);
  assert.ok(world.counted.includes('uncertain posted_again'));
});

test('one that history shows late is not posted again', async () => {
  const world = makeWorld();
  let asked = 0;
  const find = world.slack.findByOpKey;
  world.slack.findByOpKey = async (...args) => {
    asked += 1;
    return asked < 3 ? [] : find(...args);
  };
  uncertainOnce(world, (post) => world.slack.recordPost(post));
  await handleUntilDone(world);
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('of two posts with one key the younger is removed', async () => {
  const world = makeWorld();
  uncertainOnce(world, (post) => {
    world.slack.recordPost(post);
    world.slack.recordPost(post);
  });
  await handleUntilDone(world);
  const [older, younger] = world.slack.of('post');
  assert.deepEqual(
    world.slack.of('remove').map((each) => each.ts),
    [younger?.ts],
  );
  assert.equal((await world.links.byEvent(eventId('$m')))[0]?.ts, older?.ts);
});

test('an attempt left open by a crash is settled before anything is posted', async () => {
  const world = makeWorld();
  const crash = makeTurn(world.links, {
    mayWrite: () => {
      throw new LeaseLost('portal:7:matrix');
    },
  });
  await assert.rejects(world.portals.fromMatrix(message, crash.turn), LeaseLost);
  const [open] = crash.begun;
  assert.ok(open);
  world.slack.recordPost({ text: message.text, emote: false, opKey: open.opKey });
  await world.fromMatrix(message, { openAttempts: crash.begun });
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('a crash that left nothing in Slack waits until the call is surely over before it posts', async () => {
  const world = makeWorld();
  const crash = makeTurn(world.links, {
    onBegin: () => {
      throw new LeaseLost('portal:7:matrix');
    },
  });
  await assert.rejects(world.portals.fromMatrix(message, crash.turn), LeaseLost);
  const retried = makeTurn(world.links, { openAttempts: crash.begun });
  await assert.rejects(world.portals.fromMatrix(message, retried.turn), (error) => {
    assert.ok(error instanceof TryLater);
    assert.equal(error.target, 'slack:T1:C1');
    return true;
  });
  assert.deepEqual(retried.begun, []);
  world.clock.at += 60_000;
  await world.fromMatrix(message, { openAttempts: crash.begun });
  assert.deepEqual(world.slack.posted(), ['hello']);
});

test('a definite refusal leaves no open attempt behind', async () => {
  for (const refusal of [
    new TryLater('limited', { after: 3000 }),
    new CannotBridge('msg_too_long', 'too long'),
  ]) {
    const world = makeWorld();
    world.slack.post = () => Promise.reject(refusal);
    const { turn, flushes } = makeTurn(world.links);
    await assert.rejects(world.portals.fromMatrix(message, turn), refusal);
    assert.deepEqual(world.links.settled, [{ type: 'attempt-settled', seq: 1, piece: 0, applied: false }]);
    assert.equal(flushes(), 1);
  }
});
