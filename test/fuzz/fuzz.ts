import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keepInCorpus, readCorpus } from './corpus.ts';
import type { Input, Kind } from './corpus.ts';
import { fuzzed } from './fuzzed.ts';
import { minimise } from './minimise.ts';

/** Throws when the input is treated as it must not be. */
export type Check = (input: Input) => void;

/** Makes each input of the corpus part of one test: the real shapes, and what failed once. */
export function testCorpus(kind: Kind, check: Check): void {
  test(`${kind}: every input of the corpus`, () => {
    const entries = readCorpus(kind);
    assert.ok(entries.length >= 40, 'there are inputs of many kinds');
    for (const { name, input } of entries) {
      try {
        check(input);
      } catch (cause) {
        throw new Error(`test/fuzz/corpus/${kind}/${name}`, { cause });
      }
    }
  });
}

/**
 * Makes a test of so many changed inputs. One that fails is made small, kept in the corpus and named; the seed is printed,
 * and FUZZ_SEED takes it.
 */
export function testFuzzed(kind: Kind, check: Check, inputs: number, usualSeed: number): void {
  const seed = Number(process.env['FUZZ_SEED'] ?? usualSeed);
  test(`${kind}: ${inputs} changed inputs, seed ${seed}`, () => {
    const run = fc.check(fc.property(fuzzed(kind), check), { numRuns: inputs, seed, endOnFailure: true });
    if (!run.failed) return;
    const [input] = run.counterexample ?? [];
    if (!input) throw new Error(`The run with the seed ${seed} was broken off.`);
    const smallest = minimise(input, (each) => failureOf(check, each) !== undefined);
    const file = `test/fuzz/corpus/${kind}/${keepInCorpus(kind, smallest)}`;
    throw new Error(`Input ${run.numRuns} of the seed ${seed} failed. It is kept, made small, as ${file}.`, {
      cause: failureOf(check, smallest),
    });
  });
}

function failureOf(check: Check, input: Input): unknown {
  try {
    check(input);
    return undefined;
  } catch (error) {
    return error ?? new Error('nothing was thrown');
  }
}
