import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figureTable } from '../support/figure.ts';
import { randomFrom } from '../support/random.ts';
import type { Scenario } from './scenario.ts';

/** The seed of the quick forms: a run that fails can be repeated as it was. */
const seed = Number(process.env['FAULTS_SEED'] ?? 20_240_229);

/** Makes a scenario's quick form a test of `npm test`. */
export function quickTest(scenario: Scenario): void {
  test(`${scenario.id}: ${scenario.title}`, async () => {
    const say = (line: string): void => console.error(`  ${scenario.id}: ${line}`);
    const figures = await scenario.run({ size: 'quick', seed, random: randomFrom(seed), say });
    assert.ok(figures.length > 0, 'it has figures');
    const missed = figures.filter(({ ok }) => !ok);
    assert.deepEqual(missed, [], `Not reached, with the seed ${seed}:\n${figureTable(missed)}`);
  });
}
