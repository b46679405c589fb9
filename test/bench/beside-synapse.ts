import { setTimeout as sleep } from 'node:timers/promises';
import { cpuFigures, deliveryFigures, latencyFigures, memoryFigures, throughputFigures } from './figures.ts';
import type { Figure } from '../support/figure.ts';
import type { Load, Work } from './figures.ts';
import { measureLatency, measureThroughput, trafficOf, warmUp } from './measure.ts';
import type { Pair } from './measure.ts';
import { roomCount } from './options.ts';
import type { BenchOptions } from './options.ts';
import type { PartResult, PartRun } from './part.ts';
import { openPaths } from './paths.ts';
import { cpuOf, cpuWithChildren, memoryOf, usageIsKnown } from './process-usage.ts';
import { makeRooms } from './rooms.ts';
import { startServers } from './servers.ts';
import type { Servers } from './servers.ts';

/** A repetition would have come by then, in milliseconds. */
const afterwards = 3_000;
/** A bridge that is quiet for half a minute gives memory back: what it occupies at rest is measured. In milliseconds. */
const atRest = 45_000;

/** The bridge beside a bare client on a real homeserver. */
export async function measureBesideSynapse({ options, build, ends, say }: PartRun): Promise<PartResult> {
  say('Starting the bridge, Synapse and a Slack sandbox …');
  const servers = await startServers(options, build, ends);
  say(`Linking ${roomCount} rooms …`);
  const rooms = await makeRooms(servers, roomCount);
  await sleep(atRest);
  const idle = usageIsKnown ? memoryOf(servers.bridge.pid) : 0;
  const pairs = (await openPaths(servers, rooms, ends)).map((direction) => trafficOf(direction));
  say('Warming up: everybody writes in every room …');
  for (const pair of pairs) await warmUp(pair);

  const figures: Figure[] = [];
  for (const pair of pairs) figures.push(...(await measurePair(pair, servers, options, say)));
  await sleep(afterwards);
  const deliveries = pairs.map(({ name, bridge }) => ({ name, delivery: bridge.delivery() }));
  figures.push(...deliveries.flatMap(({ name, delivery }) => deliveryFigures(name, delivery)));
  await sleep(atRest);
  if (usageIsKnown) figures.push(...memoryFigures({ idle, after: memoryOf(servers.bridge.pid) }));
  return {
    figures,
    complete: deliveries.every(({ delivery }) => delivery.lost === 0 && delivery.doubled === 0),
  };
}

async function measurePair(
  pair: Pair,
  servers: Servers,
  { messages }: BenchOptions,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const title = pair.name.replaceAll('_', ' ');
  say(`Measuring ${title}, one at a time …`);
  const latencies = await measureLatency(pair, Math.floor(messages / 4));
  say(`Measuring ${title}, ${roomCount} rooms at once …`);
  const meter = workMeter(servers);
  const loads = await measureThroughput(pair, Math.floor(messages / roomCount), (part) => meter.around(part));
  return [
    ...latencyFigures(pair.name, latencies),
    ...throughputFigures(pair.name, loads),
    ...(usageIsKnown ? cpuFigures(pair.name, meter.work()) : []),
  ];
}

/** Adds up what the bridge and its PostgreSQL use while parts of the measurement run. */
function workMeter({ bridge, postgres }: Servers) {
  let total: Work = { messages: 0, bridgeMilliseconds: 0, postgresMilliseconds: 0 };
  const used = () =>
    usageIsKnown
      ? { bridge: cpuOf(bridge.pid), postgres: cpuWithChildren(postgres.postmasterPid) }
      : { bridge: 0, postgres: 0 };
  return {
    work: () => total,
    async around(part: () => Promise<Load>): Promise<Load> {
      const before = used();
      const load = await part();
      const after = used();
      total = {
        messages: total.messages + load.messages,
        bridgeMilliseconds: total.bridgeMilliseconds + after.bridge - before.bridge,
        postgresMilliseconds: total.postgresMilliseconds + after.postgres - before.postgres,
      };
      return load;
    },
  };
}
