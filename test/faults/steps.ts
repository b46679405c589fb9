import { figure } from '../support/figure.ts';
import type { Figure } from '../support/figure.ts';
import type { Result } from './results.ts';
import type { Scenario, Size } from './scenario.ts';

/** How many runs a form of a scenario is. */
export function stepsOf({ steps = 1 }: Pick<Scenario, 'steps'>, size: Size): number {
  return size === 'long' ? steps : 1;
}

/** The figures of a scenario, from those of its steps: sums, with the sums of their goals. */
export function together(results: readonly Pick<Result, 'figures'>[]): readonly Figure[] {
  const sums = new Map<string, Figure>();
  for (const { figures } of results)
    for (const each of figures) {
      const before = sums.get(each.name);
      sums.set(each.name, before ? sumOf(before, each) : each);
    }
  return [...sums.values()];
}

function sumOf(a: Figure, b: Figure): Figure {
  const goal = a.goal && b.goal && goalOf(a.goal, b.goal);
  return figure(a.name, a.value + b.value, a.unit, goal ?? undefined);
}

type Goal = NonNullable<Figure['goal']>;

function goalOf(a: Goal, b: Goal): Goal {
  if ('atMost' in a) return { atMost: a.atMost + ('atMost' in b ? b.atMost : 0) };
  return { atLeast: a.atLeast + ('atLeast' in b ? b.atLeast : 0) };
}
