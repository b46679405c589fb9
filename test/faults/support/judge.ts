import { isDeepStrictEqual } from 'node:util';
import { arrivalOf } from '../../support/bridge/arrival.ts';
import type { Verdict } from '../verdict.ts';
import type { Model, Standing } from './model.ts';

/** A verdict, with what to look into. */
export interface Judgement extends Verdict {
  /** The ids of what is lost. */
  readonly missing: readonly string[];
  /** A line for each message that isn't as it should be. */
  readonly complaints: readonly string[];
}

/**
 * Compares what has to stand on the other side with what stands there, both in their order. What isn't the model's doesn't count.
 *
 * @param late ids of messages that came to the bridge after younger ones: they have no place in the order.
 */
export function judge(model: Model, standing: readonly Standing[], late: ReadonlySet<string>): Judgement {
  const complaints: string[] = [];
  const own = new Set(model.said);
  const found = standing.filter(({ id }) => own.has(id));
  const {
    lost: absent,
    doubled,
    outOfOrder,
  } = arrivalOf(
    model.said,
    found.map(({ id }) => id),
    late,
  );
  const lost = absent.filter((id) => model.standing.has(id));
  const differs = found.filter((one) => !isAsWanted(one, model.standing.get(one.id)));
  const complain = (what: string, ids: readonly string[]): void => {
    for (const id of ids) complaints.push(`${what}: ${id}`);
  };
  complain('lost', lost);
  complain('doubled', doubled);
  complain('out of order', outOfOrder);
  for (const one of differs)
    complaints.push(`differs: ${describe(one)}, not ${describe(model.standing.get(one.id))}`);
  return {
    sent: model.said.length,
    lost: lost.length,
    doubled: doubled.length,
    outOfOrder: outOfOrder.length,
    late: late.size,
    stateDiffers: new Set(differs.map(({ id }) => id)).size,
    missing: lost,
    complaints,
  };
}

/** Where a root was deleted before its replies came, there is nothing that they could stand under. */
function isAsWanted(one: Standing, wanted: Standing | undefined): boolean {
  return isDeepStrictEqual(wanted?.thread === '?' ? { ...one, thread: one.thread ?? '?' } : one, wanted);
}

function describe(one: Standing | undefined): string {
  if (!one) return 'gone';
  const { text, author, thread, reactions } = one;
  return `"${text}" by ${author}${thread === undefined ? '' : ` in ${thread}`} ${JSON.stringify(reactions)}`;
}

/** Says what is wrong, some of each kind. */
export function sayComplaints({ complaints }: Judgement, say: (line: string) => void): void {
  const kinds = Map.groupBy(complaints, (complaint) => complaint.split(':')[0]);
  for (const of of kinds.values()) {
    for (const complaint of of.slice(0, mostOfKind)) say(complaint);
    if (of.length > mostOfKind) say(`… and ${of.length - mostOfKind} more`);
  }
}

const mostOfKind = 8;
