import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { figure } from '../../support/figure.ts';
import type { Figure, Goal } from '../../support/figure.ts';
import type { Delivery } from '../delivery.ts';
import { deliveryFigures } from '../figures.ts';
import { cpuOf, cpuWithChildren, memoryOf } from '../process-usage.ts';
import type { Child } from './child.ts';
import type { NullWorld, RunningBridge } from './null-world.ts';

/** Messages that go one way, as fast as they are taken. */
export interface Flow {
  readonly way: 'slack_to_matrix' | 'matrix_to_slack';
  readonly messages: number;
  /** Channels or rooms that they are spread over evenly. */
  readonly places: number;
}

/** What came of a flow. */
export interface FlowResult {
  readonly flow: Flow;
  /** Deliveries that the bridge didn't take at once and that were made again. */
  readonly refused: number;
  /** From the first request to the arrival of the last message, and to the last acknowledgement, in milliseconds. */
  readonly milliseconds: number;
  readonly taking: number;
  readonly bridgeCpu: number;
  readonly postgresCpu: number;
  readonly statements: number;
  /** As PostgreSQL itself counts: a statement alone is one, several in one transaction are one. */
  readonly transactions: number;
  /** The most that one process occupied, in MiB. */
  readonly memory: number;
  readonly delivery: Delivery;
}

/** A flow that stands still for so long has lost something, in milliseconds. */
const patience = 20_000;
/** Completions that nobody waits for are written by then, in milliseconds. */
const afterwards = 250;

/** A place's index and a message's number. */
const place = z.tuple([z.number(), z.number()]);
const delivered = z.object({ started: z.number(), ended: z.number(), refused: z.array(place) });
const arrived = z.object({ count: z.number(), last: z.number(), told: z.number().optional() });
const checked = z.object({ lost: z.number(), doubled: z.number(), outOfOrder: z.number() });

export async function runFlow(
  world: NullWorld,
  bridges: readonly RunningBridge[],
  flow: Flow,
): Promise<FlowResult> {
  const { sender, receiver, seen, size } = endsOf(world, flow);
  await Promise.all([world.slack.ask('clear'), world.homeserver.ask('clear')]);
  await sender.ask('prepare', size);
  const meter = await startMeter(world, bridges);
  const ports = bridges.map(({ eventsPort }) => eventsPort);
  const atOnce = Math.ceil(128 / flow.places);
  const { started, ended, refused } = delivered.parse(await sender.ask('deliver', { ports, atOnce }));
  const last = await untilAll(receiver, seen, flow.messages, () => meter.look());
  await sleep(afterwards);
  const used = await meter.end();
  const delivery = await checkArrived(receiver, flow.places, flow.messages / flow.places, refused);
  return {
    flow,
    refused: refused.length,
    milliseconds: last - started,
    taking: ended - started,
    ...used,
    delivery,
  };
}

/** What was refused and told again comes late for no fault of the bridge's: its order doesn't count. */
export async function checkArrived(
  receiver: Child,
  places: number,
  each: number,
  refused: readonly (readonly [number, number])[] = [],
): Promise<Delivery> {
  return checked.parse(await receiver.ask('check', { places, each, refused }));
}

function endsOf({ slack, homeserver }: NullWorld, { way, messages: count, places }: Flow) {
  return way === 'slack_to_matrix'
    ? { sender: slack, receiver: homeserver, seen: 'sent', size: { count, channels: places } }
    : { sender: homeserver, receiver: slack, seen: 'posted', size: { count, rooms: places } };
}

/**
 * Resolves with when the last one came, in milliseconds since 1970. Of what is posted in Slack the bridge is told, too: that
 * belongs to a message's cost.
 */
async function untilAll(receiver: Child, seen: string, messages: number, look: () => void): Promise<number> {
  let [before, changed] = [-1, performance.now()];
  for (;;) {
    const { count, last, told = count } = arrived.parse(await receiver.ask(seen));
    look();
    const sum = count + told;
    if (sum >= 2 * messages || performance.now() - changed > patience) return last;
    if (sum !== before) [before, changed] = [sum, performance.now()];
    await sleep(50);
  }
}

async function startMeter(world: NullWorld, bridges: readonly RunningBridge[]) {
  const pids = bridges.map(({ process }) => process.pid());
  let memory = 0;
  const look = (): void => {
    memory = Math.max(memory, ...pids.map((pid) => memoryOf(pid)));
  };
  const read = async () => ({
    bridgeCpu: pids.reduce((sum, pid) => sum + cpuOf(pid), 0),
    postgresCpu: cpuWithChildren(world.postgres.postmasterPid),
    statements: await total(bridges, 'matrix_slack_bridge_database_statements'),
    transactions: await world.ask(
      'select xact_commit + xact_rollback from pg_stat_database where datname = current_database()',
    ),
  });
  const before = await read();
  return {
    look,
    async end() {
      look();
      const after = await read();
      return {
        bridgeCpu: after.bridgeCpu - before.bridgeCpu,
        postgresCpu: after.postgresCpu - before.postgresCpu,
        statements: after.statements - before.statements,
        transactions: after.transactions - before.transactions,
        memory,
      };
    },
  };
}

async function total(bridges: readonly RunningBridge[], name: string): Promise<number> {
  const values = await Promise.all(bridges.map((bridge) => bridge.metric(name)));
  return values.reduce((sum, value) => sum + value, 0);
}

/** What is to be reached, for one process. */
export interface FlowGoals {
  readonly throughput: number;
  readonly cpu: number;
  readonly statements: number;
}

export function flowFigures(name: string, result: FlowResult, goals?: FlowGoals): readonly Figure[] {
  const { messages } = result.flow;
  const named = (what: string): string => `${name}.${what}`;
  const atMost = (limit: number | undefined): Goal | null => (limit === undefined ? null : { atMost: limit });
  const perSecond = (milliseconds: number): number => (messages / milliseconds) * 1000;
  return [
    figure(
      named('throughput'),
      perSecond(result.milliseconds),
      'messages/s',
      goals ? { atLeast: goals.throughput } : null,
    ),
    figure(named('acknowledged'), perSecond(result.taking), 'messages/s'),
    figure(named('cpu.bridge'), result.bridgeCpu / messages, 'ms/message', atMost(goals?.cpu)),
    figure(named('cpu.postgres'), result.postgresCpu / messages, 'ms/message'),
    figure(
      named('statements'),
      result.statements / messages,
      'statements/message',
      atMost(goals?.statements),
    ),
    figure(named('transactions'), result.transactions / messages, 'statements/message'),
    figure(named('memory'), result.memory, 'MiB'),
    ...deliveryFigures(name, result.delivery),
  ];
}

export function isComplete({ delivery }: FlowResult): boolean {
  return delivery.lost === 0 && delivery.doubled === 0;
}
