/** One measured value. The file of `--json` is an array of these. */
export interface Figure {
  /** As in `slack_to_matrix.latency.median`, `R1.lost`. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** What it should be; null: it is there to compare with. */
  readonly goal: Goal | null;
  /** Whether the goal is reached; true without one. */
  readonly ok: boolean;
}

export type Unit =
  | 'ms'
  | 's'
  | 'messages'
  | 'messages/s'
  | 'ms/message'
  | 'statements/message'
  | 'events'
  | 'inputs'
  | 'calls'
  | 'times'
  | 'processes'
  | 'words'
  | 'MB/s'
  | 'MiB'
  | '×';

/** Exactly one of the two. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** Rounds to three decimals, and says whether the goal is reached by the value as it is shown. What isn't a number reaches none. */
export function figure(name: string, value: number, unit: Unit, goal: Goal | null = null): Figure {
  const shown = Math.round(value * 1000) / 1000;
  return { name, value: shown, unit, goal, ok: goal === null || reached(shown, goal) };
}

function reached(value: number, goal: Goal): boolean {
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

const whole: ReadonlySet<Unit> = new Set([
  'messages',
  'events',
  'inputs',
  'calls',
  'times',
  'processes',
  'words',
]);

/** The figures as lines of a Markdown table, which a terminal shows well, too. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = [
    ['Figure', 'Value', 'Unit', 'Goal', ''],
    ...figures.map(({ name, value, unit, goal, ok }) => [
      name,
      value.toFixed(whole.has(unit) ? 0 : 2),
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
