import type { Environment } from '../config.ts';

/** What a command knows of the process that runs it. */
export interface Surroundings {
  readonly env: Environment;
  /** A line to standard output. */
  readonly out: (line: string) => void;
  /** A line to standard error. */
  readonly err: (line: string) => void;
  /** Calls `listener` at each SIGTERM and SIGINT. Until it was called once, a signal ends the process as always. */
  readonly onSignal: (listener: (signal: string) => void) => void;
  /** Calls `listener` with an error that nothing caught, or a rejection that nothing handled. */
  readonly onCrash: (listener: (error: unknown) => void) => void;
  /** Ends the process now. */
  readonly exit: (code: number) => void;
}
