import type { Change } from './ports.ts';

/** An attempt to post that was begun and not settled. */
export interface PortalAttempt {
  readonly piece: number;
  readonly opKey: string;
  readonly planHash: string;
  /** When the call surely is over, in milliseconds since 1970. */
  readonly deadline: number;
}

/** What portals use of the queue's `Turn`, which fits it as it is. */
export interface PortalTurn {
  readonly item: {
    readonly seq: number;
    readonly lane: string;
    readonly srcTs: string;
    readonly receivedAt: Date;
    readonly waited: boolean;
  };
  readonly openAttempts: readonly PortalAttempt[];
  remember(change: Change): void;
  flush(): Promise<void>;
  begin(attempt: PortalAttempt): Promise<void>;
  mayWrite(): void;
}
