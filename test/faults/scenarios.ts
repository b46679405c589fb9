import type { Scenario } from './scenario.ts';
import { r1 } from './scenarios/r1-killed-at-random.ts';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [r1];
