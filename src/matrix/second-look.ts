/** When the homeserver is to look for transactions that it kept back. */
export interface SecondLook {
  /** The homeserver reaches us again after an outage. */
  plan(): void;
  /** Whether it is to look now; each time that was planned counts once. */
  isDue(): boolean;
}

/** After the end of an outage, in milliseconds; each later one for what the recovery of the one before kept back. */
const looks = [1_000, 10_000, 60_000, 600_000];

/**
 * While a bridge is away, Synapse keeps its transactions, and sends them one after the other when it is back. One that is
 * made in just the moment in which the last of these was sent is kept, too, and nothing sends it: it counts on the
 * recovery, which is over. It goes out after the next failure. So a little after an outage one transaction is refused
 * although it was stored: Synapse then sends all that it has kept, in order, and this one again, which is known by then.
 * @see https://github.com/element-hq/synapse/blob/develop/synapse/appservice/scheduler.py
 */
export function createSecondLook(now: () => number): SecondLook {
  let due: readonly number[] = [];
  return {
    plan() {
      due = looks.map((wait) => now() + wait);
    },
    isDue() {
      const [first, ...later] = due;
      if (first === undefined || now() < first) return false;
      due = later;
      return true;
    },
  };
}
