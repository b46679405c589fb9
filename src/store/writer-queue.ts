import type { Change } from '../portal/ports.ts';
import type { Verdict, Work } from '../queue/ports.ts';
import { touches } from './turn.ts';
import type { IntakeRow } from './turn.ts';

/** An inbox row that waits for its turn. */
export interface WaitingRow {
  readonly row: IntakeRow;
  /** After the commit. `seq` is absent when it was known already, or nothing but its key is kept. */
  readonly stored: (seq: number | undefined) => void;
  readonly failed: (error: unknown) => void;
}

/** A piece of work that waits for its turn. */
export interface WaitingWork {
  readonly work: Work<Change>;
  readonly ended: (verdict: Verdict) => void;
  readonly failed: (error: unknown) => void;
}

/** Rows and pieces of work in one turn: larger turns are no faster, and the first in line waits longer. */
const most = 32;
/** Of sealed payloads in one turn, in bytes. */
const mostBytes = 4 * 1024 * 1024;

/** Takes rows for one turn from the front of the line. A fact stands in it once: the second one keeps its delivery key only. */
export function takeRows(line: WaitingRow[]): readonly WaitingRow[] {
  let bytes = 0;
  let count = 0;
  while (count < most && count < line.length) {
    bytes += line[count]?.row.sealed.length ?? 0;
    if (count > 0 && bytes > mostBytes) break;
    count += 1;
  }
  return withoutDoubles(line.splice(0, count));
}

function withoutDoubles(rows: readonly WaitingRow[]): readonly WaitingRow[] {
  const deliveries = new Set<string>();
  const facts = new Set<string>();
  return rows.map((waiting) => {
    const { delivery, fact, lane } = waiting.row;
    const known = deliveries.has(delivery) || (fact !== undefined && facts.has(fact));
    deliveries.add(delivery);
    if (fact !== undefined && lane !== undefined) facts.add(fact);
    return known ? { ...waiting, row: keyOnly(waiting.row) } : waiting;
  });
}

/** A row that only keeps its delivery's key. */
function keyOnly({ delivery, network, receivedAt }: IntakeRow): IntakeRow {
  const nothing = Buffer.alloc(0);
  return { delivery, network, receivedAt, srcTs: '', about: [], sealed: nothing, payload: nothing };
}

/** Takes work for one turn from the front of the line, up to the first that writes a row that is written already. */
export function takeWork(line: WaitingWork[]): readonly WaitingWork[] {
  const touched = new Set<string>();
  let count = 0;
  for (const { work } of line) {
    if (count === most) break;
    const rows = touches(work);
    if (rows.some((row) => touched.has(row))) break;
    for (const row of rows) touched.add(row);
    count += 1;
  }
  return line.splice(0, count);
}

/**
 * Parts of one piece of work that must be written one after the other: within a turn links are written before deletions,
 * and here a deleted message is linked again. Mostly one part.
 */
export function inOrder(work: Work<Change>): readonly Work<Change>[] {
  const deleted = new Set<string>();
  const cut = work.changes.findIndex((change) => {
    if (change.type === 'deleted') deleted.add(`${change.portal}:${change.ts}`);
    return change.type === 'link' && deleted.has(`${change.link.portal}:${change.link.ts}`);
  });
  if (cut === -1) return [work];
  const { lease, seq } = work;
  const rest = { ...work, changes: work.changes.slice(cut) };
  return [{ lease, seq, changes: work.changes.slice(0, cut) }, ...inOrder(rest)];
}
