import { setTimeout as sleep } from 'node:timers/promises';
import { matrixUser } from '../../../sandbox/matrix-user.ts';
import type { Figure } from '../../support/figure.ts';
import { watchMemory } from '../../support/bridge/files.ts';
import { deliveryFigures } from '../figures.ts';
import { trafficOf, warmUp } from '../measure.ts';
import type { Pair } from '../measure.ts';
import type { PartResult, PartRun } from '../part.ts';
import { openPaths } from '../paths.ts';
import { usageIsKnown } from '../process-usage.ts';
import { makeRooms } from '../rooms.ts';
import { startServers } from '../servers.ts';
import { carrier } from './carry.ts';
import type { Carrier, Direction } from './carry.ts';
import { growthFigure, speedFigures, textFigures } from './figures.ts';

const mebibyte = 1024 * 1024;
/** A quarter of the largest file is moved so often each way, by the bridge and a bare client in turn. */
const turns = 3;
const manyFiles = { count: 20, size: 50 * mebibyte };
const quietTexts = 100;
/** The first one is for texts alone. */
const rooms = 6;
const directions: readonly Direction[] = ['slack_to_matrix', 'matrix_to_slack'];

/** Files on a real homeserver: speed beside a bare client, memory, and what the text notices of them. */
export async function measureFiles({ options, build, ends, say }: PartRun): Promise<PartResult> {
  say('Starting the bridge, Synapse and a Slack sandbox …');
  const servers = await startServers({ ...options, largestUpload: '2G' }, build, ends);
  const made = await makeRooms(servers, rooms);
  const pairs = (await openPaths(servers, made, ends)).map((direction) => trafficOf(direction));
  const person = matrixUser({ url: servers.synapse.url, ...made.alice });
  ends.push(() => person.stop());
  const carry = carrier(servers, made, person);
  say('Warming up: everybody writes in every room …');
  for (const pair of pairs) await warmUp(pair);
  const figures: Figure[] = [];
  for (const direction of directions) {
    const words = direction.replaceAll('_', ' ');
    const size = options.file * mebibyte;
    say(`${words}: speed beside a bare client …`);
    figures.push(...speedFigures(direction, await measureSpeed(carry, direction, Math.round(size / 4))));
    say(`${words}: memory with a file of ${options.file} MiB …`);
    if (usageIsKnown)
      figures.push(growthFigure(direction, await measureGrowth(carry, direction, size, servers.bridge.pid)));
  }
  for (const pair of pairs) {
    say(`${pair.name.replaceAll('_', ' ')}: texts, alone and beside ${manyFiles.count} files …`);
    figures.push(...textFigures(pair.name, await measureTexts(carry, pair)));
  }
  await sleep(3_000); // a repetition would have come by then
  const deliveries = pairs.map(({ name, bridge }) => ({ name, delivery: bridge.delivery() }));
  for (const { name, delivery } of deliveries)
    figures.push(...deliveryFigures(`files.${name}.text`, delivery));
  return { figures, complete: deliveries.every(({ delivery: { lost, doubled } }) => lost + doubled === 0) };
}

async function measureSpeed(carry: Carrier, direction: Direction, size: number) {
  const times = { bridge: [] as number[], bare: [] as number[] };
  await carry.bare(direction, size); // the first one warms everything up
  for (let turn = 0; turn < turns; turn += 1) {
    times.bridge.push(await carry.bridged(direction, 1, size));
    times.bare.push(await carry.bare(direction, size));
  }
  return { size, ...times };
}

async function measureGrowth(
  carry: Carrier,
  direction: Direction,
  size: number,
  pid: number,
): Promise<number> {
  const memory = watchMemory(pid);
  await carry.bridged(direction, 1, size);
  return memory.stop();
}

/** Texts in a room of their own, one at a time, while the files of its direction move in all others. */
async function measureTexts(carry: Carrier, { name, bridge }: Pair) {
  const times = { quiet: [] as number[], busy: [] as number[] };
  while (times.quiet.length < quietTexts) times.quiet.push(await timeOf(bridge));
  const over = new AbortController();
  const files = Array.from({ length: manyFiles.count }, (_, index) =>
    carry.bridged(name, 1 + (index % (rooms - 1)), manyFiles.size),
  );
  const all = Promise.all(files).finally(() => over.abort());
  while (!over.signal.aborted) times.busy.push(await timeOf(bridge));
  await all;
  return times;
}

async function timeOf(bridge: Pair['bridge']): Promise<number> {
  const time = await bridge.sendAndWait(0);
  if (time === undefined) throw new Error('A text did not arrive.');
  return time;
}
