import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFaultsOptions, WrongArgument } from './options.ts';

const known = ['R1', 'R7'];

describe('the command line of npm run faults', () => {
  it('runs the short form of all scenarios with a new seed unless it is told otherwise', () => {
    assert.deepEqual(parseFaultsOptions([], known), {
      ids: [],
      long: false,
      mutate: false,
      seed: undefined,
      resume: undefined,
      json: undefined,
      help: false,
    });
    const { ids, long, seed, resume, json } = parseFaultsOptions(
      ['r7', 'R1', '--long', '--seed', '0', '--resume', 'results.json', '--json', 'figures.json'],
      known,
    );
    assert.deepEqual(
      { ids, long, seed, resume, json },
      { ids: ['R7', 'R1'], long: true, seed: 0, resume: 'results.json', json: 'figures.json' },
    );
  });

  it('says what is wrong with an argument', () => {
    assert.throws(() => parseFaultsOptions(['R99'], known), {
      message: 'There is no scenario R99. There are R1, R7.',
    });
    for (const seed of ['many', '-1', '1.5', '4294967296', '']) {
      assert.throws(
        () => parseFaultsOptions([`--seed=${seed}`], known),
        (error) => error instanceof WrongArgument && error.message.includes(`not "${seed}"`),
      );
    }
    assert.throws(() => parseFaultsOptions(['--hard'], known), /--hard/);
  });
});
