import fc from 'fast-check';
import { specials } from './specials.ts';

/** One change of a text. Places and lengths are taken modulo the text's own length. */
export type TextChange =
  | { readonly op: 'remove' | 'turn' | 'cut'; readonly at: number; readonly length: number }
  | { readonly op: 'insert' | 'replace'; readonly at: number; readonly text: string }
  | { readonly op: 'repeat'; readonly at: number; readonly length: number; readonly times: number }
  | { readonly op: 'splice'; readonly at: number; readonly other: number; readonly from: number };

/** Longer than any limit of the bridge for a text, shorter than what makes a run slow. */
const longest = 70_000;

const at = fc.nat(5_000);
const length = fc.integer({ min: 1, max: 40 });

export const textChanges: fc.Arbitrary<TextChange> = fc.oneof(
  fc.record({ op: fc.constantFrom('remove', 'turn', 'cut'), at, length }),
  fc.record({
    op: fc.constantFrom('insert', 'replace'),
    at,
    text: fc.oneof(fc.constantFrom(...specials), fc.string({ unit: 'binary', maxLength: 4 })),
  }),
  fc.record({
    op: fc.constant('repeat' as const),
    at,
    length,
    times: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) },
      { weight: 1, arbitrary: fc.constantFrom(200, 2_000) },
    ),
  }),
  fc.record({ op: fc.constant('splice' as const), at, other: fc.nat(1_000), from: at }),
);

/** @param others texts that `splice` takes from. */
export function changeText(text: string, change: TextChange, others: readonly string[]): string {
  const at = change.at % (text.length + 1);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  switch (change.op) {
    case 'remove':
      return before + after.slice(change.length);
    case 'cut':
      return before;
    case 'turn':
      return (
        before + after.slice(0, change.length).split('').toReversed().join('') + after.slice(change.length)
      );
    case 'insert':
      return before + change.text + after;
    case 'replace':
      return before + change.text + after.slice(1);
    case 'repeat': {
      const part = after.slice(0, change.length);
      const times = Math.min(change.times, Math.floor((longest - text.length) / Math.max(part.length, 1)));
      return before + part.repeat(Math.max(times, 0)) + after;
    }
    case 'splice': {
      const other = others[change.other % Math.max(others.length, 1)] ?? '';
      return (before + other.slice(change.from % (other.length + 1))).slice(0, longest);
    }
  }
}
