import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBenchOptions, partNames, WrongArgument } from './options.ts';

describe('the command line of the benchmark', () => {
  const usual = {
    only: partNames,
    messages: 2000,
    load: 20_000,
    file: 1024,
    json: undefined,
    profile: undefined,
    log: undefined,
    help: false,
  };

  it('runs all parts and writes no files unless it is told to', () => {
    assert.deepEqual(parseBenchOptions([]), usual);
    assert.deepEqual(parseBenchOptions(['--messages', '40', '--json', 'figures.json']), {
      ...usual,
      messages: 40,
      json: 'figures.json',
    });
  });

  it('runs some parts, in the order that they have', () => {
    assert.deepEqual(parseBenchOptions(['--only', 'start,load']).only, ['load', 'start']);
  });

  it('says what is wrong with an argument', () => {
    assert.throws(() => parseBenchOptions(['--messages', 'many']), {
      message: '--messages needs a number from 40, not "many".',
    });
    assert.throws(() => parseBenchOptions(['--messages=5']), WrongArgument);
    assert.throws(() => parseBenchOptions(['--fast']), /--fast/);
    assert.throws(() => parseBenchOptions(['--only=load,speed']), /not "speed"/);
  });
});
