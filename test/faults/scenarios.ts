import type { Scenario } from './scenario.ts';
import { r1 } from './scenarios/r1-killed-at-random.ts';
import { r2 } from './scenarios/r2-killed-at-points.ts';
import { r3 } from './scenarios/r3-ghosts-at-once.ts';
import { r4 } from './scenarios/r4-homeserver-stopped.ts';
import { r5 } from './scenarios/r5-homeserver-killed.ts';
import { r6 } from './scenarios/r6-database-crashes.ts';
import { r7 } from './scenarios/r7-unreliable-slack.ts';
import { r8 } from './scenarios/r8-broken-sockets.ts';
import { r9 } from './scenarios/r9-shuffled-deliveries.ts';
import { r10 } from './scenarios/r10-missing-events.ts';
import { r11 } from './scenarios/r11-fuzzed-inputs.ts';
import { r12 } from './scenarios/r12-large-transaction.ts';
import { r13 } from './scenarios/r13-intake-of-a-crowd.ts';
import { r16 } from './scenarios/r16-large-backlog.ts';
import { r18 } from './scenarios/r18-several-processes.ts';
import { r19 } from './scenarios/r19-stopped-under-load.ts';
import { r21 } from './scenarios/r21-put-to-rest.ts';
import { r22 } from './scenarios/r22-restored-backup.ts';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  r1,
  r2,
  r3,
  r4,
  r5,
  r6,
  r7,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r16,
  r18,
  r19,
  r21,
  r22,
];
