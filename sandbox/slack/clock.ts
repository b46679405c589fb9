/** Stops a timer that hasn't fired yet; harmless afterwards. */
export type Cancel = () => void;

/** The one source of time in the sandbox: nothing else reads the system's clock or sets timers. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls `work` once, `ms` later. The timer doesn't keep the process alive. */
  readonly after: (ms: number, work: () => void) => Cancel;
  /** Calls `work` every `ms`. */
  readonly every: (ms: number, work: () => void) => Cancel;
}

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    after: (ms, work) => {
      const timer = setTimeout(work, ms).unref();
      return () => clearTimeout(timer);
    },
    every: (ms, work) => {
      const timer = setInterval(work, ms).unref();
      return () => clearInterval(timer);
    },
  };
}

/** Resolves `ms` later by `clock`. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}

/** Whole seconds since 1970, as Slack writes `created`, `updated` and `event_time`. */
export function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
