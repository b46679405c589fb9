import { sumDeliveries } from '../delivery.ts';
import type { Delivery } from '../delivery.ts';

/** What came to one side: for each place the numbers of its messages, in the order in which they came. */
export interface Tally {
  note(place: string, number: number): void;
  readonly count: number;
  /** When the first and the last one came, in milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** Against what was sent: `each` messages to each place. The order of those in `late`, as `<place> <number>`, doesn't count. */
  check(places: readonly string[], each: number, late: ReadonlySet<string>): Delivery;
  clear(): void;
}

export function createTally(): Tally {
  const places = new Map<string, number[]>();
  let [count, first, last] = [0, 0, 0];
  return {
    note(place, number) {
      last = epochNow();
      if (count === 0) first = last;
      count += 1;
      const numbers = places.get(place);
      if (numbers) numbers.push(number);
      else places.set(place, [number]);
    },
    get count() {
      return count;
    },
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    check: (names, each, late) =>
      sumDeliveries(names.map((name) => checkPlace(name, places.get(name) ?? [], each, late))),
    clear() {
      places.clear();
      [count, first, last] = [0, 0, 0];
    },
  };
}

function checkPlace(
  place: string,
  numbers: readonly number[],
  expected: number,
  late: ReadonlySet<string>,
): Delivery {
  const known = new Set<number>();
  let [doubled, outOfOrder, youngest] = [0, 0, -1];
  for (const number of numbers) {
    if (known.has(number)) doubled += 1;
    else if (number < youngest && !late.has(`${place} ${number}`)) outOfOrder += 1;
    known.add(number);
    youngest = Math.max(youngest, number);
  }
  return { lost: expected - known.size, doubled, outOfOrder };
}

/** Comparable between processes of one machine, in milliseconds. */
export function epochNow(): number {
  return performance.timeOrigin + performance.now();
}
