import assert from 'node:assert/strict';
import { normalise } from '../../../src/format/doc.ts';
import type { Doc } from '../../../src/format/doc.ts';

/** A tree in its one form, bounded, whose texts every database and network takes. */
export function checkDoc(doc: Doc): void {
  assert.deepEqual(normalise(doc), doc, 'it is in its one form');
  visit(doc, 0, false);
}

const deepest = 450;

function visit(value: unknown, depth: number, inLink: boolean): void {
  if (typeof value === 'string') {
    assert.ok(value.isWellFormed(), 'its texts are valid Unicode');
    assert.ok(!value.includes('\0'), 'its texts hold no NUL');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  assert.ok(depth < deepest, 'it is not deeper than what reads it can go');
  const link = 'type' in value && value.type === 'link' && 'url' in value;
  if (link) {
    assert.ok(!inLink, 'links hold no links');
    assert.match(String(value.url), /^(?:https?:\/\/[^/]|mailto:.)/i);
  }
  if ('level' in value) assert.ok(Number.isInteger(value.level) && Number(value.level) >= 1);
  if ('start' in value) assert.ok(Number.isSafeInteger(value.start) && Number(value.start) >= 0);
  for (const child of Object.values(value)) visit(child, depth + 1, inLink || link);
}
