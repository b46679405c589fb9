import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotBridge, TryLater, WaitForParent } from '../../src/errors.ts';
import type { MatrixEvent, MatrixPoll } from '../../src/events.ts';
import { eventId, matrixUserId } from '../../src/ids.ts';
import { tallyOf } from '../../src/portal/poll-tally.ts';
import type { PollChange } from '../../src/portal/ports.ts';
import type { World } from './support/world.ts';
import { ann, makeWorld, matrixMessage, room } from './support/world.ts';

const poll: MatrixPoll = {
  question: 'Lunch?',
  answers: [
    { id: 'a', text: 'Pizza' },
    { id: 'b', text: 'Pasta' },
  ],
  mostChoices: 1,
  disclosed: true,
};
const [bea, carl, dora] = ['@bea:hs', '@carl:hs', '@dora:hs'].map((user) => matrixUserId(user));
assert.ok(bea && carl && dora);

let made = 0;
function vote(sender: string, at: number, ...choices: readonly string[]): PollChange {
  made += 1;
  return { kind: 'vote', event: `$vote${made}`, sender: matrixUserId(sender), at, choices };
}
function end(sender: string, at: number): PollChange {
  return { kind: 'end', event: `$end${at}`, sender: matrixUserId(sender), at, choices: [] };
}

const byAnn = (sender: string) => sender === ann;
const two: MatrixPoll = { ...poll, mostChoices: 2 };
const tallies: readonly (readonly [string, MatrixPoll, readonly PollChange[], readonly number[], number])[] =
  [
    ['nobody voted', poll, [], [0, 0], 0],
    ['the last vote counts', poll, [vote(bea, 2, 'b'), vote(bea, 1, 'a'), vote(carl, 1, 'a')], [1, 1], 2],
    ['a vote that chooses nothing takes one back', poll, [vote(bea, 1, 'a'), vote(bea, 2)], [0, 0], 0],
    ['an unknown answer spoils a vote', two, [vote(bea, 1, 'a', 'x'), vote(carl, 1, 'a')], [1, 0], 1],
    ['more answers than allowed don’t count', poll, [vote(bea, 1, 'a', 'b')], [1, 0], 1],
    ['an answer counts once a vote', two, [vote(bea, 1, 'a', 'a'), vote(carl, 1, 'b', 'a')], [2, 1], 2],
    ['votes after the end don’t count', poll, [vote(bea, 1, 'a'), end(ann, 2), vote(bea, 3, 'b')], [1, 0], 1],
    ['the first end counts', poll, [end(ann, 5), vote(bea, 3, 'a'), end(ann, 2)], [0, 0], 0],
    ['nobody else ends it', poll, [end(dora, 1), vote(bea, 2, 'a')], [1, 0], 1],
  ];
for (const [what, of, changes, counts, voters] of tallies) {
  test(`in a poll ${what}`, () => {
    const tally = tallyOf(of, changes, byAnn);
    assert.deepEqual([tally.counts, tally.voters], [counts, voters]);
    assert.equal(
      tally.ended,
      changes.some(({ kind, sender }) => kind === 'end' && sender === ann),
    );
  });
}

const target = eventId('$poll');

/** A poll that was posted, of which the homeserver then shows these changes. */
async function posted(of: MatrixPoll = poll): Promise<World> {
  const world = makeWorld();
  await world.fromMatrix(matrixMessage('$poll', 'Lunch? 1. Pizza 2. Pasta', { poll: of }));
  show(world, of);
  return world;
}

function show(world: World, of: MatrixPoll, ...changes: readonly PollChange[]): void {
  const { type: _, ...message } = matrixMessage('$poll', '', { poll: of });
  world.matrix.polls.set(target, { message: { ...message, poll: of }, changes });
}

function changed({ event, sender, at }: PollChange): MatrixEvent {
  return { type: 'poll-change', event: eventId(event), room, sender, at, target };
}

test('a poll is a post that can be read, and shows the votes as they come', async () => {
  const world = await posted();
  assert.deepEqual(world.slack.posted(), [
    '📊 Lunch?\n1. Pizza — 0 votes\n2. Pasta — 0 votes\n0 people voted in Matrix so far.',
  ]);
  const one = vote(bea, 1, 'b');
  show(world, poll, one);
  await world.fromMatrix(changed(one));
  const [update] = world.slack.of('update');
  assert.equal(
    update?.text,
    '📊 Lunch?\n1. Pizza — 0 votes\n2. Pasta — 1 vote\n1 person voted in Matrix so far.',
  );
  assert.equal(update?.ts, world.slack.of('post')[0]?.ts);
  assert.equal(update?.post?.as?.name, world.slack.of('post')[0]?.post?.as?.name);
});

