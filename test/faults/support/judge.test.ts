import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomFrom } from '../../support/random.ts';
import { planActs } from './acts.ts';
import { judge } from './judge.ts';
import { modelOf } from './model.ts';
import type { Standing } from './model.ts';

const acts = planActs({ prefix: 'S1', messages: 200, people: 3, changes: true, random: randomFrom(7) });
const names = ['Ann', 'Ben', 'Cleo'].map((name) => ({ name }));
const model = modelOf(acts, { names, sharedReactions: false });
/** All as it has to be. */
const right = model.said.flatMap((id) => model.standing.get(id) ?? []);
const none = new Set<string>();

function counts(found: readonly Standing[], late: ReadonlySet<string> = none) {
  const { lost, doubled, outOfOrder, stateDiffers } = judge(model, found, late);
  return { lost, doubled, outOfOrder, stateDiffers };
}

const good = { lost: 0, doubled: 0, outOfOrder: 0, stateDiffers: 0 };
const [first, second, third] = right;
if (!first || !second || !third) throw new Error('There are too few messages.');
const rest = right.slice(3);

test('a plan has messages, and edits, deletes, reactions and threads among them', () => {
  const types = new Set(acts.map(({ type }) => type));
  assert.deepEqual(types, new Set(['say', 'edit', 'delete', 'react', 'unreact']));
  assert.ok(right.some(({ thread }) => thread !== undefined));
  assert.ok(right.some(({ text }) => text.endsWith(' v3')));
  assert.ok(right.some(({ reactions }) => reactions.length > 0));
  assert.ok(right.length < model.said.length);
});

test('what stands as it has to is not complained of', () => {
  assert.deepEqual(counts(right), good);
  assert.deepEqual(judge(model, right, none).complaints, []);
});

test('what is lost, doubled or after a younger one is counted', () => {
  assert.deepEqual(counts([first, third, ...rest]), { ...good, lost: 1 });
  assert.deepEqual(counts([...right, third]), { ...good, doubled: 1, outOfOrder: 1 });
  assert.deepEqual(counts([second, first, third, ...rest]), { ...good, outOfOrder: 1 });
});

test('what came late has no place in the order', () => {
  assert.deepEqual(counts([second, first, third, ...rest], new Set([first.id])), good);
  assert.deepEqual(counts([second, third, ...rest], new Set([first.id])), { ...good, lost: 1 });
});

test('another text, name, thread or reaction is counted, and so is what had to be gone', () => {
  const wrong = [
    { ...first, text: `${first.id} v9` },
    { ...first, thread: '?' },
    { ...first, author: 'Somebody else' },
    { ...first, reactions: [...first.reactions, 'tada Dan'] },
  ];
  for (const one of wrong)
    assert.deepEqual(counts([one, second, third, ...rest]), { ...good, stateDiffers: 1 });
  const gone = model.said.find((id) => !model.standing.has(id)) ?? '';
  const there = { ...first, id: gone, text: `${gone} v1` };
  assert.equal(judge(model, [...right, there], new Set([gone])).stateDiffers, 1);
});

test('in Slack the bot gives one reaction for all who gave it', () => {
  const say = { type: 'say', id: 'M0-1', person: 0 } as const;
  const reacted = [0, 1].map((person) => ({ type: 'react', id: 'M0-1', person, emoji: 'tada' }) as const);
  const takenBack = { type: 'unreact', id: 'M0-1', person: 0, emoji: 'tada' } as const;
  const reactions = (shared: boolean) =>
    modelOf([say, ...reacted, takenBack], { names, sharedReactions: shared }).standing.get('M0-1')?.reactions;
  assert.deepEqual(reactions(true), ['tada']);
  assert.deepEqual(reactions(false), ['tada Ben']);
});

test('what others wrote doesn’t count', () => {
  const other = { ...first, id: 'S2-1', text: 'S2-1 v1' };
  assert.deepEqual(counts([other, ...right, other]), good);
});

test('a reply whose root is gone may stand outside of its thread, but in no other one', () => {
  const say = { type: 'say', person: 0 } as const;
  const withoutRoot = modelOf(
    [
      { ...say, id: 'S1-1' },
      { ...say, id: 'S1-2', thread: 'S1-1' },
      { ...say, id: 'S1-3' },
      { type: 'delete', id: 'S1-1', person: 0 },
    ],
    { names, sharedReactions: false },
  );
  const [reply, other] = [...withoutRoot.standing.values()];
  assert.ok(reply && other);
  const differing = (thread: string | undefined) =>
    judge(withoutRoot, [{ ...reply, thread }, other], none).stateDiffers;
  assert.equal(differing(undefined), 0);
  assert.equal(differing('?'), 0);
  assert.equal(differing('S1-3'), 1);
});
