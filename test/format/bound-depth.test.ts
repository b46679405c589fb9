import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundDepth } from '../../src/format/bound-depth.ts';

function nested(depth: number, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { value };
  return value;
}

test('JSON that nests 500 deep is the same afterwards', () => {
  const value = { a: [1, 'two', null], deep: nested(499, 'inside') };
  assert.equal(boundDepth(value), value);
  assert.equal(boundDepth('text'), 'text');
  assert.equal(boundDepth(null), null);
});

test('what lies deeper becomes null, and the rest stays', () => {
  const bound = boundDepth({ beside: 'stays', deep: nested(100_000, 'inside') });
  const text = JSON.stringify(bound);
  assert.ok(text.startsWith('{"beside":"stays","deep":'));
  assert.ok(text.includes('null') && !text.includes('inside'));
});

test('a field named __proto__ is a field like others', () => {
  const bound = boundDepth(JSON.parse(`{"__proto__":{"x":1},"deep":${'['.repeat(600)}${']'.repeat(600)}}`));
  assert.ok(JSON.stringify(bound).startsWith('{"__proto__":{"x":1}'));
});