test('votes that were shown already make no call', async () => {
  const world = await posted();
  const votes = [vote(bea, 1, 'b'), vote(carl, 1, 'b'), vote(dora, 1, 'a')];
  show(world, poll, ...votes);
  for (const each of votes) await world.fromMatrix(changed(each));
  assert.equal(world.slack.of('update').length, 1);
  assert.match(world.slack.of('update')[0]?.text ?? '', /3 people voted/);
});

test('a vote that Slack couldn’t show is shown when it is handled again', async () => {
  const world = await posted();
  const one = vote(bea, 1, 'b');
  show(world, poll, one);
  const { update } = world.slack;
  world.slack.update = () => Promise.reject(new TryLater('limited'));
  await assert.rejects(world.fromMatrix(changed(one)), TryLater);
  world.slack.update = update;
  await world.fromMatrix(changed(one));
  assert.equal(world.slack.of('update').length, 1);
});

test('votes in a closed poll are shown when it ends', async () => {
  const closed = { ...poll, disclosed: false };
  const world = await posted(closed);
  assert.match(world.slack.posted()[0] ?? '', /1\. Pizza\n2\. Pasta\n.*shown when the poll ends\.$/);
  const changes = [vote(bea, 1, 'b'), end(ann, 2)] as const;
  show(world, closed, changes[0]);
  await world.fromMatrix(changed(changes[0]));
  assert.deepEqual(world.slack.of('update'), []);
  show(world, closed, ...changes);
  await world.fromMatrix(changed(changes[1]));
  assert.match(
    world.slack.of('update')[0]?.text ?? '',
    /2\. Pasta — 1 vote\nThe poll has ended: 1 person voted\.$/,
  );
});

test('a poll is ended by whoever began it, or by those who may remove it', async () => {
  const world = await posted();
  const byDora = end(dora, 2);
  show(world, poll, byDora);
  await world.fromMatrix(changed(byDora));
  assert.match(world.slack.of('update')[0]?.text ?? '', /so far\.$/);
  world.matrix.powers.set(dora, 50);
  const again = end(dora, 3);
  show(world, poll, byDora, again);
  await world.fromMatrix(changed(again));
  assert.match(world.slack.of('update')[1]?.text ?? '', /has ended/);
});

test('an edited poll keeps its votes', async () => {
  const world = await posted();
  show(world, poll, vote(bea, 1, 'b'));
  const message = matrixMessage('$edit', 'Dinner?', { poll: { ...poll, question: 'Dinner?' } });
  const { event, sender, at } = message;
  await world.fromMatrix({ type: 'edit', event, room, sender, at, target, message });
  assert.match(world.slack.of('update')[0]?.text ?? '', /Dinner\?\n1\. Pizza — 0 votes\n2\. Pasta — 1 vote/);
});

test('a vote waits for its poll; in one that is gone it changes nothing', async () => {
  const world = makeWorld();
  const one = changed(vote(bea, 1, 'b'));
  await assert.rejects(world.fromMatrix(one), WaitForParent);
  await world.fromMatrix(one, { waited: true });
  const there = await posted();
  show(there, poll);
  there.slack.update = () => Promise.reject(new CannotBridge('message_not_found', 'gone'));
  await there.fromMatrix(one);
  there.matrix.polls.clear();
  await there.fromMatrix(one);
  assert.deepEqual(there.slack.of('update'), []);
});

test('votes of those to whom the bridge is closed neither count nor make a call', async () => {
  const world = await posted();
  world.permissions.set(dora, 'none');
  const votes = [vote(dora, 1, 'a'), vote(bea, 2, 'b')] as const;
  show(world, poll, ...votes);
  await world.fromMatrix(changed(votes[0]));
  assert.deepEqual(world.slack.of('update'), []);
  await world.fromMatrix(changed(votes[1]));
  assert.match(world.slack.of('update')[0]?.text ?? '', /Pizza — 0 votes\n2. Pasta — 1 vote\n1 person/);
});
