import type { SlackSide } from '../../support/bridge/slack-side.ts';

export type SlackEntry = ReturnType<SlackSide['control']['log']>[number];

/** Keeps what Slack's log says from now on; by itself it forgets. */
export function recordSlackLog(
  { control }: Pick<SlackSide, 'control'>,
  kind: SlackEntry['kind'],
): { entries(): readonly SlackEntry[]; stop(): void } {
  const entries: SlackEntry[] = [];
  let last = control.log({ limit: 1 })[0]?.seq ?? 0;

  function read(): void {
    const young = control.log({ after: last, limit: 2_000 });
    last = young.at(-1)?.seq ?? last;
    entries.push(...young.filter((entry) => entry.kind === kind));
  }

  const timer = setInterval(read, 50);
  return {
    entries() {
      read();
      return entries;
    },
    stop: () => clearInterval(timer),
  };
}

/** Long enough that a call that was under way when the answer to another one was written has come. */
const underWay = 250;

/**
 * Calls that were made before the time was over that a 429 had named, by method, team and (for posts) channel. Posts of a
 * channel follow each other; of other calls those don't count that were under way when the answer was written.
 */
export function callsTooEarly(entries: readonly SlackEntry[]): readonly string[] {
  const closed = new Map<string, { readonly from: number; readonly until: number }>();
  const early: string[] = [];
  for (const { name, at, details } of entries) {
    const post = name === 'chat.postMessage';
    const bucket = `${name} ${String(details['team'])}${post ? ` ${String(details['channel'])}` : ''}`;
    const rest = closed.get(bucket);
    if (rest && at < rest.until && at >= rest.from + (post ? 0 : underWay))
      early.push(`${bucket}, ${rest.until - at} ms early`);
    const seconds = Number(details['retryAfter']);
    if (seconds > 0) closed.set(bucket, { from: at, until: Math.max(rest?.until ?? 0, at + seconds * 1000) });
  }
  return early;
}
