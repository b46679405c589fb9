import { systemClock } from '../../../sandbox/slack/clock.ts';
import type { Clock } from '../../../sandbox/slack/clock.ts';

/** A clock that goes ahead of the machine's when it is told to. Timers keep the machine's pace. */
export interface FastClock extends Clock {
  /** Milliseconds ahead by now. */
  readonly ahead: () => number;
  skip(milliseconds: number): void;
}

export function fastClock(): FastClock {
  const clock = systemClock();
  let ahead = 0;
  return {
    ...clock,
    now: () => clock.now() + Math.round(ahead),
    ahead: () => ahead,
    skip(milliseconds) {
      ahead += milliseconds;
    },
  };
}
