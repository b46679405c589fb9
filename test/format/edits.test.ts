import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editMarkOf, isKnownEdit, newestEdit } from '../../src/format/edits.ts';
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

test('the newest edit of a message is that of its parts or the one that is told', () => {
  assert.equal(newestEdit(ts('171.000000'), ['171.500000 two', '']), '171.500000');
  assert.equal(newestEdit(ts('173.000000'), ['171.500000 two']), '173.000000');
});
