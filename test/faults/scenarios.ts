import type { Scenario } from './scenario.ts';
import { r1 } from './scenarios/r1-killed-at-random.ts';
import { r7 } from './scenarios/r7-unreliable-slack.ts';
import { r8 } from './scenarios/r8-broken-sockets.ts';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [r1, r7, r8];
