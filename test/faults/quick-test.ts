import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Figure } from '../support/figure.ts';
import { figureTable } from '../support/figure.ts';
import { randomFrom } from '../support/random.ts';
import type { Scenario } from './scenario.ts';

/** The seed of the quick forms: a run that fails can be repeated as it was. */
const seed = Number(process.env['FAULTS_SEED'] ?? 20_240_229);

/** What depends on the machine: `npm run faults` judges it, a test shows it. */
const measured: ReadonlySet<Figure['unit']> = new Set(['s', 'ms', 'MiB', 'messages/s']);

/** Makes a scenario's quick form a test of `npm test`. What should have happened and never did fails it, however measured. */
export function quickTest(scenario: Scenario): void {
  test(`${scenario.id}: ${scenario.title}`, async () => {
    const say = (line: string): void => console.error(`  ${scenario.id}: ${line}`);
    const figures = await scenario.run({ size: 'quick', share: 1, seed, random: randomFrom(seed), say });
    assert.ok(figures.length > 0, 'it has figures');
    const missed = figures.filter(({ ok }) => !ok);
    const slow = missed.filter(({ unit, value }) => measured.has(unit) && Number.isFinite(value));
    if (slow.length > 0) say(`slower or larger than on a quiet machine:\n${figureTable(slow)}`);
    const wrong = missed.filter((figure) => !slow.includes(figure));
    assert.deepEqual(wrong, [], `Not reached, with the seed ${seed}:\n${figureTable(wrong)}`);
  });
}
