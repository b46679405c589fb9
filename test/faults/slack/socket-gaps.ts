import type { SlackEntry } from './slack-log.ts';

/** A time in which Slack had no connection of the app that hears and answers. */
export interface Gap {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly milliseconds: number;
}

/** From the log's entries about sockets. `open`: those that were there before; an open end lasts until `now`. */
export function gapsIn(open: readonly string[], entries: readonly SlackEntry[], now: number): readonly Gap[] {
  const ready = new Set(open);
  const gaps: Gap[] = [];
  let empty: number | undefined;
  for (const { name, outcome, at } of entries) {
    const before = ready.size;
    if (outcome === 'opened') ready.add(name);
    if (outcome === 'closed' || outcome === 'half_open') ready.delete(name);
    if (before > 0 && ready.size === 0) empty = at;
    if (ready.size === 0 || empty === undefined) continue;
    gaps.push({ from: empty, milliseconds: at - empty });
    empty = undefined;
  }
  return empty === undefined ? gaps : [...gaps, { from: empty, milliseconds: now - empty }];
}

/** How long after each of these moments, and before the next one, there was no connection. Mostly 0. */
export function gapsAfter(moments: readonly number[], gaps: readonly Gap[]): readonly number[] {
  return moments.map((moment, index) => {
    const next = moments[index + 1] ?? Infinity;
    const own = gaps.filter(({ from }) => from >= moment && from < next);
    return own.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  });
}
