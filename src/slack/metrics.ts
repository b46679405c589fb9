/** What the adapter counts. All of it is optional for who starts it. */
export interface SlackMetrics {
  /** One call of the Web API; `outcome` is `ok` or the kind of failure. */
  call(method: string, outcome: string, seconds: number): void;
  /** Slack said 429, or we held a call back for the limit's sake. */
  limited(method: string, by: 'slack' | 'us'): void;
  /** An event was stored and acknowledged, so long after it came. */
  acknowledged(transport: Transport, seconds: number): void;
  /** Something came that is not stored, or not now; `reason` is a constant. */
  refused(transport: Transport, reason: string): void;
  /** How many Socket Mode connections are open in all. */
  sockets(open: number): void;
}

export type Transport = 'socket' | 'http';

export const noMetrics: SlackMetrics = {
  call: () => undefined,
  limited: () => undefined,
  acknowledged: () => undefined,
  refused: () => undefined,
  sockets: () => undefined,
};
