import { figure } from '../support/figure.ts';
import type { Figure } from '../support/figure.ts';

/** What became of everything that people wrote, in both directions together. */
export interface Verdict {
  readonly sent: number;
  readonly lost: number;
  /** Standing there more than once. */
  readonly doubled: number;
  /** After a younger one of its channel and direction, and not late. */
  readonly outOfOrder: number;
  /** After a younger one because the network itself brought it later, or catch-up found it. */
  readonly late: number;
  /** Messages whose last form differs from the model's: text, name, thread, reactions, or that they are gone. */
  readonly stateDiffers: number;
}

export const nothing: Verdict = { sent: 0, lost: 0, doubled: 0, outOfOrder: 0, late: 0, stateDiffers: 0 };

export function sumOf(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce(
    (sum, each) => ({
      sent: sum.sent + each.sent,
      lost: sum.lost + each.lost,
      doubled: sum.doubled + each.doubled,
      outOfOrder: sum.outOfOrder + each.outOfOrder,
      late: sum.late + each.late,
      stateDiffers: sum.stateDiffers + each.stateDiffers,
    }),
    nothing,
  );
}

const none = { atMost: 0 };

/** The figures that most scenarios have. `sent` is wrong when it isn't `expected`: a run that writes nothing shows nothing. */
export function verdictFigures(id: string, verdict: Verdict, expected: number): readonly Figure[] {
  const { sent, lost, doubled, outOfOrder, late, stateDiffers } = verdict;
  return [
    figure(`${id}.sent`, sent, 'messages', { atLeast: expected }),
    figure(`${id}.lost`, lost, 'messages', none),
    figure(`${id}.doubled`, doubled, 'messages', none),
    figure(`${id}.out_of_order`, outOfOrder, 'messages', none),
    figure(`${id}.late`, late, 'messages'),
    figure(`${id}.state_differs`, stateDiffers, 'messages', none),
  ];
}
