import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editMarkOf, endOfSecond, isKnownEdit, isOfSecond, mayBeLast } from '../../src/format/edits.ts';
import { ts } from '../../src/ids.ts';

const told = (editTs: string, editHash?: string) => ({
  editTs: ts(editTs),
  ...(editHash !== undefined && { editHash }),
});

describe('an edit', () => {
  test('is known when all parts bear its mark, or one a newer one', () => {
    const edit = told('171.500000', 'two');
    const mark = editMarkOf(edit);
    assert.equal(isKnownEdit(edit, [mark, mark]), true);
    assert.equal(isKnownEdit(edit, [mark, '']), false, 'it was interrupted');
    assert.equal(isKnownEdit(edit, [mark, '172.000000 three']), true);
    assert.equal(isKnownEdit(edit, ['']), false);
  });

  test('with other words at the same time is another one', () => {
    assert.equal(isKnownEdit(told('171.000000', 'two'), ['171.000000 one']), false);
    assert.equal(isKnownEdit(told('171.000000', 'two'), ['171.000000']), true, 'a mark without words');
  });

  test('of the second of a known one is only news when nothing can follow in that second', () => {
    const later = told('171.000000', 'three');
    assert.equal(isKnownEdit(later, ['171.500000 two']), true);
    assert.equal(isKnownEdit(later, ['171.500000 two'], true), false);
    assert.equal(isKnownEdit(later, ['171.500000 three'], true), true);
    assert.equal(isKnownEdit(later, ['172.500000 two'], true), true);
  });
});

describe('the last edit of a second', () => {
  const last = told('171.000000', 'three');

  test('isn’t known while a part bears the mark of another one of that second, or none', () => {
    assert.equal(isKnownEdit(last, ['171.999999 three', '171.500000 two'], true), false);
    assert.equal(isKnownEdit(last, ['171.999999 three', ''], true), false);
    assert.equal(isKnownEdit(last, ['171.999999 three', '171.600000 three'], true), true);
  });

  test('may be told when its second is over, if only another one of that second is known', () => {
    assert.equal(mayBeLast(last, ['171.500000 two']), true);
    assert.equal(mayBeLast(last, ['171.500000 three']), false);
    assert.equal(mayBeLast(last, ['172.500000 two']), false);
    assert.equal(mayBeLast(last, ['']), false, 'it is found at once');
  });

  test('is newer than all that is told of that second later', () => {
    const mark = editMarkOf({ editTs: endOfSecond(last.editTs), editHash: 'three' });
    assert.equal(isKnownEdit(told('171.700000', 'two'), [mark]), true);
    assert.equal(isKnownEdit(told('171.800000', 'three'), [mark]), true);
    assert.equal(isKnownEdit(told('172.000000', 'four'), [mark]), false);
    assert.equal(isOfSecond(mark, last.editTs), true);
    assert.equal(isOfSecond('', last.editTs), false);
  });
});
