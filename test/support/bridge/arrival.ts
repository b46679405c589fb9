/** What became of unique texts on their way. All empty: each arrived once, in order. */
export interface Arrival {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Arrived after one that was written later. */
  readonly outOfOrder: readonly string[];
}

export const complete: Arrival = { lost: [], doubled: [], outOfOrder: [] };

/**
 * Compares what was written, in order, with what stands on the other side, in order. Other texts there don't count.
 *
 * @param late texts that the network itself delivered later than younger ones: they have no place in the order.
 */
export function arrivalOf(
  written: readonly string[],
  arrived: readonly string[],
  late: ReadonlySet<string> = new Set(),
): Arrival {
  const place = new Map(written.map((text, index) => [text, index] as const));
  const counts = new Map<string, number>();
  const outOfOrder: string[] = [];
  let latest = -1;
  for (const text of arrived) {
    const index = place.get(text);
    if (index === undefined) continue;
    counts.set(text, (counts.get(text) ?? 0) + 1);
    if (late.has(text)) continue;
    if (index < latest) outOfOrder.push(text);
    latest = Math.max(latest, index);
  }
  return {
    lost: written.filter((text) => !counts.has(text)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([text]) => text),
    outOfOrder,
  };
}
