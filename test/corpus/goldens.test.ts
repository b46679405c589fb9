import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenFile, goldenNames, readEntries } from './entry.ts';
import { goldenOf } from './golden.ts';
import { shapeOf } from './shape.ts';

const sides = ['slack', 'matrix'] as const;

for (const side of sides) {
  for (const entry of readEntries(side)) {
    test(`${side}/${entry.name}: ${entry.what}, as it stands in its golden file`, async () => {
      const golden = readFileSync(goldenFile(entry), 'utf8');
      assert.equal(await goldenOf(entry), golden, 'look at the difference; `npm run goldens` accepts it');
    });
  }
}

test('every golden file has its entry', () => {
  for (const side of sides) {
    assert.deepEqual(
      goldenNames(side),
      readEntries(side).map(({ name }) => name),
    );
  }
});

test('no two entries differ in their words only', () => {
  for (const side of sides) {
    const known = new Map<string, string>();
    for (const { name, event, before, policy } of readEntries(side)) {
      const shape = JSON.stringify([shapeOf(event), before.map((each) => shapeOf(each)), policy]);
      assert.equal(known.get(shape), undefined, `${side}/${name} has the same shape as another`);
      known.set(shape, name);
    }
  }
});
