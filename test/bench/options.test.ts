import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBenchOptions, WrongArgument } from './options.ts';

describe('the command line of the benchmark', () => {
  it('measures 500 messages and writes no files unless it is told to', () => {
    assert.deepEqual(parseBenchOptions([]), {
      messages: 500,
      json: undefined,
      profile: undefined,
      log: undefined,
      help: false,
    });
    assert.deepEqual(parseBenchOptions(['--messages', '40', '--json', 'figures.json']), {
      messages: 40,
      json: 'figures.json',
      profile: undefined,
      log: undefined,
      help: false,
    });
  });

  it('says what is wrong with an argument', () => {
    assert.throws(() => parseBenchOptions(['--messages', 'many']), {
      message: '--messages needs a number from 20, not "many".',
    });
    assert.throws(() => parseBenchOptions(['--messages=5']), WrongArgument);
    assert.throws(() => parseBenchOptions(['--fast']), /--fast/);
  });
});
