import type { Delivery } from './delivery.ts';
import { median, percentile } from './statistics.ts';

/** One measured value. The file of `--json` is an array of these. */
export interface Figure {
  /** As in `slack_to_matrix.latency.median`. */
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'messages/s' | 'ms/message' | 'MiB' | 'messages' | '×';
  /** What it should be; null: it is there to compare with. */
  readonly goal: Goal | null;
  /** Whether the goal is reached; true without one. */
  readonly ok: boolean;
}

/** Exactly one of the two. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

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

/** Rounds to three decimals, and says whether the goal is reached by the value as it is shown. */
export function figure(name: string, value: number, unit: Figure['unit'], goal: Goal | null = null): Figure {
  const shown = Math.round(value * 1000) / 1000;
  return { name, value: shown, unit, goal, ok: goal === null || reached(shown, goal) };
}

function reached(value: number, goal: Goal): boolean {
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
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

/** The figures as lines of a Markdown table, which a terminal shows well, too. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = [
    ['Figure', 'Value', 'Unit', 'Goal', ''],
    ...figures.map(({ name, value, unit, goal, ok }) => [
      name,
      value.toFixed(unit === 'messages' ? 0 : 2),
      unit,
      goalText(goal),
      ok ? '' : 'not reached',
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 1 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

function goalText(goal: Goal | null): string {
  if (goal === null) return '';
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
}
