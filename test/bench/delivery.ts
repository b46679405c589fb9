/** What became of messages that were sent. */
export interface Delivery {
  /** Sent, and never seen. */
  readonly lost: number;
  /** Seen more than once; each further time counts. */
  readonly doubled: number;
  /** Seen after one that was sent later in the same place. */
  readonly outOfOrder: number;
}

/**
 * Compares one place's messages.
 *
 * @param sent different texts, in the order of their sending.
 * @param seen in the order in which they stand there; texts that weren't sent don't count.
 */
export function checkDelivery(sent: readonly string[], seen: readonly string[]): Delivery {
  const positions = new Map(sent.map((text, position) => [text, position]));
  const known = new Set<number>();
  let [doubled, outOfOrder, youngest] = [0, 0, -1];
  for (const text of seen) {
    const position = positions.get(text);
    if (position === undefined) continue;
    if (known.has(position)) doubled += 1;
    else if (position < youngest) outOfOrder += 1;
    known.add(position);
    youngest = Math.max(youngest, position);
  }
  return { lost: sent.length - known.size, doubled, outOfOrder };
}

export function sumDeliveries(deliveries: readonly Delivery[]): Delivery {
  const sum = (what: keyof Delivery): number => deliveries.reduce((total, each) => total + each[what], 0);
  return { lost: sum('lost'), doubled: sum('doubled'), outOfOrder: sum('outOfOrder') };
}
