import type { Figure } from '../support/figure.ts';
import type { Random } from '../support/random.ts';

/** quick: what `npm test` has time for; short: bare `npm run faults`; long: the figures of docs/reliability.md. */
export type Size = 'quick' | 'short' | 'long';

/** One run of a scenario. */
export interface Run {
  readonly size: Size;
  /** How much of the long form this run is: 1, or one of the scenario's `steps`. */
  readonly share: number;
  /** Determines everything that the scenario leaves to chance; printed with the result. */
  readonly seed: number;
  readonly random: Random;
  /** A line for whoever waits. */
  readonly say: (line: string) => void;
}

/** Something that goes wrong in a company's day, at real servers, and what must hold nevertheless. */
export interface Scenario {
  /** `R1`, as in docs/reliability.md. */
  readonly id: string;
  /** One line: what happens. */
  readonly title: string;
  /** How long each form takes on two cores, in minutes, to plan with. */
  readonly minutes: Readonly<Record<Size, number>>;
  /** The long form is so many runs, each of its own, between which it can be stopped; its figures are sums. Absent: 1. */
  readonly steps?: number;
  /**
   * Starts what it needs, does the damage, compares both ends with what was written, and ends what it started.
   *
   * @returns figures whose names begin with the scenario's id, as in `R1.lost`.
   */
  readonly run: (run: Run) => Promise<readonly Figure[]>;
}
