import { checkDelivery, sumDeliveries } from './delivery.ts';
import type { Delivery } from './delivery.ts';
import type { Latencies, Load } from './figures.ts';
import type { Direction, Path } from './paths.ts';

/** A message that isn't there after so many milliseconds is lost. */
const patience = 60_000;

/** A path, and what was sent on it so far, by place. */
export interface Traffic {
  readonly path: Path;
  /** Sends, and waits until it has arrived; the milliseconds, or absent when it was lost. */
  sendAndWait(index: number): Promise<number | undefined>;
  /** Sends to all places at once, `each` messages to every place, and waits until all have arrived. */
  flood(each: number): Promise<Load>;
  delivery(): Delivery;
}

/** @param label different for each path: no two texts of a run are the same. */
function trafficOn(path: Path, label: string): Traffic {
  const sent = path.places.map((): string[] => []);
  const nextText = (index: number): string => {
    const texts = sent[index] ?? [];
    const text = `${label} ${texts.length + 1} in room ${index + 1}, shall we meet at the station at half past eight?`;
    texts.push(text);
    return text;
  };

  return {
    path,
    async sendAndWait(index) {
      const text = nextText(index);
      const started = performance.now();
      await path.send(index, text);
      const arrived = await path.arrivals.waitFor(text, patience);
      return arrived === undefined ? undefined : arrived - started;
    },
    async flood(each) {
      const started = performance.now();
      const arrivals = await Promise.all(path.places.map((_, index) => fill(path, index, each, nextText)));
      const seen = arrivals.flat().filter((at) => at !== undefined);
      return { messages: seen.length, milliseconds: Math.max(started, ...seen) - started };
    },
    delivery: () =>
      sumDeliveries(
        path.places.map((place, index) => checkDelivery(sent[index] ?? [], path.arrivals.texts(place))),
      ),
  };
}

/** One place's share: one after the other, each as soon as the one before is accepted. */
async function fill(
  path: Path,
  index: number,
  count: number,
  nextText: (index: number) => string,
): Promise<readonly (number | undefined)[]> {
  const arrivals: Promise<number | undefined>[] = [];
  for (let number = 0; number < count; number += 1) {
    const text = nextText(index);
    await path.send(index, text);
    arrivals.push(path.arrivals.waitFor(text, patience));
  }
  return Promise.all(arrivals);
}

/** Both paths of a direction. */
export interface Pair {
  readonly name: Direction['name'];
  readonly bridge: Traffic;
  readonly bare: Traffic;
}

export function trafficOf({ name, bridge, bare }: Direction): Pair {
  const words = name.replaceAll('_', ' ');
  return { name, bridge: trafficOn(bridge, `${words} bridged`), bare: trafficOn(bare, `${words} bare`) };
}

/** Ghosts join, caches fill, code gets compiled: messages of everybody in every room that nobody counts the time of. */
export async function warmUp({ bridge, bare }: Pair): Promise<void> {
  for (const traffic of [bridge, bare]) for (let part = 0; part < 10; part += 1) await traffic.flood(5);
}

/** One message at a time in one room, the two paths in turn. Ends at the first one that is lost. */
export async function measureLatency({ bridge, bare }: Pair, messages: number): Promise<Latencies> {
  const times = { bridge: [] as number[], bare: [] as number[] };
  for (let number = 0; number < messages; number += 1) {
    const bridged = await bridge.sendAndWait(0);
    const plain = await bare.sendAndWait(0);
    if (bridged === undefined || plain === undefined) break;
    times.bridge.push(bridged);
    times.bare.push(plain);
  }
  return times;
}

/**
 * All rooms at once. The two paths take turns, and the second time in the other order.
 *
 * @param each messages for each room and path; halved by turns.
 * @param around runs what goes by way of the bridge, to measure what it costs.
 */
export async function measureThroughput(
  { bridge, bare }: Pair,
  each: number,
  around: (part: () => Promise<Load>) => Promise<Load>,
): Promise<{ readonly bridge: Load; readonly bare: Load }> {
  const [first, second] = [Math.ceil(each / 2), Math.floor(each / 2)];
  const bridgeFirst = await around(() => bridge.flood(first));
  const bareLoads = [await bare.flood(first), await bare.flood(second)];
  const bridgeLoads = [bridgeFirst, await around(() => bridge.flood(second))];
  return { bridge: sumLoads(bridgeLoads), bare: sumLoads(bareLoads) };
}

function sumLoads(loads: readonly Load[]): Load {
  return {
    messages: loads.reduce((sum, load) => sum + load.messages, 0),
    milliseconds: loads.reduce((sum, load) => sum + load.milliseconds, 0),
  };
}
