import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from './corpus.ts';
import { minimise } from './minimise.ts';

test('of a text that fails only what makes it fail is left', () => {
  const found = minimise(
    { format: 'text', text: `${'words '.repeat(200)}<@U1|${' more'.repeat(100)}` },
    (input) => bytesOf(input).includes('<@U1|'),
  );
  assert.deepEqual(found, { format: 'text', text: '<@U1|' });
});

test('of JSON that fails only the nodes that make it fail are left', () => {
  const value = {
    type: 'message',
    list: [{ a: 1 }, { bad: ['x', { deep: 'and more trouble' }] }],
    other: 'y',
  };
  const found = minimise({ format: 'json', value }, (input) => bytesOf(input).includes('trouble'));
  assert.deepEqual(found, { format: 'json', value: { list: [{ bad: [{ deep: 'trouble' }] }] } });
});

test('of bytes that fail only those that make them fail are left', () => {
  const bytes = Buffer.concat([Buffer.alloc(300, 1), Buffer.from([255]), Buffer.alloc(50, 2)]);
  const found = minimise({ format: 'bytes', bytes }, (input) => bytesOf(input).includes(255));
  assert.deepEqual(found, { format: 'bytes', bytes: Buffer.from([255]) });
});
