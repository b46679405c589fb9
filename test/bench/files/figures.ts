import { figure } from '../../support/figure.ts';
import type { Figure } from '../../support/figure.ts';
import { median, percentile } from '../statistics.ts';
import type { Direction } from './carry.ts';

/** Milliseconds for a file of so many bytes: by way of the bridge, and by a bare client. */
export interface FileTimes {
  readonly size: number;
  readonly bridge: readonly number[];
  readonly bare: readonly number[];
}

export function speedFigures(direction: Direction, { size, bridge, bare }: FileTimes): readonly Figure[] {
  const name = `files.${direction}.speed`;
  const rate = (times: readonly number[]): number => size / 1e6 / (median(times) / 1000);
  return [
    figure(name, rate(bridge), 'MB/s'),
    figure(`${name}.bare`, rate(bare), 'MB/s'),
    figure(`${name}.ratio`, rate(bridge) / rate(bare), '×', { atLeast: 0.85 }),
  ];
}

/** By how much the bridge's memory grew at most while the largest file went through it, in MiB. */
export function growthFigure(direction: Direction, mebibytes: number): Figure {
  return figure(`files.${direction}.memory.growth`, mebibytes, 'MiB', { atMost: 64 });
}

/** The times of texts in another room: with nothing else to do, and while files move. */
export function textFigures(
  direction: Direction,
  times: { readonly quiet: readonly number[]; readonly busy: readonly number[] },
): readonly Figure[] {
  const name = `files.${direction}.text.p95`;
  const [quiet, busy] = [percentile(times.quiet, 95), percentile(times.busy, 95)];
  return [
    figure(`${name}.quiet`, quiet, 'ms'),
    figure(`${name}.busy`, busy, 'ms'),
    figure(`${name}.ratio`, busy / quiet, '×', { atMost: 1.5 }),
  ];
}
