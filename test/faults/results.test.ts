import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { figure } from '../support/figure.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readResults, writeResults } from './results.ts';
import type { Result } from './results.ts';

const folder = temporaryFolder('results');
after(() => folder.remove());

function resultOf(size: Result['size']): Result {
  return {
    id: 'R1',
    size,
    step: 0,
    seed: 7,
    seconds: 12.5,
    figures: [figure('R1.lost', 0, 'messages', { atMost: 0 }), figure('R1.p99', 1.5, 's')],
  };
}

describe('the results that a run is resumed from', () => {
  it('are none before the first run, and then those that were written', async () => {
    const file = join(folder.path, 'results.json');
    assert.deepEqual(await readResults(file), []);
    await writeResults(file, [resultOf('short'), resultOf('long')]);
    assert.deepEqual(await readResults(file), [resultOf('short'), resultOf('long')]);
  });

  it('are refused when the file holds something else, which is left as it is', async () => {
    for (const [index, text] of ['{"a":1}', 'no JSON', '[{"id":"R1"}]'].entries()) {
      const file = join(folder.path, `other-${index}.json`);
      await writeFile(file, text);
      await assert.rejects(readResults(file), /other-\d\.json does not hold results of npm run faults/);
    }
  });
});
