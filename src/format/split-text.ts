/** Where a text may be cut. */
import type { SplitLimits } from './split-limits.ts';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** How far back from the last place that fits a space or a line's end is looked for. */
export const lookBack = 400;

/**
 * The length of the longest start of `value` that costs no more than `budget`, cut behind a line feed or a space if one
 * is near, else between two graphemes; 0 if not even one grapheme fits.
 */
export function cutLength(value: string, budget: number, limits: SplitLimits): number {
  const end = affordable(value, budget, limits);
  if (end === value.length || end === 0) return end;
  for (const sign of ['\n', ' ']) {
    const at = value.lastIndexOf(sign, end - 1);
    if (at >= 0 && at >= end - lookBack) return at + 1;
  }
  return graphemes.segment(value.slice(0, end + 100)).containing(end)?.index ?? end;
}

/** The length of what is affordable, in whole code points. */
export function affordable(value: string, budget: number, limits: SplitLimits): number {
  let left = budget;
  let length = 0;
  for (const char of value) {
    left -= limits.character(char);
    if (left < 0) return length;
    length += char.length;
  }
  return length;
}
