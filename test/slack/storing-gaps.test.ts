import assert from 'node:assert/strict';
import { it } from 'node:test';
import { watchStoring } from '../../src/slack/storing-gaps.ts';

it('the end of a time in which events could not be stored is told once, with its length', async () => {
  const outage = new Error('the database is down');
  let failure: Error | undefined;
  const ends: number[] = [];
  const store = async (): Promise<void> => {
    if (failure) throw failure;
  };
  const watched = watchStoring({ store }, (away) => ends.push(away));
  await watched.store([]);
  failure = outage;
  const begun = performance.now();
  for (let tries = 0; tries < 3; tries += 1) await assert.rejects(watched.store([]), outage);
  assert.deepEqual(ends, []);
  failure = undefined;
  await watched.store([]);
  await watched.store([]);
  assert.equal(ends.length, 1);
  assert.ok((ends[0] ?? -1) >= 0 && (ends[0] ?? Infinity) <= performance.now() - begun);
});
