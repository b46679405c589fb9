import type pg from 'pg';
import type { Row, StatementCount } from './db.ts';
import { z } from 'zod';
import { changeQueries } from './turn-changes.ts';
import { readTurnResult, turnQuery } from './turn-statement.ts';
import type { Turn, TurnResult } from './turn.ts';

/**
 * Commits a turn: one statement, or a transaction of few that are sent at once. Rejects with the error of the statement
 * that failed; then nothing of the turn was committed, unless the connection was lost: then nobody knows.
 */
export async function runTurn(client: pg.Client, turn: Turn, count: StatementCount): Promise<TurnResult> {
  const query = turnQuery(turn);
  const changes = changeQueries(turn);
  if (changes.length === 0) {
    count.statements += 1;
    const { rows } = await client.query<Row[]>(query);
    return readTurnResult(turn, rows);
  }
  count.statements += changes.length + 3;
  const begun = client.query('begin');
  const main = client.query<Row[]>(query);
  const others = changes.map((change) => client.query<Record<string, unknown>>(change));
  const committed = client.query('commit');
  const outcomes = await Promise.allSettled([begun, main, ...others, committed]);
  // The first failure is the cause: what follows it in the transaction is only refused because of it.
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const { rows } = await main;
  const more = moreRows.parse((await Promise.all(others)).flatMap((other) => other.rows));
  return withMore(readTurnResult(turn, rows), more);
}

const moreRows = z.array(z.object({ woken: z.string().nullable(), outdated: z.string().nullable() }));

function withMore(result: TurnResult, rows: z.infer<typeof moreRows>): TurnResult {
  return {
    ...result,
    woken: [...result.woken, ...rows.flatMap(({ woken }) => woken ?? [])],
    outdated: rows.flatMap(({ outdated }) => outdated ?? []),
  };
}
