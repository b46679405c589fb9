import { figure } from '../support/figure.ts';
import type { Figure } from '../support/figure.ts';
import type { Delivery } from './delivery.ts';
import { median, percentile } from './statistics.ts';

/** The times of single messages in milliseconds: by way of the bridge, and by a bare client. */
export interface Latencies {
  readonly bridge: readonly number[];
  readonly bare: readonly number[];
}

/** How many messages arrived in how much time. */
export interface Load {
  readonly messages: number;
  readonly milliseconds: number;
}

/** Processor time that was used while so many messages went by way of the bridge. */
export interface Work {
  readonly messages: number;
  readonly bridgeMilliseconds: number;
  readonly postgresMilliseconds: number;
}

/** What the bridge may add to a message's time, in milliseconds. */
const added = { median: 8, p95: 20 };

export function latencyFigures(direction: string, { bridge, bare }: Latencies): readonly Figure[] {
  const name = (what: string): string => `${direction}.latency.${what}`;
  const medians = { bridge: median(bridge), bare: median(bare) };
  const p95s = { bridge: percentile(bridge, 95), bare: percentile(bare, 95) };
  return [
    figure(name('median'), medians.bridge, 'ms'),
    figure(name('p95'), p95s.bridge, 'ms'),
    figure(name('bare.median'), medians.bare, 'ms'),
    figure(name('bare.p95'), p95s.bare, 'ms'),
    figure(name('ratio'), medians.bridge / medians.bare, '×'),
    figure(name('difference.median'), medians.bridge - medians.bare, 'ms', { atMost: added.median }),
    figure(name('difference.p95'), p95s.bridge - p95s.bare, 'ms', { atMost: added.p95 }),
  ];
}

export function throughputFigures(
  direction: string,
  loads: { readonly bridge: Load; readonly bare: Load },
): readonly Figure[] {
  const name = `${direction}.throughput`;
  const bridge = rate(loads.bridge);
  const bare = rate(loads.bare);
  return [
    figure(name, bridge, 'messages/s'),
    figure(`${name}.bare`, bare, 'messages/s'),
    figure(`${name}.ratio`, bridge / bare, '×', { atLeast: 0.9 }),
  ];
}

function rate({ messages, milliseconds }: Load): number {
  return (messages / milliseconds) * 1000;
}

export function cpuFigures(direction: string, work: Work): readonly Figure[] {
  const name = (who: string): string => `${direction}.cpu.${who}`;
  return [
    figure(name('bridge'), work.bridgeMilliseconds / work.messages, 'ms/message', { atMost: 2 }),
    figure(name('postgres'), work.postgresMilliseconds / work.messages, 'ms/message'),
  ];
}

export function deliveryFigures(direction: string, delivery: Delivery): readonly Figure[] {
  const { lost, doubled, outOfOrder } = delivery;
  return [
    figure(`${direction}.lost`, lost, 'messages', { atMost: 0 }),
    figure(`${direction}.doubled`, doubled, 'messages', { atMost: 0 }),
    figure(`${direction}.out_of_order`, outOfOrder, 'messages', { atMost: 0 }),
  ];
}

export function memoryFigures(memory: { readonly idle: number; readonly after: number }): readonly Figure[] {
  return [
    figure('memory.idle', memory.idle, 'MiB', { atMost: 150 }),
    figure('memory.after', memory.after, 'MiB'),
  ];
}
