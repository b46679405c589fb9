import type { Failpoints } from '../../../src/failpoint.ts';

/** The environment variable with the path of the file that arms a bridge's failpoints. */
export const failpointFile = 'FAILPOINT_FILE';

type Around = 'before' | 'after';

/** The moments in which a test may kill a bridge. */
export type Failpoint =
  | `commit.${Around}:${'intake' | 'lease' | 'begin' | 'flush' | 'completion'}`
  | `claim.${Around}`
  | `crypto.${Around}`
  | `matrix.${Around}:${'send' | 'edit' | 'redact' | 'react' | 'invite' | 'join' | 'media-create' | 'media-upload'}`
  | `slack.${Around}:${'chat.postMessage' | 'chat.update' | 'chat.delete' | 'reactions.add' | 'reactions.remove'}`
  | `remember:${'link' | 'attempt-link' | 'attempt-settled' | 'edited' | 'deleted' | 'related' | 'reaction' | 'reaction-changed' | 'reaction-removed'}`
  | `transfer:${Failpoints['transfer']}`
  | `acknowledge.${Around}:${'matrix' | 'slack-http' | 'slack-socket'}`;

/** Those that nearly every message passes, over Socket Mode. */
export const passedByMessages: readonly Failpoint[] = [
  ...both('commit', ['intake', 'begin', 'completion']),
  'claim.before',
  'claim.after',
  ...both('matrix', ['send']),
  ...both('slack', ['chat.postMessage']),
  'remember:link',
  'remember:attempt-link',
  'remember:attempt-settled',
  ...both('acknowledge', ['matrix', 'slack-socket']),
];

/** These, and what edits, deletes and reactions pass. */
export const passedByTraffic: readonly Failpoint[] = [
  ...passedByMessages,
  ...both('commit', ['flush']),
  ...both('matrix', ['edit', 'redact', 'react']),
  ...both('slack', ['chat.update', 'chat.delete', 'reactions.add', 'reactions.remove']),
  'remember:edited',
  'remember:deleted',
  'remember:related',
  'remember:reaction',
  'remember:reaction-changed',
  'remember:reaction-removed',
];

function both<const Place extends string, const What extends string>(
  place: Place,
  all: readonly What[],
): readonly `${Place}.${Around}:${What}`[] {
  return all.flatMap((what) => [`${place}.before:${what}`, `${place}.after:${what}`] as const);
}

/** The names of a point that a process passes; a commit carries several things. */
export function namesOf<Point extends keyof Failpoints>(
  point: Point,
  about: Failpoints[Point],
): readonly string[] {
  return kindsOf(point, about).map((kind) => (kind === '' ? point : `${point}:${kind}`));
}

function kindsOf(point: keyof Failpoints, about: unknown): readonly string[] {
  switch (point) {
    case 'commit.before':
    case 'commit.after':
      return carried(about as Failpoints['commit.before']); // the caller has checked that they belong together
    case 'claim.before':
    case 'claim.after':
    case 'crypto.before':
    case 'crypto.after':
      return [''];
    case 'matrix.before':
    case 'matrix.after':
      return [textAt(about, 'name')];
    case 'slack.before':
    case 'slack.after':
      return [textAt(about, 'method')];
    case 'remember':
      return [textAt(about, 'type')];
    case 'acknowledge.before':
    case 'acknowledge.after':
    case 'transfer':
      return [String(about)];
  }
}

function carried({ intake, lanes, work }: Failpoints['commit.before']): readonly string[] {
  const kinds = [
    intake.length > 0 && 'intake',
    lanes.some(({ lease }) => lease) && 'lease',
    work.some(({ attempt }) => attempt !== undefined) && 'begin',
    work.some(({ attempt, ending }) => attempt === undefined && ending === undefined) && 'flush',
    work.some(({ ending }) => ending?.type === 'done') && 'completion',
  ];
  return kinds.filter((kind) => kind !== false);
}

function textAt(about: unknown, name: string): string {
  return String(Reflect.get(Object(about) as object, name)); // a primitive has none of these either
}
