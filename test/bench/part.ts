import type { Figure } from '../support/figure.ts';
import type { Build } from './build.ts';
import type { BenchOptions } from './options.ts';
import type { Ends } from './servers.ts';

/** What a part of the benchmark works with. */
export interface PartRun {
  readonly options: BenchOptions;
  readonly build: Build;
  /** What it starts, ended when it is over. */
  readonly ends: Ends;
  readonly say: (line: string) => void;
}

export interface PartResult {
  readonly figures: readonly Figure[];
  /** Whether every message arrived, and no more than once. */
  readonly complete: boolean;
}
