/** What a named point is told: as little as it takes to name the point exactly. */
export interface Failpoints {
  /** Around each commit of the writer. */
  readonly 'commit.before': Committed;
  readonly 'commit.after': Committed;
  /** Around each commit of crypto stores' rows, with the number of changes that it carries. */
  readonly 'crypto.before': number;
  readonly 'crypto.after': number;
  /** Around the leasing of free lanes. */
  readonly 'claim.before': string;
  readonly 'claim.after': string;
  /** Around each request to the homeserver that succeeds; `name` is its kind. */
  readonly 'matrix.before': { readonly name: string };
  readonly 'matrix.after': { readonly name: string };
  /** Around each call to Slack that succeeds. */
  readonly 'slack.before': { readonly method: string };
  readonly 'slack.after': { readonly method: string };
  /** The effect is there, and nobody knows of it yet: the change that is about to be remembered. */
  readonly remember: unknown;
  /** A file on its way: it was begun, its address is remembered, its bytes are there, its arrival is remembered. */
  readonly transfer: 'begun' | 'aimed' | 'uploaded' | 'arrived';
  /** Around the acknowledgement of what was stored. */
  readonly 'acknowledge.before': Acknowledged;
  readonly 'acknowledge.after': Acknowledged;
}

/** What one commit carries. */
interface Committed {
  readonly intake: readonly unknown[];
  readonly lanes: readonly { readonly lease: boolean }[];
  readonly work: readonly { readonly attempt?: unknown; readonly ending?: { readonly type: string } }[];
}

type Acknowledged = 'matrix' | 'slack-http' | 'slack-socket';

/**
 * A moment in which the process may be killed by a test. Here it does nothing. Import it as `#failpoint`: tests that
 * kill the bridge put a function of their own in its place, by a condition of package.json.
 */
export function failpoint<Point extends keyof Failpoints>(_point: Point, _about: Failpoints[Point]): void {}
